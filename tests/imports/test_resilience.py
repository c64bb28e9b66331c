"""A worker that dies at any statement, or whose database does, leaves a file that another one finishes as if nothing
had happened: no client lost, none added twice, the same report."""

import multiprocessing
import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, connection, connections, transaction

from portefeuille.audit.models import Event
from portefeuille.cli.serving import IDLE_SECONDS
from portefeuille.enrolments.models import Enrolment, Submission
from portefeuille.imports import sealed, working
from portefeuille.imports.models import BLOCK_ROWS, Block, Import
from portefeuille.outbox.models import Message
from portefeuille.throttling.models import Budget
from tests.cast import CLIENTS, EMPLOYER, INDEPENDENT, MANAGER, REGULATED, Cast
from tests.imports.journey import check, kept, results, row, start, work_to_the_end
from tests.throttling.together import Crew

#: More than any run of ours sends: to know that the last statement was reached.
_MANY = 500


def file_of(cast: Cast) -> Import:
    """Two blocks, with a refusal in each, a client that comes twice and lines that say nothing."""
    lines = [row(client) for client in CLIENTS[:3]] + [row(REGULATED, amount="1,07"), row(EMPLOYER)]
    lines += [["", "", "", "", "x"]] * (BLOCK_ROWS - len(lines))
    of = kept(cast, lines)
    of.blocks, of.rows = 2, BLOCK_ROWS + 2
    of.save()
    more = [(BLOCK_ROWS + 2, row(MANAGER)), (BLOCK_ROWS + 3, row(INDEPENDENT, siren="552081317"))]
    Block.objects.create(of=of, number=1, cells=sealed.seal_rows(more))
    return of


class Rounds:
    """The file before its run, as often as wanted, and what became of it."""

    def __init__(self, cast: Cast) -> None:
        self.of = check(cast, file_of(cast))
        start(cast, self.of)
        self._import = Import.objects.filter(pk=self.of.pk).values().get()
        self._blocks = list(Block.objects.filter(of=self.of).order_by("number").values())

    def begin(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "TRUNCATE enrolments_enrolment, enrolments_submission, enrolments_establishmentchoice,"
                " enrolments_tally, enrolments_decision, enrolments_onlyfor, outbox_message, throttling_budget,"
                " audit_event, audit_chain, enrolments_bulkrow"
            )
        Import.objects.filter(pk=self.of.pk).update(**self._import)
        for block in self._blocks:
            Block.objects.filter(pk=block["id"]).update(**block)

    def found(self) -> tuple[Any, ...]:
        """All that is left, without what is drawn by lot or by the clock."""
        of = Import.objects.get(pk=self.of.pk)
        return (
            (of.state, of.ending, of.cursor, of.address),
            results(of),
            sorted(Enrolment.objects.values_list("siren", "account_number", "regime", "state")),
            sorted(Submission.objects.values_list("key", flat=True)),
            sorted(Event.objects.values_list("seq", "verb")),
            sorted(Message.objects.values_list("recipient", "subject")),
            sorted((bytes(row.key), len(row.failures)) for row in Budget.objects.order_by("pk")),
        )


@contextmanager
def at_statement(number: int, act: Callable[[], None], *, after: bool) -> Iterator[list[int]]:
    """Do ``act`` before, or after, the statement of this number that the connection sends."""
    sent = [0]

    def count(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        sent[0] += 1
        mine = sent[0] == number
        if mine and not after:
            act()
        answer = execute(sql, values, many, context)
        if mine and after:
            act()
        return answer

    with connection.execute_wrapper(count):
        yield sent


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_a_process(act: Callable[[], None]) -> int:
    """What a worker's process ended with. It is forked, without a connection to inherit."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=act)
    process.start()
    process.join(60)
    return process.exitcode or 0


def let_the_lease_run_out() -> None:
    Import.objects.update(leased_until="2020-01-01T00:00:00Z")


@pytest.fixture
def rounds(committed_cast: Cast) -> Rounds:
    return Rounds(committed_cast)


@pytest.fixture
def expected(rounds: Rounds) -> tuple[Any, ...]:
    """The undisturbed run."""
    rounds.begin()
    work_to_the_end()
    found = rounds.found()
    assert [told for told, _ in found[1] if told == "ajouté"] == ["ajouté"] * 4
    assert ("refusé" in {told for told, _ in found[1]}) is True
    return found


def statements_of_a_run(rounds: Rounds) -> int:
    rounds.begin()
    with at_statement(0, die, after=False) as sent:
        work_to_the_end()
    return sent[0]


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_every_statement(rounds: Rounds, expected: tuple[Any, ...], after: bool) -> None:
    number = statements_of_a_run(rounds)
    assert 20 < number < _MANY
    for place in range(1, number + 1):
        rounds.begin()

        def worker(place: int = place) -> None:
            with at_statement(place, die, after=after):
                work_to_the_end()

        assert in_a_process(worker) == -signal.SIGKILL, place
        let_the_lease_run_out()
        work_to_the_end()
        assert rounds.found() == expected, place


@pytest.mark.slow
def test_killed_again_and_again(rounds: Rounds, expected: tuple[Any, ...]) -> None:
    """Each worker dies, at a random statement, until one is let finish."""
    chance = random.Random(5)
    for _ in range(10):
        rounds.begin()
        for _ in range(4):
            place = chance.randint(1, 40)

            def worker(place: int = place) -> None:
                with at_statement(place, die, after=chance.random() < 0.5):
                    work_to_the_end()

            in_a_process(worker)
            let_the_lease_run_out()
        work_to_the_end()
        assert rounds.found() == expected


@pytest.mark.slow
def test_the_database_ends_the_connection_at_every_statement(rounds: Rounds, expected: tuple[Any, ...]) -> None:
    for place in range(1, statements_of_a_run(rounds) + 1):
        rounds.begin()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone() or (0,)

        def end_it(pid: int = pid) -> None:
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            other.close()

        with at_statement(place, end_it, after=False), pytest.raises((DatabaseError, InterfaceError)):
            work_to_the_end()
        connection.close()
        let_the_lease_run_out()
        work_to_the_end()
        assert rounds.found() == expected, place


def test_two_workers_do_each_block_once(rounds: Rounds, expected: tuple[Any, ...]) -> None:
    with Crew(4) as crew:
        for _ in range(5):
            rounds.begin()
            crew.together([work_to_the_end] * 4)
            work_to_the_end()
            assert rounds.found() == expected


def test_a_worker_that_was_only_slow_does_nothing_more(rounds: Rounds, expected: tuple[Any, ...]) -> None:
    rounds.begin()
    held = working._take()
    assert held is not None
    assert working._take() is None  # nobody else before the lease has run out
    let_the_lease_run_out()
    work_to_the_end()
    assert not Import.objects.filter(pk=held.pk, lease=held.lease).exists()
    assert rounds.found() == expected


def test_a_dead_worker_s_file_is_taken_over_within_twenty_seconds() -> None:
    assert working.LEASE.total_seconds() + working.PASS_SECONDS + IDLE_SECONDS < 20
