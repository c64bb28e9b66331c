"""Budgets under fire: exact to the attempt, whoever comes at once, and whatever dies meanwhile."""

import random
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from portefeuille.throttling import budgets
from portefeuille.throttling.budgets import Attempt, Windows
from portefeuille.throttling.models import Budget
from tests.throttling.together import Crew, start

DAY = 86400
LIMIT = 5
WINDOWS: Windows = [(LIMIT, DAY), (8, 30 * DAY)]
CROWD = 32


@pytest.fixture
def crew(transactional_db: None) -> Iterator[Crew]:
    with Crew(CROWD) as crew:
        yield crew


def go(*keys: bytes, failed: bool, windows: Windows = WINDOWS) -> Attempt:
    with transaction.atomic():
        return budgets.attempt({str(n): (key, windows) for n, key in enumerate(keys)}, failed=failed)


def shift(seconds: int) -> None:
    """Let time pass: every failure is that much older."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE throttling_budget"
            " SET failures = ARRAY(SELECT at - make_interval(secs => %s) FROM unnest(failures) at)",
            [seconds],
        )


@pytest.mark.slow
def test_of_many_failures_at_once_exactly_the_limit_is_admitted_every_round(crew: Crew) -> None:
    for turn in range(40):
        key = budgets.key_of("race", turn)
        results = crew.together([lambda key=key: go(key, failed=True)] * CROWD)
        admitted = [result for result in results if result.admitted]
        assert len(admitted) == LIMIT, results
        # Each admitted failure took a place of its own.
        assert sorted(result.remaining["0"] for result in admitted) == list(range(LIMIT))
        assert len(Budget.objects.get(key=key).failures) == LIMIT


def test_a_success_is_admitted_only_before_the_last_failure(crew: Crew) -> None:
    """Each success notes how many failures were committed when it was judged, in its own transaction."""
    judged = 0
    for turn in range(20):
        key = budgets.key_of("mixed", turn)

        def succeed(key: bytes = key) -> tuple[Attempt, int]:
            with transaction.atomic():
                attempt = budgets.attempt({"0": (key, WINDOWS)}, failed=False)
                # The shared lock is held until the end: no failure can have come between.
                found = Budget.objects.filter(key=key).values_list("failures", flat=True).first()
                return attempt, len(found or ())

        def fail(key: bytes = key) -> Attempt:
            return go(key, failed=True)

        jobs = [fail] * (CROWD // 2) + [succeed] * (CROWD // 2)
        random.Random(turn).shuffle(jobs)
        results = crew.together(jobs)
        failures = [result for result in results if isinstance(result, Attempt)]
        assert sum(result.admitted for result in failures) == LIMIT
        for attempt, before in (result for result in results if isinstance(result, tuple)):
            assert attempt.admitted == (before < LIMIT)
            assert attempt.remaining["0"] == LIMIT - before
            judged += 1
        assert not go(key, failed=False).admitted
    assert judged == 20 * (CROWD // 2)


def test_keys_in_any_order_never_wait_in_a_ring(crew: Crew) -> None:
    keys = [budgets.key_of("ring", n) for n in range(6)]
    generous: Windows = [(10_000, DAY)]
    dice = random.Random(7)

    def some() -> list[bytes]:
        return dice.sample(keys, dice.randint(2, len(keys)))

    tried = 0
    for turn in range(12):
        orders = [some() for _ in range(CROWD)]
        results = crew.together(
            [
                lambda order=order, failed=bool((n + turn) % 3): go(*order, failed=failed, windows=generous)
                for n, order in enumerate(orders)
            ]
        )
        assert all(isinstance(result, Attempt) and result.admitted for result in results), results
        tried += sum(len(order) for n, order in enumerate(orders) if (n + turn) % 3)
    assert sum(len(row.failures) for row in Budget.objects.order_by("key")) == tried


def test_where_one_budget_is_spent_nothing_is_counted_in_the_others(db: None) -> None:
    spent, fresh = budgets.key_of("spent"), budgets.key_of("fresh")
    for _ in range(LIMIT):
        go(spent, failed=True)
    assert go(fresh, spent, failed=True) == Attempt(admitted=False, remaining={"0": LIMIT, "1": 0})
    assert not Budget.objects.filter(key=fresh).exists()


def test_the_long_window_outlasts_the_short_one(db: None) -> None:
    key = budgets.key_of("long")
    for _ in range(LIMIT):
        assert go(key, failed=True).admitted
    shift(DAY + 1)
    assert [go(key, failed=True).admitted for _ in range(4)] == [True, True, True, False]
    shift(29 * DAY)
    assert go(key, failed=True).admitted
    assert not go(key, failed=False, windows=[(1, DAY)]).admitted


def test_what_is_read_without_an_attempt_is_what_the_next_attempt_meets(db: None) -> None:
    keys = {"a": (budgets.key_of("a"), WINDOWS), "b": (budgets.key_of("b"), [(2, 60)])}
    assert budgets.remaining(keys) == {"a": LIMIT, "b": 2}
    go(keys["a"][0], failed=True)
    with transaction.atomic():
        budgets.attempt(keys, failed=True)
    assert budgets.remaining(keys) == {"a": LIMIT - 2, "b": 1}
    budgets.forget(keys["a"][0])
    assert budgets.remaining(keys) == {"a": LIMIT, "b": 1}


@pytest.mark.django_db(transaction=True)
def test_an_attempt_outside_a_transaction_is_refused() -> None:
    with pytest.raises(TransactionManagementError):
        budgets.attempt({"0": (budgets.key_of("loose"), WINDOWS)}, failed=True)
    assert not Budget.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_attempt_that_is_undone_counts_nothing() -> None:
    key = budgets.key_of("undone")
    with transaction.atomic():
        assert budgets.attempt({"0": (key, WINDOWS)}, failed=True).admitted
        transaction.set_rollback(True)
    assert not Budget.objects.exists()


def test_the_parts_of_a_key_do_not_run_into_each_other() -> None:
    keys = [("pair", 1, 23), ("pair", 12, 3), ("pair", 123), ("pai", "r", 1, 23), ("member", 1, 23)]
    assert len({budgets.key_of(*key) for key in keys}) == len(keys)


_SPEND = """
from django.db import transaction
from portefeuille.throttling import budgets
for line in iter(input, ""):
    with transaction.atomic():
        admitted = budgets.attempt({"0": (bytes.fromhex(line), [(1000, 86400)])}, failed=True).admitted
    print(int(admitted), flush=True)
"""
_SPEND_AND_HANG = """
from django.db import transaction
from portefeuille.throttling import budgets
with transaction.atomic():
    budgets.attempt({"0": (bytes.fromhex(input()), [(1000, 86400)])}, failed=True)
    print("counted", flush=True)
    input()
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_process_leaves_what_it_committed_and_nothing_else() -> None:
    key = budgets.key_of("killed")
    committed = 0
    for tries in (1, 3):
        with start(_SPEND) as process:
            assert process.stdin
            assert process.stdout
            for _ in range(tries):
                process.stdin.write(key.hex() + "\n")
                process.stdin.flush()
                assert process.stdout.readline() == "1\n"
                committed += 1
            process.kill()
        assert len(Budget.objects.get(key=key).failures) == committed
    with start(_SPEND_AND_HANG) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(key.hex() + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "counted\n"
        process.kill()
    # The lock went with its transaction: the next attempt neither waits nor sees the uncommitted failure.
    assert go(key, failed=True, windows=[(1000, DAY)]).remaining["0"] == 1000 - committed - 1
