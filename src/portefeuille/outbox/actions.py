"""Putting a message in the outbox, in the transaction of the act that it tells about (R12)."""

from django.db import connection
from django.db.transaction import TransactionManagementError


def post(*, recipient: str, account_id: int | None, subject: str, body: str) -> None:
    """An e-mail to ``recipient``; where that is empty, a letter to the holder of the account, in the print queue.

    Neither text holds personal data: the message only points at a page (R9).
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("a message belongs to the transaction of its act")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO outbox_message
                (uid, channel, recipient, account_id, subject, body, created_at, state, attempts, due_at, failure)
            VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, clock_timestamp(), 'waiting', 0, clock_timestamp(), '')
            """,
            ["email" if recipient else "letter", recipient, account_id, subject, body],
        )
