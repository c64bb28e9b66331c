"""What must be true of the tables after anything at all: to be called at the end of every race."""

from collections import Counter
from uuid import UUID

from django.db import connection

from portefeuille.audit.models import Event
from portefeuille.audit.verification import verify
from portefeuille.enrolments.models import Enrolment, Submission, Tally
from portefeuille.outbox.models import Message

#: What an enrolment may become by each act, from the state that the act found.
LIFE = {
    ("", "enrolment.added"): "active",
    ("active", "enrolment.changed"): "active",
    ("contested", "enrolment.changed"): "contested",
    ("active", "enrolment.terminated"): "terminated",
    ("contested", "enrolment.terminated"): "terminated",
    ("terminated", "enrolment.restored"): "active or contested",
    ("active", "enrolment.contested"): "contested",
}


def assert_the_books_balance() -> None:
    """Tallies equal counts, one live enrolment of a client in a firm, the trail whole and telling the present state,
    a message for each act that the client or the firm is told about.
    """
    counted = Counter(
        Enrolment.objects.exclude(state="terminated")
        .order_by("pk")
        .values_list("firm_id", "portfolio_id", "regime", "state", "account_state")
    )
    kept = {
        (tally.firm_id, tally.portfolio_id, tally.regime, tally.state, tally.account_state): tally.number
        for tally in Tally.objects.order_by("pk")
    }
    assert {kind: number for kind, number in kept.items() if number} == dict(counted)
    live = list(
        Enrolment.objects.exclude(state="terminated")
        .order_by("pk")
        .values_list("firm_id", "regime", "siren", "account_number")
    )
    assert len(live) == len(set(live))
    if not connection.in_atomic_block:
        assert verify().breaks == ()
    told = 0
    states: dict[UUID, str] = {}
    contested: set[UUID] = set()
    events = Event.objects.filter(subject__startswith="enrolment:").order_by("chain", "seq")
    for event in events:
        uid = UUID(event.subject.removeprefix("enrolment:"))
        state = LIFE[states.get(uid, ""), event.verb]
        if state == "contested":
            contested.add(uid)
        states[uid] = ("contested" if uid in contested else "active") if " or " in state else state
        told += 1
    assert states == dict(Enrolment.objects.order_by("pk").values_list("uid", "state"))
    # Each act is told once: to the client, or for a contest to each administrator (one in each firm of the cast).
    assert Message.objects.count() == told
    assert Submission.objects.count() == Enrolment.objects.count()
