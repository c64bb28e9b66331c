"""The firm's verbs: enrol, change, terminate, undo. The client's are in ``client_word``.

Each opens one transaction, writes the change, its audit event and the client's message in it, and returns a result of
``enrolments.results``. Locks are taken in one order everywhere: budgets, enrolments (which takes the tallies), chain.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import telling
from portefeuille.enrolments.following import columns_of
from portefeuille.enrolments.in_trail import client_in_trail, codes
from portefeuille.enrolments.models import EstablishmentChoice
from portefeuille.enrolments.proving import Proof, judge
from portefeuille.enrolments.results import (
    AlreadyEnrolled,
    Asked,
    Changed,
    ChangedMeanwhile,
    ChangeResult,
    Closed,
    Enrolled,
    EnrolResult,
    FormUsed,
    Gone,
    NotAllowed,
    NotProved,
    NotRestored,
    Restored,
    Terminated,
)
from portefeuille.enrolments.telling import Act
from portefeuille.enrolments.working_days import answer_until
from portefeuille.firms.access import Access
from portefeuille.registry import queries as registry
from portefeuille.registry.models import Regime
from portefeuille.registry.queries import Subject


def enrol(
    *,
    access: Access,
    portfolio_id: int,
    subject: Subject,
    proof: Proof,
    selection: Selection,
    address: str,
    form_key: UUID | None = None,
) -> EnrolResult:
    """Add a client to a portfolio, if the proof is right (R2 to R6) and the client takes new firms.

    The proof is judged first: only who proved learns that the client wants to say yes before, or takes nobody. A firm
    that this client ended, refused or contested last time comes back with the client's yes only.

    ``address`` is the caller's network address, for the budgets. ``form_key`` names the form that was filled: sent
    twice, it acts once and answers the same. A failed proof is committed with its count and its audit event.
    """
    if not access.may_manage(portfolio_id):
        return NotAllowed()
    with transaction.atomic():
        judgement = judge(access=access, subject=subject, proof=proof, address=address)
        if judgement.line is None:
            trail.record(
                chain=access.firm_id,
                actor=access.actor,
                verb=Verb.ENROLMENT_REFUSED,
                subject=client_in_trail(siren=subject.siren, account_number=subject.account_number),
                after={"regime": subject.regime, "locked": judgement.locked},
            )
            return NotProved(remaining=judgement.remaining)
        row = {
            "firm": access.firm_id,
            "portfolio": portfolio_id,
            "regime": subject.regime,
            "siren": subject.siren,
            "account_number": subject.account_number,
            "services": selection.services,
            "notices": selection.notices,
            "member": access.member_id,
            "key": form_key or uuid4(),
            "until": answer_until(timezone.now()),
            **columns_of(judgement.line),
        }
        with connection.cursor() as cursor:
            cursor.execute(_ENROL, row)
            rule, uid, state, used_uid, used_state = cursor.fetchone() or ("open", None, None, None, None)
        if uid is None:
            found = _answer_for_existing(access, subject, row["key"], used_uid, used_state)
            if rule != "closed" or not isinstance(found, FormUsed) or used_uid is not None:
                return found
            trail.record(
                chain=access.firm_id,
                actor=access.actor,
                verb=Verb.ENROLMENT_REFUSED,
                subject=client_in_trail(siren=subject.siren, account_number=subject.account_number),
                after={"regime": subject.regime, "closed": True},
            )
            return Closed()
        pending = state == "pending"
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.ENROLMENT_ASKED if pending else Verb.ENROLMENT_ADDED,
            subject=f"enrolment:{uid}",
            after={"regime": subject.regime, "siren": subject.siren, **codes(selection)},
        )
        telling.tell_client(
            Act.ASKED if pending else Act.ADDED,
            enrolment=uid,
            firm_name=access.firm_name,
            email=judgement.verdict.email,
            account_id=judgement.verdict.account_id,
        )
    return Asked(uid) if pending else Enrolled(uid)


# The unique constraints decide who comes first; the form's key, whether it is the same form again; the client's rule,
# whether the enrolment acts, waits or is not made. A firm that the client showed the door does not walk in again: it
# asks, until the client has let it in.
_ENROL = """
WITH said AS (
    SELECT coalesce(
        (SELECT nullif(rule, 'open') FROM enrolments_clientrule
         WHERE siren = %(siren)s AND account_number = %(account_number)s),
        (SELECT 'ask' FROM enrolments_enrolment e
         WHERE e.firm_id = %(firm)s AND e.siren = %(siren)s AND e.account_number = %(account_number)s
           AND (e.regime = %(regime)s OR e.siren = '')
           AND e.ended_at IS NOT NULL AND (e.ended_by = 'client' OR e.contested_at IS NOT NULL)
           AND NOT EXISTS (
               SELECT FROM enrolments_enrolment later
               JOIN enrolments_decision d ON d.enrolment_id = later.id AND d.kind = 'confirmed'
               WHERE later.firm_id = e.firm_id AND later.siren = e.siren AND later.account_number = e.account_number
                 AND (later.regime = e.regime OR e.siren = '') AND d.at > e.ended_at)
         LIMIT 1),
        'open') AS rule
), used AS (
    SELECT e.uid, e.state FROM enrolments_submission s JOIN enrolments_enrolment e ON e.id = s.enrolment_id
    WHERE s.firm_id = %(firm)s AND s.key = %(key)s
      AND e.regime = %(regime)s AND e.siren = %(siren)s AND e.account_number = %(account_number)s
), added AS (
    INSERT INTO enrolments_enrolment (
        uid, firm_id, portfolio_id, regime, siren, account_number, state, asked_until, services, notices, created_at,
        created_by_id, ended_by, name, name_key, siret, town, postcode, account_state, accounts, search
    )
    SELECT gen_random_uuid(), %(firm)s, %(portfolio)s, %(regime)s, %(siren)s, %(account_number)s,
           CASE rule WHEN 'ask' THEN 'pending' ELSE 'active' END,
           CASE rule WHEN 'ask' THEN %(until)s::timestamptz END,
           %(services)s, %(notices)s, clock_timestamp(), %(member)s,
           '', %(name)s, %(name_key)s, %(siret)s, %(town)s, %(postcode)s, %(account_state)s, %(accounts)s, %(search)s
    FROM said
    WHERE rule <> 'closed' AND NOT EXISTS (SELECT FROM used)
    ON CONFLICT DO NOTHING
    RETURNING id, uid, state
), form AS (
    INSERT INTO enrolments_submission (firm_id, key, enrolment_id, created_at)
    SELECT %(firm)s, %(key)s, id, clock_timestamp() FROM added
    ON CONFLICT DO NOTHING
)
SELECT rule, (SELECT uid FROM added), (SELECT state FROM added), (SELECT uid FROM used), (SELECT state FROM used)
FROM said
"""


def _answer_for_existing(
    access: Access, subject: Subject, key: UUID, used_uid: UUID | None, used_state: str | None
) -> EnrolResult:
    if used_uid is not None:
        if used_state in ("terminated", "refused"):
            return FormUsed(subject)
        return Asked(used_uid, again=True) if used_state == "pending" else Enrolled(used_uid, again=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.uid, e.portfolio_id, e.state, s.key IS NOT NULL FROM enrolments_enrolment e
            LEFT JOIN enrolments_submission s ON s.enrolment_id = e.id AND s.firm_id = e.firm_id AND s.key = %s
            WHERE e.firm_id = %s AND e.ended_at IS NULL
              AND e.siren = %s AND e.account_number = %s AND (e.regime = %s OR e.siren = '')
            """,
            [key, access.firm_id, subject.siren, subject.account_number, subject.regime],
        )
        found = cursor.fetchone()
    if found is None:  # ended by somebody in the same instant: the form may simply be sent again
        return FormUsed(subject)
    uid, portfolio_id, state, same_form = found
    if same_form:
        return Asked(uid, again=True) if state == "pending" else Enrolled(uid, again=True)
    return AlreadyEnrolled(uid, visible=portfolio_id in access.portfolio_ids)


