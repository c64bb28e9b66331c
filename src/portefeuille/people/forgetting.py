"""Sweeping out what nobody can use any more: sessions that expired, links that were used or are too old."""

from datetime import timedelta

from django.db import connection

BATCH = 500
#: A spent link stays this long, for whoever asks why it did not open.
KEPT = timedelta(days=30)

_SPENT = (
    """
    DELETE FROM people_session WHERE session_key = ANY(ARRAY(
        SELECT session_key FROM people_session WHERE expire_date <= clock_timestamp()
        ORDER BY expire_date LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    ))
    """,
    """
    DELETE FROM people_link WHERE id = ANY(ARRAY(
        SELECT id FROM people_link
        WHERE least(ended_at, expires_at) <= clock_timestamp() - make_interval(days => %(kept)s)
        ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    ))
    """,
)


def forget_spent() -> int:
    """Delete one small batch of each; how many rows. Several workers share them."""
    gone = 0
    with connection.cursor() as cursor:
        for statement in _SPENT:
            cursor.execute(statement, {"batch": BATCH, "kept": KEPT.days})
            gone += cursor.rowcount
    return gone
