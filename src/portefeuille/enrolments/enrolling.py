"""The verb that adds clients to a portfolio: one from the page, or as many as a file holds.

One transaction, a fixed number of statements however many clients. Locks in the order of all verbs: budgets,
enrolments (which takes the tallies), chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from portefeuille.arrays import array
from portefeuille.audit import trail
from portefeuille.audit.trail import Entry
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import telling
from portefeuille.enrolments.following import columns_of
from portefeuille.enrolments.in_trail import client_in_trail, codes
from portefeuille.enrolments.pipelining import unanswered
from portefeuille.enrolments.policies import covered, unreserved
from portefeuille.enrolments.proving import CodeProof, Judgement, Proof, judge_many
from portefeuille.enrolments.results import (
    AlreadyEnrolled,
    Asked,
    Closed,
    Enrolled,
    EnrolResult,
    FormUsed,
    NotAllowed,
    NotProved,
    NotTried,
)
from portefeuille.enrolments.telling import Act
from portefeuille.enrolments.working_days import answer_until
from portefeuille.firms.access import Access
from portefeuille.registry.queries import Subject


@dataclass(frozen=True, slots=True)
class Wish:
    """One client to add: where, with what it is proved, and with which services.

    ``key`` names the form that was filled, or the line of the file: sent twice, it acts once and answers the same.
    """

    portfolio_id: int
    subject: Subject
    proof: Proof | CodeProof = field(repr=False)
    selection: Selection
    key: UUID = field(default_factory=uuid4)


def enrol(
    *,
    access: Access,
    portfolio_id: int,
    subject: Subject,
    proof: Proof | CodeProof,
    selection: Selection,
    address: str,
    form_key: UUID | None = None,
) -> EnrolResult:
    """Add a client to a portfolio, if the proof is right (R2 to R6) and the client takes new firms.

    ``address`` is the caller's network address, for the budgets. See ``enrol_many``, whose list of one this is.
    """
    wish = Wish(portfolio_id, subject, proof, selection, form_key or uuid4())
    (result,) = enrol_many(access=access, wishes=[wish], address=address, whole=True)
    assert not isinstance(result, NotTried)  # noqa: S101 - of one client every attempt is judged
    return result


def enrol_many(
    *, access: Access, wishes: Sequence[Wish], address: str, whole: bool = False
) -> list[EnrolResult | NotTried]:
    """Add clients, one after the other as far as anybody can tell; the answers are in the order of the wishes.

    The proof is judged first: only who proved learns that the client wants to say yes before, or takes nobody. A firm
    that this client ended, refused or contested last time comes back with the client's yes only; the code of a letter
    is that yes. A failed proof is committed with its count and its audit event. Unless ``whole``, nothing is tried
    once the firm, the member or the address has spent its attempts. Of a selection, what the member's right does not
    cover is left out.
    """
    wishes = [_within(access, wish) for wish in wishes]
    results: list[EnrolResult | NotTried] = [NotAllowed()] * len(wishes)
    allowed = [place for place, wish in enumerate(wishes) if access.may_manage(wish.portfolio_id)]
    if not allowed:
        return results
    entries: dict[int, Entry] = {}
    told: dict[Act, list[tuple[UUID, str, int | None]]] = {Act.ADDED: [], Act.ASKED: []}
    proved: dict[int, Judgement] = {}
    with transaction.atomic():
        claims = [(wishes[place].subject, wishes[place].proof) for place in allowed]
        judged = judge_many(access=access, claims=claims, address=address, whole=whole)
        for place, judgement in zip(allowed, judged, strict=True):
            if judgement is None:
                results[place] = NotTried()
            elif judgement.line is None:
                results[place] = NotProved(remaining=judgement.remaining)
                entries[place] = _refused(wishes[place].subject, locked=judgement.locked)
            else:
                proved[place] = judgement
        for place, result in _insert(access, wishes, proved).items():
            results[place] = result
            wish, verdict = wishes[place], proved[place].verdict
            if isinstance(result, Closed):
                entries[place] = _refused(wish.subject, closed=True)
            elif isinstance(result, Enrolled | Asked) and not result.again:
                pending = isinstance(result, Asked)
                entries[place] = Entry(
                    Verb.ENROLMENT_ASKED if pending else Verb.ENROLMENT_ADDED,
                    f"enrolment:{result.uid}",
                    after={
                        "regime": wish.subject.regime,
                        "siren": wish.subject.siren,
                        **codes(wish.selection),
                        **({"by": "code"} if isinstance(wish.proof, CodeProof) else {}),
                    },
                )
                told[Act.ASKED if pending else Act.ADDED].append((result.uid, verdict.email, verdict.account_id))
        # COMMIT is not sent along: were one of these to fail, the connection could not be rolled back, and be lost.
        with unanswered():
            trail.record_many(
                chain=access.firm_id, actor=access.actor, entries=[entries[place] for place in sorted(entries)]
            )
            for act, contacts in told.items():
                telling.tell_contacts(act, firm_name=access.firm_name, told=contacts)
    return results


def _within(access: Access, wish: Wish) -> Wish:
    right = access.right_on(wish.portfolio_id)
    return replace(wish, selection=covered(right, wish.selection)) if right else wish


def _refused(subject: Subject, **why: bool) -> Entry:
    return Entry(
        Verb.ENROLMENT_REFUSED,
        client_in_trail(siren=subject.siren, account_number=subject.account_number),
        after={"regime": subject.regime, **why},
    )


_TYPES: Mapping[str, str] = {
    "place": "int", "uid": "uuid", "portfolio": "bigint", "regime": "text", "siren": "text", "account_number": "text",
    "services": "bigint", "notices": "bigint", "key": "uuid", "name": "text", "name_key": "text", "siret": "text",
    "town": "text", "postcode": "text", "account_state": "text", "accounts": "int", "search": "text",
    "said_yes": "boolean",
}  # fmt: skip


def _insert(access: Access, wishes: Sequence[Wish], proved: Mapping[int, Judgement]) -> dict[int, EnrolResult]:
    """Write the enrolments that were proved; by place, what became of each."""
    if not proved:
        return {}
    rows = [_row(place, wishes[place], judgement) for place, judgement in proved.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            _ENROL_ONE if len(rows) == 1 else _ENROL_MANY,
            {
                **(rows[0] if len(rows) == 1 else {name: array(row[name] for row in rows) for name in _TYPES}),
                "firm": access.firm_id,
                "member": access.member_id,
                "until": answer_until(timezone.now()),
            },
        )
        written = cursor.fetchall()
    results: dict[int, EnrolResult] = {}
    unanswered: dict[int, str] = {}
    for place, rule, uid, state, used_uid, used_state in written:
        subject = wishes[place].subject
        if uid is not None:
            results[place] = Asked(uid) if state == "pending" else Enrolled(uid)
        elif used_uid is None:
            unanswered[place] = rule
        elif used_state in ("terminated", "refused"):
            results[place] = FormUsed(subject)
        else:
            results[place] = Asked(used_uid, again=True) if used_state == "pending" else Enrolled(used_uid, again=True)
    for place, found in _existing(access, wishes, unanswered).items():
        results[place] = (
            Closed()
            if found is None and unanswered[place] == "closed"
            else found
            or FormUsed(
                wishes[place].subject  # ended by somebody in the same instant: the form may simply be sent again
            )
        )
    return results


def _row(place: int, wish: Wish, judgement: Judgement) -> dict[str, Any]:
    if judgement.line is None:
        raise ValueError("only what was proved is written")
    return {
        "place": place,
        "uid": uuid4(),
        "portfolio": wish.portfolio_id,
        "regime": wish.subject.regime.value,
        "siren": wish.subject.siren,
        "account_number": wish.subject.account_number,
        "services": wish.selection.services,
        "notices": wish.selection.notices,
        "key": wish.key,
        "said_yes": isinstance(wish.proof, CodeProof),
        **columns_of(judgement.line),
    }


# The unique constraints decide who comes first; the form's key, whether it is the same form again; the client's rule,
# whether the enrolment acts, waits or is not made. A firm that the client showed the door does not walk in again: it
# asks, until the client has let it in.
_ENROL = f"""
WITH wish ({", ".join(_TYPES)}) AS MATERIALIZED (
    {{wishes}}
), said AS MATERIALIZED (
    SELECT w.place, coalesce(
        (SELECT nullif(rule, 'open') FROM enrolments_clientrule
         WHERE siren = w.siren AND account_number = w.account_number),
        (SELECT 'ask' FROM enrolments_enrolment e
         WHERE e.firm_id = %(firm)s AND e.siren = w.siren AND e.account_number = w.account_number
           AND (e.regime = w.regime OR e.siren = '')
           AND e.ended_at IS NOT NULL AND (e.ended_by = 'client' OR e.contested_at IS NOT NULL)
           AND NOT EXISTS (
               SELECT FROM enrolments_enrolment later
               JOIN enrolments_decision d ON d.enrolment_id = later.id AND d.kind = 'confirmed'
               WHERE later.firm_id = e.firm_id AND later.siren = e.siren AND later.account_number = e.account_number
                 AND (later.regime = e.regime OR e.siren = '') AND d.at > e.ended_at)
         LIMIT 1),
        'open') AS rule
    FROM wish w
), held AS MATERIALIZED (
    -- Whoever removes a portfolio takes hold of it first: it is gone now, or it waits and takes the new client along.
    SELECT id FROM firms_portfolio WHERE id = ANY(ARRAY(SELECT portfolio FROM wish)) ORDER BY id FOR KEY SHARE
), used AS MATERIALIZED (
    -- LIMIT: one form is looked up, whatever a plan made when the table was small thinks of reading all of the firm's.
    SELECT w.place, e.uid, e.state FROM wish w
    CROSS JOIN LATERAL (
        SELECT enrolment_id FROM enrolments_submission WHERE firm_id = %(firm)s AND key = w.key LIMIT 1
    ) s
    JOIN enrolments_enrolment e ON e.id = s.enrolment_id
    WHERE e.regime = w.regime AND e.siren = w.siren AND e.account_number = w.account_number
), added AS (
    INSERT INTO enrolments_enrolment (
        uid, firm_id, portfolio_id, regime, siren, account_number, state, asked_until, services, notices, created_at,
        created_by_id, ended_by, name, name_key, siret, town, postcode, account_state, accounts, search
    )
    SELECT w.uid, %(firm)s, w.portfolio, w.regime, w.siren, w.account_number,
           CASE WHEN rule = 'ask' AND NOT w.said_yes THEN 'pending' ELSE 'active' END,
           CASE WHEN rule = 'ask' AND NOT w.said_yes THEN %(until)s::timestamptz END,
           w.services, w.notices, clock_timestamp(), %(member)s,
           '', w.name, w.name_key, w.siret, w.town, w.postcode, w.account_state, w.accounts, w.search
    FROM wish w JOIN said USING (place) JOIN held ON held.id = w.portfolio
    WHERE rule <> 'closed' AND NOT EXISTS (SELECT FROM used WHERE used.place = w.place)
    ORDER BY w.place
    ON CONFLICT DO NOTHING
    RETURNING id, uid, state
), form AS (
    INSERT INTO enrolments_submission (firm_id, key, enrolment_id, created_at)
    SELECT %(firm)s, w.key, added.id, clock_timestamp() FROM added JOIN wish w USING (uid)
    ON CONFLICT DO NOTHING
)
SELECT w.place, said.rule, added.uid, added.state, used.uid, used.state
FROM wish w JOIN said USING (place) LEFT JOIN added USING (uid) LEFT JOIN used USING (place)
"""
# One client as plain values: PostgreSQL knows that it is one, and plans the statement once in a connection's life.
_ENROL_ONE = _ENROL.format(
    wishes="VALUES ({})".format(", ".join(f"%({name})s::{kind}" for name, kind in _TYPES.items()))
)
_ENROL_MANY = _ENROL.format(
    wishes="SELECT * FROM unnest({})".format(", ".join(f"%({name})s::{kind}[]" for name, kind in _TYPES.items()))
)


def _existing(access: Access, wishes: Sequence[Wish], places: Mapping[int, str]) -> dict[int, EnrolResult | None]:
    """The live enrolments that stood in the way; None where there is none."""
    if not places:
        return {}
    clause, values = unreserved(access, "e.")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT w.place, e.uid, e.portfolio_id = ANY(%s) AND {clause}, e.state, s.key IS NOT NULL
            FROM unnest(%s::int[], %s::uuid[], %s::text[], %s::text[], %s::text[])
                AS w (place, key, regime, siren, account_number)
            JOIN enrolments_enrolment e
                ON e.firm_id = %s AND e.ended_at IS NULL AND e.siren = w.siren
               AND e.account_number = w.account_number AND (e.regime = w.regime OR e.siren = '')
            LEFT JOIN enrolments_submission s ON s.enrolment_id = e.id AND s.firm_id = e.firm_id AND s.key = w.key
            """,
            [
                access.portfolio_ids,
                *values,
                list(places),
                [wishes[place].key for place in places],
                [wishes[place].subject.regime.value for place in places],
                [wishes[place].subject.siren for place in places],
                [wishes[place].subject.account_number for place in places],
                access.firm_id,
            ],
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    results: dict[int, EnrolResult | None] = dict.fromkeys(places)
    for place, (uid, visible, state, same_form) in found.items():
        if not same_form:
            results[place] = AlreadyEnrolled(uid, visible=visible)
        else:
            results[place] = Asked(uid, again=True) if state == "pending" else Enrolled(uid, again=True)
    return results