def change(*, access: Access, enrolment: UUID, selection: Selection, seen: Selection, siret: str = "") -> ChangeResult:
    """Replace the services and notices of an enrolment, or of one of its establishments where ``siret`` is given.

    ``seen`` is what the member's page showed: if somebody changed it since, nothing is changed and the present
    selection is returned. An establishment that gets the enrolment's own selection loses its override.
    """
    with transaction.atomic():
        target = _lock(access, [enrolment])
        if not target:
            return Gone()
        (live,) = target
        before = Selection(live.services, live.notices)
        if siret:
            line = registry.line(live.subject)
            if line is None or siret not in line.sirets:
                return Gone()
            override = EstablishmentChoice.objects.filter(enrolment_id=live.id, siret=siret).first()
            present = Selection(override.services, override.notices) if override else before
        else:
            present = before
        if present == selection:
            return Changed(nothing_new=True)
        if present != seen:
            return ChangedMeanwhile(present)
        if not siret:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE enrolments_enrolment SET services = %s, notices = %s WHERE id = %s",
                    [selection.services, selection.notices, live.id],
                )
        elif selection == before:
            EstablishmentChoice.objects.filter(enrolment_id=live.id, siret=siret).delete()
        else:
            EstablishmentChoice.objects.update_or_create(
                enrolment_id=live.id,
                siret=siret,
                defaults={"services": selection.services, "notices": selection.notices},
            )
        extra = {"siret": siret} if siret else {}
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.ENROLMENT_CHANGED,
            subject=f"enrolment:{live.uid}",
            before={**codes(present), **extra},
            after={**codes(selection), **extra},
        )
        _tell(Act.CHANGED, access, [live])
    return Changed()


