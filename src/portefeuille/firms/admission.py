"""What the body decides about a firm: admitted, refused, suspended, reinstated, each from one state only.

A suspension takes effect at the next request: ``firms.access`` asks for the state. The enrolments stay as they are,
give no access meanwhile, and are there again when the firm is reinstated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.firms.models import Firm, JoinRequest
from portefeuille.firms.telling import tell, tell_administrators

LONGEST_REASON = 500


class Decision(StrEnum):
    """What may be decided; the values name the messages."""

    ADMIT = "firm_admitted"
    REFUSE = "firm_refused"
    SUSPEND = "firm_suspended"
    REINSTATE = "firm_reinstated"


@dataclass(frozen=True, slots=True)
class Step:
    """From which state to which, and whether the firm reads a reason."""

    before: Firm.State
    after: Firm.State
    verb: Verb
    with_reason: bool
    subject: str  # of the message


STEPS: Mapping[Decision, Step] = {
    Decision.ADMIT: Step(
        Firm.State.PENDING, Firm.State.ACTIVE, Verb.FIRM_ADMITTED, False, "Votre espace en ligne est ouvert"
    ),
    Decision.REFUSE: Step(
        Firm.State.PENDING, Firm.State.REFUSED, Verb.FIRM_REFUSED, True, "Votre demande n'est pas acceptée"
    ),
    Decision.SUSPEND: Step(
        Firm.State.ACTIVE, Firm.State.SUSPENDED, Verb.FIRM_SUSPENDED, True, "Votre espace en ligne est suspendu"
    ),
    Decision.REINSTATE: Step(
        Firm.State.SUSPENDED, Firm.State.ACTIVE, Verb.FIRM_REINSTATED, False, "Votre espace en ligne est rétabli"
    ),
}


def possible(state: str) -> list[Decision]:
    """What may be decided about a firm in this state."""
    return [decision for decision, step in STEPS.items() if step.before == state]


@dataclass(frozen=True, slots=True)
class Decided:
    name: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """The firm is in another state: somebody else decided first. ``state`` is None when there is no such firm."""

    state: Firm.State | None


def decide(*, actor: str, firm: UUID, decision: Decision, reason: str = "") -> Decided | NotNow:
    """Do it, if the firm is in the state that the decision starts from; of two at once, one is done.

    ``reason`` is what the firm reads, where the decision has one; the trail keeps it.
    """
    step = STEPS[decision]
    said = reason[:LONGEST_REASON] if step.with_reason else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE firms_firm SET state = %s, state_since = clock_timestamp(), reason = %s"
            " WHERE uid = %s AND state = %s RETURNING id, name",
            [str(step.after), said, firm, str(step.before)],
        )
        row = cursor.fetchone()
        if row is None:
            state = Firm.objects.filter(uid=firm).values_list("state", flat=True).first()
            return NotNow(Firm.State(state) if state else None)
        firm_id, name = row
        trail.record(
            chain=firm_id,
            actor=actor,
            verb=step.verb,
            subject=f"firm:{firm}",
            before={"state": str(step.before)},
            after={"state": str(step.after), **({"reason": said} if said else {})},
        )
        open_now = step.after is Firm.State.ACTIVE
        tell_administrators(
            firm_id,
            step.subject,
            str(decision),
            path=f"/cabinets/{firm}/" if open_now else "/mon-espace/",
            firm=name,
            reason=said,
        )
        if step.after is Firm.State.REFUSED:
            _decline_requests(firm_id, actor)
    return Decided(name)


def _decline_requests(firm_id: int, actor: str) -> None:
    """Who asked to join a firm that will never work gets an answer: there is nobody left to give another one."""
    open_ones = JoinRequest.objects.select_for_update(of=("self",)).filter(firm=firm_id, decided_at=None)
    for request in open_ones.select_related("user").order_by("pk"):
        request.decided_at = timezone.now()
        request.save(update_fields=["decided_at"])
        trail.record(chain=firm_id, actor=actor, verb=Verb.JOIN_DECLINED, subject=f"join_request:{request.uid}")
        tell(request.user.email, "Votre demande n'est pas acceptée", "join_declined", path="/mon-espace/")
