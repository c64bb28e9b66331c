"""The letters of the outbox: taken by whoever prints them, once each (R12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from portefeuille.outbox.actions import SecretLost, text_of


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is held by this transaction. ``body`` is what its reader gets, its secret included."""

    id: int
    account_id: int | None
    subject: str
    body: str


def take_letters(most: int) -> list[Letter]:
    """The oldest letters that wait, held until the transaction ends: two who print at once share them out.

    One whose secret cannot be opened ends among the dead, until an agent tries again with the key.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, account_id, subject, body, secret FROM outbox_message"
            " WHERE channel = 'letter' AND state = 'waiting' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [most],
        )
        taken, lost = [], []
        for id, account, subject, body, secret in cursor.fetchall():
            try:
                taken.append(Letter(id, account, subject, text_of(body, secret)))
            except SecretLost:
                lost.append(id)
        _give_up(lost, "SecretLost")
    return taken


def mark_printed(letters: Sequence[Letter]) -> None:
    """They are sent, and their secrets forgotten; a demonstration keeps them, to show them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_message SET state = 'sent', sent_at = clock_timestamp(), failure = '',"
            " attempts = attempts + 1, secret = CASE WHEN %s THEN secret ELSE '' END WHERE id = ANY(%s)",
            [settings.DEMO, [letter.id for letter in letters]],
        )


def mark_unaddressed(letters: Sequence[Letter]) -> None:
    """The register has no address for them: they end, until an agent tries again."""
    _give_up([letter.id for letter in letters], "no postal address")


def _give_up(letters: list[int], why: str) -> None:
    if not letters:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_message SET state = 'dead', failure = %s, attempts = attempts + 1 WHERE id = ANY(%s)",
            [why, letters],
        )


def retry(message_id: int) -> bool:
    """Let a message that was given up wait again, as if it were new; False when it is not dead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_message SET state = 'waiting', attempts = 0, due_at = clock_timestamp(), failure = ''"
            " WHERE id = %s AND state = 'dead'",
            [message_id],
        )
        return bool(cursor.rowcount == 1)
