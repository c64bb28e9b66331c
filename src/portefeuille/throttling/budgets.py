"""Attempt budgets that cannot be overrun (R4): one SQL statement locks, counts and writes.

A budget is a key (what is counted) with windows (how many failures in how many seconds). Successes write nothing but
pass the same lock, so that of a thousand attempts sent at once only the first few are judged, in one order.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.transaction import TransactionManagementError

from portefeuille.arrays import array

Windows = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of an attempt: ``admitted`` tells whether its verdict may be used.

    ``remaining`` tells, for each name that was asked, how many failures it still allows after this attempt.
    """

    admitted: bool
    remaining: Mapping[str, int]


def key_of(name: str, *parts: object) -> bytes:
    """The row key of a budget: a digest, so that the table tells nothing about whom it counts."""
    return hashlib.sha256("\x1f".join(["budget", name, *map(str, parts)]).encode()).digest()


def attempt(budgets: Mapping[str, tuple[bytes, Windows]], *, failed: bool, told: Collection[str] = ()) -> Attempt:
    """Pass an attempt whose verdict is known but not yet used through its budgets, by name.

    Where one budget has no failure left, the attempt is not admitted and nothing is counted; else a failure is counted
    in all. ``told`` names the budgets whose remainder the caller will tell: where only others are spent, these count
    the attempt as a failure all the same, so that what is told does not betray why it was refused.

    Holds until the transaction ends, which is why it must run in one. Times are the database's.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("an attempt is counted in the transaction that answers it")
    names = list(budgets)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT admitted, remaining FROM budget_attempt(%s::bytea[], %s::jsonb, %s::boolean[], %s)",
            [
                array(budgets[name][0] for name in names),
                json.dumps([budgets[name][1] for name in names]),
                array(name in told for name in names),
                failed,
            ],
        )
        admitted, remaining = cursor.fetchone() or (False, [])
    if remaining is None:  # nobody failed yet
        remaining = _all_of(budgets)
    return Attempt(admitted=admitted, remaining=dict(zip(names, remaining, strict=True)))


def attempt_many(
    attempts: Sequence[Mapping[str, tuple[bytes, Windows]]],
    *,
    failed: Sequence[bool],
    told: Collection[str] = (),
    ends: Collection[str] = (),
) -> list[Attempt | None]:
    """What ``attempt`` would answer to each, one after the other, in one statement.

    ``ends`` names budgets that end everything: from the attempt on that finds one of them spent, nothing is tried, and
    the answer is None. A name has the same windows in every attempt.
    """
    if len(attempts) == 1 and not ends:
        return [attempt(attempts[0], failed=failed[0], told=told)]
    if not connection.in_atomic_block:
        raise TransactionManagementError("an attempt is counted in the transaction that answers it")
    if not attempts:
        return []
    windows: dict[str, Windows] = {}
    for budgets in attempts:
        windows.update((name, windows_) for name, (_, windows_) in budgets.items())
    names = list(windows)
    place = {name: number for number, name in enumerate(names, 1)}
    keyed = [
        (number, place[name], key) for number, budgets in enumerate(attempts, 1) for name, (key, _) in budgets.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attempt, admitted, remaining FROM budget_attempt_many("
            "%s::int[], %s::int[], %s::bytea[], %s::jsonb, %s::boolean[], %s::boolean[], %s::boolean[])",
            [
                *(array(column) for column in zip(*keyed, strict=True)),
                json.dumps([windows[name] for name in names]),
                array(name in told for name in names),
                array(name in ends for name in names),
                array(failed),
            ],
        )
        judged = {number: (admitted, left) for number, admitted, left in cursor.fetchall()}
    answers: list[Attempt | None] = []
    for number, budgets in enumerate(attempts, 1):
        if number not in judged:
            answers.append(None)
            continue
        admitted, left = judged[number]
        answers.append(Attempt(admitted, dict(zip(budgets, left or _all_of(budgets), strict=True))))
    return answers


def _all_of(budgets: Mapping[str, tuple[bytes, Windows]]) -> list[int]:
    """What budgets allow of which nothing is spent."""
    return [min(limit for limit, _ in windows) for _, windows in budgets.values()]


def remaining(budgets: Mapping[str, tuple[bytes, Windows]]) -> Mapping[str, int]:
    """How many failures each budget still allows, without counting anything."""
    names = list(budgets)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT budget_remaining(key, windows) FROM unnest(%s::bytea[]) WITH ORDINALITY AS k (key, n)"
            " JOIN jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS w (windows, n) USING (n) ORDER BY n",
            [[budgets[name][0] for name in names], json.dumps([budgets[name][1] for name in names])],
        )
        return dict(zip(names, (row[0] for row in cursor.fetchall()), strict=True))


def forget(key: bytes) -> bool:
    """Give a budget back whole, as an agent does for somebody who was locked out by mistake; False: it is."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM throttling_budget WHERE key = %s", [key])
        return bool(cursor.rowcount == 1)
