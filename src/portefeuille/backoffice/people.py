"""Reads about one person: what they are here, and how they sign in. Never what they typed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

_FACTORS = {"totp": "application", "webauthn": "clé d'accès", "recovery_codes": "codes de secours"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person belongs: ``role`` in a firm, or the space of a client."""

    uid: UUID
    name: str
    role: str
    active: bool


@dataclass(frozen=True, slots=True)
class PersonSheet:
    id: int
    uid: UUID
    name: str
    email: str
    is_active: bool
    since: datetime
    last_sign_in: datetime | None
    factors: list[str]
    agent: str  # "" for who is none
    sessions: int
    firms: list[Place]
    spaces: list[Place]


def person_sheet(uid: UUID) -> PersonSheet | None:
    """Three queries; None for an unknown person."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.id, u.uid, coalesce(nullif(u.full_name, ''), u.email), u.email, u.is_active, u.joined_at,
                   u.last_login,
                   ARRAY(SELECT DISTINCT type FROM mfa_authenticator a WHERE a.user_id = u.id ORDER BY type DESC),
                   coalesce((SELECT CASE WHEN NOT g.active THEN 'ancien agent' WHEN g.may_act THEN 'agent, agit'
                             ELSE 'agent, consulte' END FROM backoffice_agent g WHERE g.user_id = u.id), ''),
                   (SELECT count(*) FROM people_session s WHERE s.user_id = u.id AND s.expire_date > now())
            FROM people_user u WHERE u.uid = %s
            """,
            [uid],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(
            """
            SELECT f.uid, f.name, CASE m.role WHEN 'administrator' THEN 'administrateur' ELSE 'collaborateur' END,
                   m.active AND f.state = 'active'
            FROM firms_member m JOIN firms_firm f ON f.id = m.firm_id
            WHERE m.user_id = %s ORDER BY NOT m.active, f.name, f.id
            """,
            [row[0]],
        )
        firms = [Place(*place) for place in cursor]
        cursor.execute(
            """
            SELECT s.uid, s.name, 'titulaire', h.active
            FROM contributors_spaceholder h JOIN contributors_clientspace s ON s.id = h.space_id
            WHERE h.user_id = %s ORDER BY NOT h.active, s.name, s.id
            """,
            [row[0]],
        )
        spaces = [Place(*place) for place in cursor]
    factors = [_FACTORS.get(kind, kind) for kind in row[7]]
    return PersonSheet(*(*row[:7], factors, *row[8:], firms, spaces))


@dataclass(frozen=True, slots=True)
class AgentRow:
    uid: UUID
    person: UUID
    name: str
    email: str
    may_act: bool
    active: bool
    since: datetime
    has_second_factor: bool


def agents() -> list[AgentRow]:
    """All agents, those who left last; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT g.uid, u.uid, coalesce(nullif(u.full_name, ''), u.email), u.email, g.may_act, g.active, g.since,
                   EXISTS (SELECT FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn'))
            FROM backoffice_agent g JOIN people_user u ON u.id = g.user_id ORDER BY NOT g.active, 3, g.id
            """
        )
        return [AgentRow(*row) for row in cursor]