def terminate(*, access: Access, enrolments: Sequence[UUID]) -> Terminated:
    """End enrolments at once (R7). Those that are not this member's to end, or have ended, are left out."""
    ending = uuid4()
    with transaction.atomic():
        ended = _lock(access, enrolments)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE enrolments_enrolment SET state = 'terminated', ended_at = clock_timestamp(),"
                " ended_by = 'firm', ending = %s WHERE id = ANY(%s)",
                [ending, [live.id for live in ended]],
            )
        for live in ended:
            trail.record(
                chain=access.firm_id,
                actor=access.actor,
                verb=Verb.ENROLMENT_TERMINATED,
                subject=f"enrolment:{live.uid}",
                before={"state": live.state},
                after={"state": "terminated"},
            )
        _tell(Act.TERMINATED, access, ended)
    return Terminated(ending=ending, uids=tuple(live.uid for live in ended))


def undo_termination(*, access: Access, ending: UUID) -> Restored | NotRestored:
    """Bring back what one act of this firm ended, within ``UNDO_WINDOW`` (R7).

    What the client ended stays ended; a client added again meanwhile is left as it is, and the others come back. An
    enrolment that was contested comes back contested.
    """
    for _ in range(_UNDO_TRIES):
        try:
            return _undo(access, ending)
        except IntegrityError:  # a client was added again in this instant: the next look sees it
            continue
    return NotRestored(too_late=False)


#: Each new try means that one more client was added again just then.
_UNDO_TRIES = 5


def _undo(access: Access, ending: UUID) -> Restored | NotRestored:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RESTORE, [access.firm_id, ending, access.managed_ids, settings.UNDO_WINDOW.total_seconds()])
        restored = [_Live(*row) for row in cursor.fetchall()]
        if not restored:
            cursor.execute(
                "SELECT bool_or(ended_at > clock_timestamp() - make_interval(secs => %s)) FROM enrolments_enrolment"
                " WHERE firm_id = %s AND ending = %s AND portfolio_id = ANY(%s)",
                [settings.UNDO_WINDOW.total_seconds(), access.firm_id, ending, access.managed_ids],
            )
            (in_time,) = cursor.fetchone() or (None,)
            return NotRestored(too_late=in_time is False)
        for live in restored:
            trail.record(
                chain=access.firm_id,
                actor=access.actor,
                verb=Verb.ENROLMENT_RESTORED,
                subject=f"enrolment:{live.uid}",
                before={"state": "terminated"},
                after={"state": live.state},
            )
        _tell(Act.RESTORED, access, restored)
    return Restored(uids=tuple(live.uid for live in restored))


# The chain remembers nothing that decides: what the enrolment was before is read from its own contest date.
# Rows are locked in the order of their ids first, as everywhere.
_RESTORE = """
WITH ended AS MATERIALIZED (
    SELECT id FROM enrolments_enrolment
    WHERE firm_id = %s AND ending = %s AND portfolio_id = ANY(%s) AND state = 'terminated' AND ended_by = 'firm'
      AND ended_at > clock_timestamp() - make_interval(secs => %s)
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE enrolments_enrolment e
SET state = CASE WHEN e.contested_at IS NULL THEN 'active' ELSE 'contested' END,
    ended_at = NULL, ended_by = '', ending = NULL
FROM ended
WHERE e.id = ended.id AND e.ended_at IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM enrolments_enrolment other
      WHERE other.firm_id = e.firm_id AND other.ended_at IS NULL AND other.regime = e.regime
        AND other.siren = e.siren AND other.account_number = e.account_number
  )
RETURNING e.id, e.uid, e.regime, e.siren, e.account_number, e.services, e.notices, e.state
"""


@dataclass(frozen=True, slots=True)
class _Live:
    """A locked enrolment."""

    id: int
    uid: UUID
    regime: str
    siren: str
    account_number: str
    services: int
    notices: int
    state: str

    @property
    def subject(self) -> Subject:
        return Subject(Regime(self.regime), self.siren, self.account_number)


def _lock(access: Access, enrolments: Iterable[UUID]) -> list[_Live]:
    """The live enrolments among ``enrolments`` that this member manages, locked in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, uid, regime, siren, account_number, services, notices, state FROM enrolments_enrolment"
            " WHERE firm_id = %s AND uid = ANY(%s) AND portfolio_id = ANY(%s) AND ended_at IS NULL"
            " ORDER BY id FOR NO KEY UPDATE",
            [access.firm_id, list(enrolments), access.managed_ids],
        )
        return [_Live(*row) for row in cursor.fetchall()]


def _tell(act: Act, access: Access, enrolments: Sequence[_Live]) -> None:
    for live in enrolments:
        email, account_id = registry.contact(live.subject)
        telling.tell_client(act, enrolment=live.uid, firm_name=access.firm_name, email=email, account_id=account_id)
