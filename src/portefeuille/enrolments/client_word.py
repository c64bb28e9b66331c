"""The client's word about who acts for them: confirm, refuse, contest, withdraw, end; and the rule for new ones (R9).

Each verb is one conditional update: of a client and a firm who act in the same second, the first one's act stands and
the other is told what the enrolment is now. The firm is told at once, in its list and by e-mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.enrolments import telling
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.enrolments.models import ClientRule, Decision
from portefeuille.enrolments.telling import Act
from portefeuille.registry import queries as registry
from portefeuille.registry.models import Regime
from portefeuille.registry.queries import Subject

Kind = Decision.Kind
#: How many unanswered requests a worker closes in one transaction.
EXPIRY_BATCH = 100


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks for a client: for all that is under a Siren, for an account without one, or for one enrolment only.

    ``actor`` is the name in the trail. The caller has checked that the person is who they say.
    """

    actor: str
    siren: str = ""
    account_number: str = ""
    only: UUID | None = None


def by_link(enrolment: UUID) -> Speaker:
    """The bearer of the signed link of a message about one enrolment."""
    return Speaker(actor=f"client:{enrolment}", only=enrolment)


@dataclass(frozen=True, slots=True)
class Done:
    """The client's word is done; ``again`` when it was so before, and nothing was written now."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class TooLate:
    """Nothing was done: the enrolment is in another state than the act is for. ``state`` is what it is now."""

    state: str


@dataclass(frozen=True, slots=True)
class NotTheirs:
    """No such enrolment of this client."""


Answer = Done | TooLate | NotTheirs


@dataclass(frozen=True, slots=True)
class _Act:
    """From which states, to which, how the columns change, and how the trail calls it."""

    kind: Kind
    verb: Verb
    found: tuple[str, ...]
    state: str
    sets: str


_ENDS = "ended_at = clock_timestamp(), ended_by = 'client', asked_until = NULL"
_ACTS: Mapping[Kind, _Act] = {
    act.kind: act
    for act in (
        _Act(Kind.CONFIRMED, Verb.ENROLMENT_CONFIRMED, ("pending",), "active", "asked_until = NULL"),
        _Act(Kind.REFUSED, Verb.ENROLMENT_DECLINED, ("pending",), "refused", _ENDS),
        _Act(Kind.CONTESTED, Verb.ENROLMENT_CONTESTED, ("active",), "contested", "contested_at = clock_timestamp()"),
        _Act(Kind.WITHDRAWN, Verb.CONTEST_WITHDRAWN, ("contested",), "active", "contested_at = NULL"),
        _Act(Kind.ENDED, Verb.ENROLMENT_ENDED, ("active", "contested"), "terminated", _ENDS),
    )
}


def confirm(*, speaker: Speaker, enrolment: UUID) -> Answer:
    """Say yes to a firm that asked: it acts from now on. Too late once the delay is over."""
    return _say(_ACTS[Kind.CONFIRMED], speaker, enrolment)


def refuse(*, speaker: Speaker, enrolment: UUID) -> Answer:
    """Say no to a firm that asked."""
    return _say(_ACTS[Kind.REFUSED], speaker, enrolment)


def contest(*, speaker: Speaker, enrolment: UUID) -> Answer:
    """Suspend an enrolment at once: the firm loses all access."""
    return _say(_ACTS[Kind.CONTESTED], speaker, enrolment)


def withdraw_contest(*, speaker: Speaker, enrolment: UUID) -> Answer:
    """Give the firm its access back."""
    return _say(_ACTS[Kind.WITHDRAWN], speaker, enrolment)


def end(*, speaker: Speaker, enrolment: UUID) -> Answer:
    """End an enrolment at once. The firm cannot undo it."""
    return _say(_ACTS[Kind.ENDED], speaker, enrolment)


# Locked before it is looked at, in a statement of its own: what was begun before is waited for, and is then what the
# second one finds. In one statement it would be compared with the state of before the waiting.
_FIND = """
SELECT id, state FROM enrolments_enrolment
WHERE uid = %(enrolment)s AND (uid = %(only)s::uuid OR (siren = %(siren)s AND account_number = %(account)s))
FOR NO KEY UPDATE
"""
_SAY = """
UPDATE enrolments_enrolment SET state = %(state)s, {sets}
WHERE id = %(id)s AND state = ANY(%(found)s) AND (state <> 'pending' OR asked_until > clock_timestamp())
RETURNING firm_id
"""


def _say(act: _Act, speaker: Speaker, enrolment: UUID) -> Answer:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            {
                "enrolment": enrolment,
                "only": speaker.only,
                "siren": speaker.siren,
                "account": speaker.account_number,
            },
        )
        found = cursor.fetchone()
        if found is None:
            return NotTheirs()
        enrolment_id, state = found
        cursor.execute(_SAY.format(sets=act.sets), {"id": enrolment_id, "state": act.state, "found": list(act.found)})
        done = cursor.fetchone()
        if done is None:
            return Done(again=True) if state == act.state else TooLate(state)
        (firm_id,) = done
        _tell(act, enrolment_id, firm_id, enrolment, before=state, actor=speaker.actor)
    return Done()


def _tell(act: _Act, enrolment_id: int, firm_id: int, enrolment: UUID, *, before: str, actor: str) -> None:
    """The firm's line to read, the trail, and the e-mails to those of the firm who see this client."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enrolments_decision (uid, firm_id, enrolment_id, kind, at)"
            " VALUES (gen_random_uuid(), %s, %s, %s, clock_timestamp())",
            [firm_id, enrolment_id, str(act.kind)],
        )
    trail.record(
        chain=firm_id,
        actor=actor,
        verb=act.verb,
        subject=f"enrolment:{enrolment}",
        before={"state": before},
        after={"state": act.state},
    )
    telling.tell_firm(act.kind, enrolment_id=enrolment_id)


