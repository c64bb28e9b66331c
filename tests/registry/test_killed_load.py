"""A load that is killed leaves nothing behind that keeps the next one out."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.db import connection, connections

from portefeuille.registry.feeds import judging, load, staging
from portefeuille.registry.feeds.loading import LOADING
from portefeuille.registry.feeds.reading import Table
from portefeuille.registry.models import Account
from tests.registry.files import load_quietly, right_files, write


def forever(*_whatever: Any) -> Any:
    while True:
        time.sleep(1)


def loads_for_ever(folder: Path) -> int:
    """A process whose processes judge the first lines and never come to an end."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        judging.BLOCK, judging.ALONE = 1, 1
        os.sched_getaffinity = lambda _pid: {0, 1}  # type: ignore[assignment]
        Table.rows = forever  # type: ignore[method-assign]
        load_quietly(folder)
        os._exit(1)
    return pid


def is_loading() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32) + objid::bigint = %s",
            [LOADING],
        )
        return bool(cursor.fetchone()[0])


def within(seconds: float, seen: Any) -> bool:
    until = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_processes_of_a_killed_load_end_with_it_and_the_next_one_loads(tmp_path: Path) -> None:
    folder = write(tmp_path / "feed", right_files())
    pid = loads_for_ever(folder)
    judges: list[psutil.Process] = []
    try:
        assert within(60, lambda: is_loading() and len(psutil.Process(pid).children()) == 1 + 1)
        judges = psutil.Process(pid).children()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert within(30, lambda: not is_loading())
        assert not any(judge.is_running() and judge.status() != psutil.STATUS_ZOMBIE for judge in judges)
    finally:
        for judge in judges:
            if judge.is_running():
                judge.kill()
    report = load_quietly(folder)
    assert [file.refusal for file in report.files if file.refusal] == []
    assert Account.objects.count() == len(right_files()["comptes"])


@pytest.mark.django_db(transaction=True)
def test_a_load_that_loses_its_database_says_so_and_leaves_the_register_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "feed", right_files())
    monkeypatch.setattr(staging, "TELL_EVERY", 1)
    lines: list[str] = []

    def cut_in_the_accounts(line: str) -> None:
        lines.append(line)
        if line.startswith("comptes.csv") and sum(told.startswith("comptes.csv") for told in lines) == 1:
            pid = connection.connection.info.backend_pid
            with psycopg.connect(**connection.get_connection_params()) as other:  # type: ignore[arg-type]
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with pytest.raises(psycopg.OperationalError):  # as the command line tells it in a line
        load(folder, cut_in_the_accounts, rejects=tmp_path)
    connection.close()
    assert not is_loading()
    assert not Account.objects.exists()
    assert load_quietly(folder).is_clean
    assert Account.objects.count() == len(right_files()["comptes"])
