"""Putting a message in the outbox, in the transaction of the act that it tells about (R12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.transaction import TransactionManagementError

from portefeuille.arrays import array
from portefeuille.sealing import seal, unseal

#: The mark in a body that its secret takes the place of.
CODE = "[[code]]"
_PURPOSE = "outbox-secret"


def post(*, recipient: str, account_id: int | None, subject: str, body: str, secret: str = "") -> None:
    """An e-mail to ``recipient``; where that is empty, a letter to the holder of the account, in the print queue.

    Neither text holds personal data: the message only points at a page (R9). ``secret`` takes the place of ``CODE``
    in the body when the message is sent or printed: until then it is kept sealed, and afterwards not at all.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("a message belongs to the transaction of its act")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO outbox_message
                (uid, channel, recipient, account_id, subject, body, secret, created_at, state, attempts, due_at,
                 failure)
            VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, clock_timestamp(), 'waiting', 0, clock_timestamp(), '')
            """,
            [
                "email" if recipient else "letter",
                recipient,
                account_id,
                subject,
                body,
                _sealed(secret),
            ],
        )


@dataclass(frozen=True, slots=True)
class Posted:
    """One message of ``post_many``: where ``recipient`` is empty, a letter to the holder of the account."""

    recipient: str
    account_id: int | None
    secret: str = ""


def post_many(subject: str, body: str, messages: Sequence[Posted]) -> None:
    """Messages with one text, each with a secret of its own, in one statement however many there are; see ``post``."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("a message belongs to the transaction of its act")
    if not messages:
        return
    if len(messages) == 1:
        (only,) = messages
        post(recipient=only.recipient, account_id=only.account_id, subject=subject, body=body, secret=only.secret)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO outbox_message
                (uid, channel, recipient, account_id, subject, body, secret, created_at, state, attempts, due_at,
                 failure)
            SELECT gen_random_uuid(), CASE recipient WHEN '' THEN 'letter' ELSE 'email' END, recipient, account_id, %s,
                   %s, secret, clock_timestamp(), 'waiting', 0, clock_timestamp(), ''
            FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS m (recipient, account_id, secret)
            """,
            [
                subject,
                body,
                array(message.recipient for message in messages),
                array(message.account_id for message in messages),
                array(_sealed(message.secret) for message in messages),
            ],
        )


def _sealed(secret: str) -> str:
    return seal(_PURPOSE, secret.encode()) if secret else ""


class SecretLost(ValueError):
    """It was sealed with a key that this process does not have, or not yet: without it the text says nothing."""


def text_of(body: str, secret: str) -> str:
    """The body as its reader gets it, with the sealed secret in its place. Raises ``SecretLost``."""
    if not secret:
        return body
    opened = unseal(_PURPOSE, secret)
    if opened is None:
        raise SecretLost
    return body.replace(CODE, opened.decode())
