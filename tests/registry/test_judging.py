"""Lines judged by several processes: the same rows, the same refusals in the same order, and no register by halves."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from portefeuille.registry import digests
from portefeuille.registry.feeds import judging
from portefeuille.registry.models import Account, Company, ProofFact
from tests.registry.files import Rows, load_quietly, refusals, write

pytestmark = pytest.mark.django_db

MANY = 400


@pytest.fixture
def long_files(files: dict[str, Rows]) -> dict[str, Rows]:
    """Many lines of accounts, three of them wrong, with all that COPY could misread."""
    first = files["comptes"][2]
    files["comptes"] += [
        first | {"numero_compte": f"11700000{number:07d}", "titulaire": rf"A\B\N\.\t {number} «œ»", "date_etat": ""}
        for number in range(MANY)
    ]
    files["comptes"][50] |= {"etat": "autre"}
    files["comptes"][200] |= {"titulaire": ""}
    files["comptes"][390] |= {"organisme": "1"}
    files["entreprises"][0]["denomination"] = r"\N"
    return files


def held() -> list[Any]:
    return [
        list(Company.objects.order_by("siren").values_list("siren", "name", "created_on")),
        list(Account.objects.order_by("number").values_list("number", "holder", "state", "state_since", "siren")),
        sorted((row[0], str(row[1]), bytes(row[2])) for row in ProofFact.objects.values_list(
            "account__number", "due_date", "digest"))
    ]  # fmt: skip


def test_many_processes_load_what_one_does(
    long_files: dict[str, Rows], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = load_quietly(write(tmp_path / "one", long_files))
    alone, told = held(), refusals(one)
    ProofFact.objects.all().delete()
    Account.objects.all().delete()
    Company.objects.all().delete()
    monkeypatch.setattr(judging, "BLOCK", 3)
    monkeypatch.setattr(judging, "ALONE", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2})
    used: list[int] = []
    by_many = judging._by_many
    monkeypatch.setattr(judging, "_by_many", lambda *how: used.append(how[-1]) or by_many(*how))
    several = load_quietly(write(tmp_path / "several", long_files))
    assert used == [3] * 5
    assert held() == alone
    assert refusals(several) == told
    assert [(file.name, file.lines, file.refused) for file in several.files] == [
        (file.name, file.lines, file.refused) for file in one.files
    ]
    assert len(told) == 3
    assert Company.objects.get().name == r"\N"


def test_a_process_that_dies_loads_nothing(
    long_files: dict[str, Rows], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "BLOCK", 3)
    monkeypatch.setattr(judging, "ALONE", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    ours = os.getpid()

    def dies(**_fact: Any) -> bytes:
        if os.getpid() == ours:
            raise AssertionError("judged by the process that reads")
        os._exit(9)

    monkeypatch.setattr(digests, "digest", dies)
    with pytest.raises(BrokenProcessPool):
        load_quietly(write(tmp_path / "feed", long_files))
    assert not ProofFact.objects.exists()
    assert Account.objects.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nobody_outlives_the_reader(number: signal.Signals) -> None:
    """A process of ours that read and was killed leaves none behind, which would keep its transaction open."""
    program = (
        "import os, time, concurrent.futures as f, multiprocessing as m\n"
        "from portefeuille.registry.feeds.judging import _leave_with\n"
        "pool = f.ProcessPoolExecutor(1, m.get_context('fork'), _leave_with, (os.getpid(),))\n"
        "print(pool.submit(os.getpid).result(), flush=True)\n"
        "time.sleep(60)\n"
    )
    setup = "import django; django.setup()\n"
    with subprocess.Popen([sys.executable, "-c", setup + program], stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        judge = int(reader.stdout.readline())
        assert Path(f"/proc/{judge}").exists()
        reader.send_signal(number)
        reader.wait(10)
    for _ in range(100):
        if not Path(f"/proc/{judge}").exists():
            return
        time.sleep(0.1)
    os.kill(judge, signal.SIGKILL)
    pytest.fail("it lives on")