_EXPIRED = _Act(Kind.EXPIRED, Verb.ENROLMENT_EXPIRED, ("pending",), "refused", "")


def expire_due() -> int:
    """Close the requests that no client answered in time; how many. Several workers share them, each is told once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE enrolments_enrolment e
            SET state = 'refused', ended_at = clock_timestamp(), ended_by = 'delay', asked_until = NULL
            FROM firms_firm f
            WHERE f.id = e.firm_id AND e.id = ANY(ARRAY(
                SELECT id FROM enrolments_enrolment WHERE state = 'pending' AND asked_until <= clock_timestamp()
                ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
            ))
            RETURNING e.id, e.uid, e.firm_id, f.name, e.regime, e.siren, e.account_number
            """,
            [EXPIRY_BATCH],
        )
        # Firm by firm, as whoever writes in the chains of several firms.
        expired = sorted(cursor.fetchall(), key=lambda row: (row[2], row[0]))
        for enrolment_id, uid, firm_id, firm_name, regime, siren, account_number in expired:
            _tell(_EXPIRED, enrolment_id, firm_id, uid, before="pending", actor="worker:expiry")
            email, account_id = registry.contact(Subject(Regime(regime), siren, account_number))
            telling.tell_client(Act.EXPIRED, enrolment=uid, firm_name=firm_name, email=email, account_id=account_id)
    return len(expired)


def set_rule(*, speaker: Speaker, rule: ClientRule.Rule) -> bool:
    """What becomes of the firms that come from now on; True when it changed. Those that are there stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The row is locked whatever it says, so that the trail tells what really was before.
        cursor.execute(
            "INSERT INTO enrolments_clientrule (siren, account_number, rule, changed_at)"
            " VALUES (%s, %s, 'open', clock_timestamp()) ON CONFLICT DO NOTHING",
            [speaker.siren, speaker.account_number],
        )
        cursor.execute(
            "SELECT rule FROM enrolments_clientrule WHERE siren = %s AND account_number = %s FOR NO KEY UPDATE",
            [speaker.siren, speaker.account_number],
        )
        (before,) = cursor.fetchone() or ("open",)
        if before == rule:
            return False
        cursor.execute(
            "UPDATE enrolments_clientrule SET rule = %s, changed_at = clock_timestamp()"
            " WHERE siren = %s AND account_number = %s",
            [str(rule), speaker.siren, speaker.account_number],
        )
        trail.record(
            chain=trail.NO_FIRM,
            actor=speaker.actor,
            verb=Verb.RULE_CHANGED,
            subject=client_in_trail(siren=speaker.siren, account_number=speaker.account_number),
            before={"rule": before},
            after={"rule": str(rule)},
        )
    return True


def begin_to_speak(*, siren: str, account_number: str) -> None:
    """Note, in the caller's transaction, that the client has a space: a client with a rule is one who can answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enrolments_clientrule (siren, account_number, rule, changed_at)"
            " VALUES (%s, %s, 'open', clock_timestamp()) ON CONFLICT DO NOTHING",
            [siren, account_number],
        )
