"""A worker that dies at any statement, or whose database does, leaves a file that another one finishes as if nothing
had happened: no client lost, none added twice, the same report."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, connection

from portefeuille.cli.jobs import IDLE_SECONDS
from portefeuille.imports import working
from portefeuille.imports.models import Import
from tests.cast import Cast
from tests.imports.journey import work_to_the_end
from tests.imports.rounds import Rounds, in_a_process, let_the_lease_run_out
from tests.throttling.together import Crew

#: More than any run of ours sends: to know that the last statement was reached.
_MANY = 500


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
