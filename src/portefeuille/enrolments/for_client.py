"""What a client reads about the firms that act for them. Each read starts from a ``Speaker``."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from portefeuille.enrolments.client_word import Speaker
from portefeuille.enrolments.models import ClientRule, Enrolment
from portefeuille.registry.models import Regime

#: Nobody had that many firms; a page must end somewhere.
MOST_FIRMS = 200
ACTS_PAGE = 30
#: How a firm arranges its clients among its members is its own business; what the body says of the account, its news.
_FIRMS_OWN = [
    "enrolment.moved",
    "enrolment.restricted",
    "enrolment.account_struck_off",
    "enrolment.account_suspended",
    "enrolment.account_active",
]


@dataclass(frozen=True, slots=True)
class Acting:
    """A firm's enrolment as its client sees it, ended or not."""

    uid: UUID
    firm: str
    firm_siren: str
    regime: str
    siren: str
    account_number: str
    state: str
    since: datetime
    asked_until: datetime | None
    contested_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    services: int
    notices: int
    suspended_at: datetime | None  # the firm, by the body: its services rest until it is reinstated

    @property
    def live(self) -> bool:
        return self.ended_at is None

    @property
    def ender(self) -> str:
        return str(Enrolment.EndedBy(self.ended_by).label) if self.ended_by else ""


_ACTING = """
SELECT e.uid, f.name, f.siren, e.regime, e.siren, e.account_number, e.state, e.created_at, e.asked_until,
       e.contested_at, e.ended_at, e.ended_by, e.services, e.notices,
       CASE WHEN f.state = 'suspended' THEN f.state_since END
FROM enrolments_enrolment e JOIN firms_firm f ON f.id = e.firm_id
WHERE {which}
ORDER BY e.ended_at IS NOT NULL, e.state <> 'pending', coalesce(e.ended_at, e.created_at) DESC, e.id LIMIT %s
"""
_OF_CLIENT = _ACTING.format(which="e.siren = %s AND e.account_number = %s")
_ONE = _ACTING.format(which="e.uid = %s AND (e.uid = %s::uuid OR (e.siren = %s AND e.account_number = %s))")


def firms_acting(speaker: Speaker) -> list[Acting]:
    """All enrolments of the client: those that wait for an answer first, then the live ones, then those that ended."""
    return _read(_OF_CLIENT, [speaker.siren, speaker.account_number, MOST_FIRMS])


def firm_acting(speaker: Speaker, enrolment: UUID) -> Acting | None:
    """One of them; None when it is not the client's."""
    found = _read(_ONE, [enrolment, speaker.only, speaker.siren, speaker.account_number, 1])
    return found[0] if found else None


def _read(sql: str, values: list[Any]) -> list[Acting]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Acting(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class PastAct:
    """One line of what was done, by a firm or by the client."""

    place: int  # to ask for what is older
    at: datetime
    actor: str
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]
    uid: UUID
    firm: str
    regime: Regime


def acts(speaker: Speaker, *, enrolment: UUID | None = None, before: int | None = None) -> tuple[list[PastAct], bool]:
    """What was done about the client's enrolments (or one of them), newest first, from the audit trail.

    ``ACTS_PAGE`` lines at most, those older than the line ``before``; and whether there are more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id, a.at, a.actor, a.verb, a.before, a.after, e.uid, f.name, e.regime
            FROM enrolments_enrolment e
            JOIN firms_firm f ON f.id = e.firm_id
            JOIN audit_event a ON a.subject = 'enrolment:' || e.uid
            WHERE e.siren = %s AND e.account_number = %s AND e.uid = coalesce(%s::uuid, e.uid)
              AND a.verb <> ALL(%s) AND a.id < coalesce(%s::bigint, 9223372036854775807)
            ORDER BY a.id DESC LIMIT %s
            """,
            [speaker.siren, speaker.account_number, enrolment, _FIRMS_OWN, before, ACTS_PAGE + 1],
        )
        rows = cursor.fetchall()
    found = [
        PastAct(row[0], row[1], row[2], row[3], _object(row[4]), _object(row[5]), row[6], row[7], Regime(row[8]))
        for row in rows[:ACTS_PAGE]
    ]
    return found, len(rows) > ACTS_PAGE


def _object(column: Any) -> dict[str, Any]:
    """A JSON column of a query by hand comes parsed or as text."""
    return (json.loads(column) if isinstance(column, str) else column) or {}


def rule_of(speaker: Speaker) -> ClientRule.Rule:
    """What the client said about new firms."""
    found = ClientRule.objects.filter(siren=speaker.siren, account_number=speaker.account_number)
    return ClientRule.Rule(found.values_list("rule", flat=True).first() or ClientRule.Rule.OPEN)
