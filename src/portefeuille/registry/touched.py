"""Whom the feeds touched, until what repeats the register has followed.

A load notes them in the transaction of its file, so that neither the file nor its notes are ever there alone. They are
followed after it, a portion in a transaction: nobody who works waits for a whole file. Each is followed twice, at once
and when ``AGAIN`` has passed, since what was being written while the file was committed may have read the register of
before.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

PORTION = 2_000
#: Longer than a transaction of the pages or of the worker may last.
AGAIN = timedelta(minutes=1)


def note(cursor: CursorWrapper, clients: str, values: Sequence[Any] | None = None) -> None:
    """Note the clients that ``clients`` selects, in the transaction of what changed.

    It is a text of ours, of two columns: a Siren or nothing, the number of an account without Siren or nothing.
    ``values`` take the place of what it marks.
    """
    cursor.execute(
        f"INSERT INTO registry_touched (siren, account_number) SELECT * FROM ({clients}) AS told (siren, number)"  # noqa: S608
        " WHERE siren <> '' OR number <> ''",
        values,
    )


def take_new() -> tuple[int, set[str], set[str]]:
    """Take up a portion that nobody followed yet, to be followed in the transaction of the caller.

    How many were taken up, 0 when none is left; their Sirens; the numbers of accounts without one.
    """
    return _taken(
        """
        UPDATE registry_touched SET followed_at = statement_timestamp() WHERE id = ANY(ARRAY(
            SELECT id FROM registry_touched WHERE followed_at IS NULL
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
        )) RETURNING siren, account_number
        """,
        [PORTION],
    )


def take_old() -> tuple[int, set[str], set[str]]:
    """The same for those that were followed once ``AGAIN`` ago, or that a load that died left to somebody else.

    They are followed for the last time, and forgotten.
    """
    return _taken(
        """
        DELETE FROM registry_touched WHERE id = ANY(ARRAY(
            SELECT id FROM registry_touched WHERE coalesce(followed_at, noted_at) < statement_timestamp() - %s
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
        )) RETURNING siren, account_number
        """,
        [AGAIN, PORTION],
    )


def _taken(sql: str, values: list[Any]) -> tuple[int, set[str], set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    return len(rows), {siren for siren, _ in rows if siren}, {number for _, number in rows if number}
