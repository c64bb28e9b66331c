"""What must be true of the tables after anything at all: to be called at the end of every race."""

from collections import Counter
from uuid import UUID

from django.db import connection

from portefeuille.audit.models import Event
from portefeuille.audit.verification import verify
from portefeuille.enrolments.models import Decision, Enrolment, Submission, Tally
from portefeuille.firms.models import Member
from portefeuille.outbox.models import Message

#: What feeds say of the account changes nothing between firm and client.
THE_REGISTERS_WORD = ("enrolment.account_struck_off", "enrolment.account_suspended", "enrolment.account_active")
#: What an enrolment may become by each act, from the state that the act found.
LIFE = {
    ("", "enrolment.added"): "active",
    ("active", "enrolment.changed"): "active",
    ("contested", "enrolment.changed"): "contested",
    ("active", "enrolment.terminated"): "terminated",
    ("contested", "enrolment.terminated"): "terminated",
    ("terminated", "enrolment.restored"): "what it was",
    ("active", "enrolment.contested"): "contested",
    ("contested", "enrolment.contest_withdrawn"): "active",
    ("active", "enrolment.ended"): "terminated",
    ("contested", "enrolment.ended"): "terminated",
    ("", "enrolment.asked"): "pending",
    ("pending", "enrolment.changed"): "pending",
    ("pending", "enrolment.terminated"): "terminated",
    ("pending", "enrolment.confirmed"): "active",
    ("pending", "enrolment.declined"): "refused",
    ("pending", "enrolment.expired"): "refused",
    **{
        (state, verb): state
        for state in ("active", "contested", "pending")
        for verb in ("enrolment.moved", *THE_REGISTERS_WORD)
    },
}

DECISIONS = {
    f"enrolment.{act}" for act in ("confirmed", "declined", "expired", "contested", "contest_withdrawn", "ended")
}


def who_sees(enrolment: Enrolment) -> int:
    """How many members are told of a decision: administrators, and who was given the portfolio."""
    members = Member.objects.filter(firm=enrolment.firm, active=True)
    administrators = members.filter(role=Member.Role.ADMINISTRATOR).count()
    return administrators + members.filter(grants__portfolio=enrolment.portfolio).count()


def assert_the_books_balance() -> None:
    """Tallies equal counts, one live enrolment of a client in a firm, the trail whole and telling the present state,
    a message for each act that the client or the firm is told about.
    """
    counted = Counter(
        Enrolment.objects.filter(ended_at=None)
        .order_by("pk")
        .values_list("firm_id", "portfolio_id", "regime", "state", "account_state")
    )
    kept = {
        (tally.firm_id, tally.portfolio_id, tally.regime, tally.state, tally.account_state): tally.number
        for tally in Tally.objects.order_by("pk")
    }
    assert {kind: number for kind, number in kept.items() if number} == dict(counted)
    live = list(
        Enrolment.objects.filter(ended_at=None)
        .order_by("pk")
        .values_list("firm_id", "regime", "siren", "account_number")
    )
    assert len(live) == len(set(live))
    if not connection.in_atomic_block:
        assert verify().breaks == ()
    told = decided = 0
    seeing = {enrolment.uid: who_sees(enrolment) for enrolment in Enrolment.objects.order_by("pk")}
    states: dict[UUID, str] = {}
    before: dict[UUID, str] = {}
    events = Event.objects.filter(subject__startswith="enrolment:").order_by("chain", "seq")
    for event in events:
        uid = UUID(event.subject.removeprefix("enrolment:"))
        state = LIFE[states.get(uid, ""), event.verb]
        if state in ("terminated", "refused"):
            before[uid] = states[uid]
        states[uid] = before[uid] if state == "what it was" else state
        decided += event.verb in DECISIONS
        if event.verb in DECISIONS:
            told += seeing[uid]
        # The client's firm stays the same wherever it files them.
        if event.verb not in {*DECISIONS, *THE_REGISTERS_WORD, "enrolment.moved"} or event.verb == "enrolment.expired":
            told += 1
    assert states == dict(Enrolment.objects.order_by("pk").values_list("uid", "state"))
    # Each act is told once: the firm's to the client, the client's to the members who see it, the delay's to both.
    # What a member is told of their rights is no act on a client.
    assert Message.objects.exclude(subject="Vos droits ont changé").count() == told
    assert Decision.objects.count() == decided
    assert Submission.objects.count() == Enrolment.objects.count()
