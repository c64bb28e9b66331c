"""Sending what waits in the outbox: leases, retries with back-off, and the same Message-ID at each try (R12)."""

import logging
import smtplib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction

from portefeuille.outbox.actions import text_of

logger = logging.getLogger(__name__)

#: How long a worker may hold a message before another one takes it over: longer than one message can take, with
#: ``EMAIL_TIMEOUT`` for each answer of the server. It is renewed when the turn of the message comes.
LEASE = timedelta(seconds=120)
#: Waiting times after the 1st, 2nd… failed try; the last one repeats until ``GIVE_UP_AFTER`` tries.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240))
#: 1 + 2 + 5 + 15 + 30 + 60 + 120 minutes, then every four hours: 72 hours in all.
GIVE_UP_AFTER = 25
BATCH = 50


@dataclass(frozen=True, slots=True)
class _Leased:
    id: int
    uid: UUID
    recipient: str
    subject: str
    body: str
    secret: str
    attempts: int


def deliver_due() -> int:
    """One pass: take what is due, send it, note what became of it. Returns how many messages were taken.

    A message whose worker dies is due again after ``LEASE``. A 5xx answer about a recipient ends it at once; anything
    else is tried again. A connection that breaks ends the pass: what was not tried yet is due at once and is charged
    nothing. Where ``SENDS_EMAILS`` is off, as in a demonstration, messages are marked as sent and stay in the table.
    """
    batch = _lease()
    if not batch:
        return 0
    if not settings.SENDS_EMAILS:
        for message in batch:
            _settle(message.id, failure=None, final=False, attempts=message.attempts)
        return len(batch)
    transport = get_connection(fail_silently=False)
    try:
        transport.open()
    except OSError as error:  # smtplib's errors are OSErrors
        for message in batch:
            _settle(message.id, failure=_describe(error), final=False, attempts=message.attempts)
        logger.warning("the SMTP server does not answer (%s); %d messages wait", type(error).__name__, len(batch))
        return len(batch)
    try:
        for place, message in enumerate(batch):
            if _hold(message) and not _send(transport, message):
                _give_back(batch[place + 1 :])
                break
    finally:
        try:
            transport.close()
        except OSError:
            logger.info("the SMTP server left before the end")
    return len(batch)


def _lease() -> list[_Leased]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_message SET due_at = clock_timestamp() + make_interval(secs => %s), attempts = attempts + 1
            WHERE id = ANY(ARRAY(
                SELECT id FROM outbox_message
                WHERE state = 'waiting' AND channel = 'email' AND due_at <= clock_timestamp()
                ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
            ))
            RETURNING id, uid, recipient, subject, body, secret, attempts
            """,
            [LEASE.total_seconds(), BATCH],
        )
        # In the order of the acts: nobody learns that an enrolment has ended before learning that it had begun.
        return [_Leased(*row) for row in sorted(cursor.fetchall())]


def _hold(message: _Leased) -> bool:
    """Renew the lease. False when it ran out during the messages before and another worker has taken this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_message SET due_at = clock_timestamp() + make_interval(secs => %s)"
            " WHERE id = %s AND state = 'waiting' AND attempts = %s",
            [LEASE.total_seconds(), message.id, message.attempts],
        )
        return bool(cursor.rowcount == 1)


def _give_back(messages: list[_Leased]) -> None:
    """End the leases of messages that were not tried, those that another worker has taken meanwhile excepted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_message m SET due_at = clock_timestamp(), attempts = m.attempts - 1
            FROM unnest(%s::bigint[], %s::int[]) AS held (id, attempts)
            WHERE m.id = held.id AND m.attempts = held.attempts AND m.state = 'waiting'
            """,
            [[message.id for message in messages], [message.attempts for message in messages]],
        )


def _send(transport: object, message: _Leased) -> bool:
    """One try, and its outcome noted. False when the connection serves for nothing any more."""
    host = urlsplit(settings.SITE_ADDRESS).hostname or "localhost"
    try:
        EmailMessage(
            subject=message.subject,
            body=text_of(message.body, message.secret),
            to=[message.recipient],
            connection=transport,
            # The same at each try, so that a receiver that has it already can drop it.
            headers={"Message-ID": f"<{message.uid}@{host}>", "Auto-Submitted": "auto-generated"},
        ).send()
    except Exception as error:  # noqa: BLE001 - an address that is no header, or whatever: the others of the batch wait
        final = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
            500 <= code < 600 for code, _text in error.recipients.values()
        )
        _settle(message.id, failure=_describe(error), final=final, attempts=message.attempts)
        return not _is_broken(error)
    _settle(message.id, failure=None, final=False, attempts=message.attempts)
    return True


def _is_broken(error: Exception) -> bool:
    """Whether the connection ended with the error: a time-out, a server that left, or one that says so (421)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == 421 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code == 421
    return isinstance(error, smtplib.SMTPServerDisconnected) or (
        isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
    )


def _describe(error: Exception) -> str:
    """The kind of failure and the SMTP code, without the server's text, which may quote anything."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _text in error.recipients.values()})
        return f"{type(error).__name__} {' '.join(map(str, codes))}"
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()


def _settle(message_id: int, *, failure: str | None, final: bool, attempts: int) -> None:
    with connection.cursor() as cursor:
        if failure is None:
            # The demonstration shows what was sent, codes included.
            cursor.execute(
                "UPDATE outbox_message SET state = 'sent', sent_at = clock_timestamp(), failure = '',"
                " secret = CASE WHEN %s THEN secret ELSE '' END WHERE id = %s",
                [settings.DEMO, message_id],
            )
            return
        dead = final or attempts >= GIVE_UP_AFTER
        cursor.execute(
            "UPDATE outbox_message"
            " SET state = %s, failure = %s, due_at = clock_timestamp() + make_interval(secs => %s)"
            " WHERE id = %s AND state = 'waiting' AND attempts = %s",
            (
                "dead" if dead else "waiting",
                failure[:200],
                BACK_OFF[min(attempts, len(BACK_OFF)) - 1].total_seconds(),
                message_id,
                attempts,
            ),
        )
    if dead:
        logger.error("message %s will not be sent (%s)", message_id, failure)
