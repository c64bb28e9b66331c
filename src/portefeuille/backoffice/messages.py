"""The health of the outbox: messages that were given up, and another try."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.accounts import masked
from portefeuille.backoffice.results import ActResult, Done, Gone, NotAllowed, NothingToDo
from portefeuille.outbox.models import Message
from portefeuille.outbox.printing import retry

MOST = 100


@dataclass(frozen=True, slots=True)
class DeadMessage:
    uid: UUID
    channel: str
    recipient: str  # masked
    subject: str
    created_at: datetime
    attempts: int
    failure: str


@dataclass(frozen=True, slots=True)
class Health:
    """``late``: e-mails that wait for over a quarter of an hour: the worker or the SMTP server is away."""

    waiting: int
    late: int
    dead: list[DeadMessage]


def health() -> Health:
    """Two queries; the hundred last messages that were given up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE created_at < clock_timestamp() - interval '15 minutes')"
            " FROM outbox_message WHERE state = 'waiting' AND channel = 'email'"
        )
        waiting, late = cursor.fetchone() or (0, 0)
    dead = Message.objects.filter(state=Message.State.DEAD).order_by("-pk")[:MOST]
    return Health(
        waiting,
        late,
        [
            DeadMessage(
                row.uid, row.channel, masked(row.recipient), row.subject, row.created_at, row.attempts, row.failure
            )
            for row in dead
        ],
    )


def retry_message(*, agent: AgentAccess, message: UUID) -> ActResult:
    """Let it wait again; of two at once, one does."""
    if not agent.may_act:
        return NotAllowed()
    with transaction.atomic():
        found = Message.objects.filter(uid=message).values_list("pk", flat=True).first()
        if found is None:
            return Gone()
        if not retry(found):
            return NothingToDo()
        trail.record(chain=trail.NO_FIRM, actor=agent.actor, verb=Verb.MESSAGE_RETRIED, subject=f"message:{message}")
    return Done()
