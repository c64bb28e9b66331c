"""Reads of the back office that belong to no single list."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for an agent."""

    pending_firms: int
    suspended_firms: int
    letters: int
    dead_messages: int


def waiting() -> Waiting:
    """The counts of the first page, each from an index: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM firms_firm WHERE state = 'pending'),
                   (SELECT count(*) FROM firms_firm WHERE state = 'suspended'),
                   (SELECT count(*) FROM outbox_message WHERE channel = 'letter' AND state = 'waiting'),
                   (SELECT count(*) FROM outbox_message WHERE state = 'dead')
            """
        )
        return Waiting(*(cursor.fetchone() or (0, 0, 0, 0)))
