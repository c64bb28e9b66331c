"""What dies at any instant, drawn by the clock: the worker, PostgreSQL, the loading of a register, the disk's room.

After each death the work is taken up again, and what is there must be what an undisturbed run leaves: nothing lost,
nothing doubled, the same report.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, connections

from portefeuille.enrolments.following import follow_new
from portefeuille.imports import sealed
from portefeuille.imports.models import BLOCK_ROWS, Block, Import
from portefeuille.private_postgres.cluster import Cluster
from portefeuille.registry.feeds import load
from portefeuille.registry.generate import generate
from tests.attack import takeovers
from tests.cast import CLIENTS, EMPLOYER, Cast
from tests.imports.journey import kept, row, work_to_the_end
from tests.imports.rounds import Rounds, let_the_lease_run_out

Say = Callable[[str], Any]
AMOUNT, WRONG = "48.16", "48.17"


def long_file(cast: Cast, blocks: int) -> Import:
    """Blocks of clients that can be proved, with refusals, doubles and lines that say nothing among them."""
    takeovers.fill(blocks * BLOCK_ROWS, cycle([AMOUNT]))
    first = [row(client) for client in CLIENTS[:3]] + [row(EMPLOYER), ["", "", "", "", "x"]]
    of = kept(cast, first + [_line(n) for n in range(len(first), BLOCK_ROWS)])
    for block in range(1, blocks):
        lines = [(n + 2, _line(n)) for n in range(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS)]
        Block.objects.create(of=of, number=block, cells=sealed.seal_rows(lines))
    of.blocks, of.rows = blocks, blocks * BLOCK_ROWS
    of.save()
    return of


def _line(n: int) -> list[str]:
    return ["", takeovers.number_of(n), WRONG if n % (BLOCK_ROWS + 7) == 50 else AMOUNT, "", ""]


class Deaths:
    """Rounds of one file, each disturbed once, all compared with the undisturbed one."""

    def __init__(self, cluster: Cluster, cast: Cast, *, blocks: int, seed: int) -> None:
        self.cluster = cluster
        self.rounds = Rounds(cast, long_file(cast, blocks))
        self.chance = random.Random(seed)
        self.rounds.begin()
        begin = time.monotonic()
        assert _child(work_to_the_end).wait() == 0
        self.seconds = time.monotonic() - begin
        self.expected = self.rounds.found()
        told = {said for said, _ in self.expected[1]}
        assert {"ajouté", "refusé"} <= told, told
        assert len([said for said, _ in self.expected[1] if said == "ajouté"]) > BLOCK_ROWS * (blocks - 1)

    def _instant(self) -> None:
        time.sleep(self.chance.uniform(0, self.seconds))

    def _taken_up(self) -> None:
        """Another worker does the rest; the whole is as if nothing had happened."""
        let_the_lease_run_out()
        work_to_the_end()
        assert self.rounds.found() == self.expected

    def worker(self) -> int:
        """kill -9 of the worker. The block that it had come to."""
        self.rounds.begin()
        child = _child(work_to_the_end)
        self._instant()
        child.kill()
        child.wait()
        reached = Import.objects.values_list("cursor", flat=True).get(pk=self.rounds.of.pk)
        self._taken_up()
        return reached

    def postgres(self) -> bool:
        """kill -9 of PostgreSQL under the worker. Whether the worker noticed before it was done."""
        self.rounds.begin()
        child = _child(work_to_the_end)
        self._instant()
        connections.close_all()
        os.kill(_postmaster(self.cluster), signal.SIGKILL)
        met = child.wait() != 0
        while not self.cluster.revive():  # a killed process is there a moment longer
            time.sleep(0.05)
        self._taken_up()
        return met

    def disk(self, volume: Path) -> bool:
        """No room is left on the volume of PostgreSQL while the worker runs. Whether the worker noticed."""
        self.rounds.begin()
        ballast = volume / "ballast"
        room = os.statvfs(volume)
        left = self.chance.randrange(0, 1536) * 1024
        child = _child(work_to_the_end)
        self._instant()
        with suppress(OSError), ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, room.f_bavail * room.f_frsize - left))
        met = child.wait() != 0
        connections.close_all()
        ballast.unlink(missing_ok=True)
        self.cluster.revive()  # where the log itself found no room, PostgreSQL has ended
        self._taken_up()
        return met

    def takeover(self) -> float:
        """Seconds from the death of a real worker to the next block, done by another that was idle."""
        before = dict(os.environ)
        idle = subprocess.Popen(_WORKER, env=before, stderr=subprocess.DEVNULL)
        try:
            time.sleep(4)  # it has started, and has nothing to do
            idle.send_signal(signal.SIGSTOP)
            self.rounds.begin()
            doomed = subprocess.Popen(_WORKER, env=before, stderr=subprocess.DEVNULL)
            while not self._held_after_a_block():
                time.sleep(0.002)
            doomed.kill()
            doomed.wait()
            begin = time.monotonic()
            idle.send_signal(signal.SIGCONT)
            reached = self._cursor()
            while self._cursor() == reached:
                time.sleep(0.05)
            taken = time.monotonic() - begin
            while Import.objects.filter(pk=self.rounds.of.pk, state=Import.State.RUNNING).exists():
                time.sleep(0.05)
        finally:
            idle.kill()
            idle.wait()
        assert self.rounds.found()[:4] == self.expected[:4]
        return taken

    def _held_after_a_block(self) -> bool:
        """Worked on, and let go by nobody: the next one has to wait for the end of the lease."""
        held = Import.objects.filter(pk=self.rounds.of.pk, cursor__gt=0, leased_until__isnull=False)
        return held.exclude(state=Import.State.DONE).exists()

    def _cursor(self) -> int:
        return Import.objects.values_list("cursor", flat=True).get(pk=self.rounds.of.pk)


_WORKER = [sys.executable, "-m", "portefeuille.cli", "worker"]


class _Child:
    """A forked process that does one thing; it ends with 1 where the database fails it."""

    def __init__(self, act: Callable[[], Any]) -> None:
        connections.close_all()
        self.pid = os.fork()
        if self.pid == 0:
            code = 2
            try:
                act()
                code = 0
            except (DatabaseError, InterfaceError):
                code = 1
            finally:
                os._exit(code)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert code != 2, "the worker failed for a reason of its own"
        return code


_child = _Child


def _postmaster(cluster: Cluster) -> int:
    return int((cluster.log().parent / "data" / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])


# --- a load of the register -----------------------------------------------------------------------------------------

_REGISTER = {
    "registry_company": "SELECT * FROM registry_company ORDER BY siren",
    "registry_establishment": "SELECT * FROM registry_establishment ORDER BY siret",
    "registry_account": "SELECT to_jsonb(a) - 'id' FROM registry_account a ORDER BY number",
    "registry_prooffact": "SELECT a.number, to_jsonb(f) - 'id' - 'account_id' FROM registry_prooffact f"
    " JOIN registry_account a ON a.id = f.account_id ORDER BY a.number, f.kind, f.due_date",
    "registry_flatrateamount": "SELECT amount, label FROM registry_flatrateamount ORDER BY amount",
}


class Loads:
    """Loading a register into an empty database, killed once, then loaded again whole."""

    def __init__(self, folder: Path, *, accounts: int, seed: int) -> None:
        self.feed = folder / "feed"
        generate(accounts=accounts, seed=seed, out=self.feed)
        self.chance = random.Random(seed)
        self._empty()
        begin = time.monotonic()
        assert _child(self._load).wait() == 0
        self.seconds = time.monotonic() - begin
        self.expected = _register()
        assert len(self.expected["registry_account"]) == accounts

    def _load(self) -> None:
        load(self.feed, lambda _text: None, rejects=self.feed, follow=follow_new)

    @staticmethod
    def _empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(_REGISTER)} RESTART IDENTITY CASCADE")

    def killed(self) -> int:
        """kill -9 of the load. How many of the files had been loaded."""
        self._empty()
        child = _child(self._load)
        time.sleep(self.chance.uniform(0, self.seconds))
        child.kill()
        child.wait()
        found = _register()
        # A file is there whole, or not at all.
        assert all(rows in ([], self.expected[table]) for table, rows in found.items())
        while True:  # PostgreSQL notices a moment later that nobody listens: until then, somebody loads
            report = load(self.feed, lambda _text: None, rejects=self.feed, follow=follow_new)
            if not any(file.refusal for file in report.files):
                break
            time.sleep(0.05)
        assert _register() == self.expected
        return sum(rows != [] for rows in found.values())


def _register() -> dict[str, list[Any]]:
    with connection.cursor() as cursor:
        found = {}
        for table, sql in _REGISTER.items():
            cursor.execute(sql)
            found[table] = cursor.fetchall()
        return found
