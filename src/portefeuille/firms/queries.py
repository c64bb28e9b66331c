"""Reads about firms and their teams. Those of a firm's pages start from an ``Access``."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection
from django.utils import timezone

from portefeuille.firms.access import Access
from portefeuille.firms.models import Invitation, JoinRequest, Member, PortfolioGrant
from portefeuille.firms.rights import Right


class Standing(StrEnum):
    """How a person stands with a firm, as they may know it."""

    ACTIVE = "active"
    ASKED = "asked"  # the firm waits for its admission, or the person for its administrators: both read alike
    REFUSED = "refused"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Place:
    """A firm that a person works for, or asked for. ``reason`` is the body's, where it said no."""

    uid: UUID
    name: str
    siren: str
    state: Standing
    reason: str


# Of several answers about one firm (a person asked again), the last one only.
_FIRMS_OF = """
SELECT f.uid, f.name, f.siren, CASE f.state WHEN 'pending' THEN 'asked' ELSE f.state END, f.reason
FROM firms_member m JOIN firms_firm f ON f.id = m.firm_id
WHERE m.user_id = %(user)s AND m.active
  AND (f.state <> 'refused' OR f.state_since > now() - interval '30 days')
UNION ALL
SELECT f.uid, f.name, f.siren, CASE WHEN r.decided_at IS NULL THEN 'asked' ELSE 'refused' END, ''
FROM (
    SELECT DISTINCT ON (firm_id) * FROM firms_joinrequest WHERE user_id = %(user)s ORDER BY firm_id, id DESC
) r JOIN firms_firm f ON f.id = r.firm_id
WHERE (r.decided_at IS NULL OR (NOT r.accepted AND r.decided_at > now() - interval '30 days'))
  AND NOT EXISTS (SELECT FROM firms_member m WHERE m.firm_id = r.firm_id AND m.user_id = r.user_id AND m.active)
ORDER BY 2, 1
"""


def firms_of(user_id: int | None) -> list[Place]:
    """The firms of a person by name: those they work for, and for thirty days those that said no; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRMS_OF, {"user": user_id})
        return [Place(uid, name, siren, Standing(state), reason) for uid, name, siren, state, reason in cursor]


@dataclass(frozen=True, slots=True)
class GivenPortfolio:
    """A portfolio that a collaborator was given, with the right on it."""

    uid: UUID
    name: str
    right: Right


@dataclass(frozen=True, slots=True)
class Teammate:
    """A member as their colleagues know them. ``given`` is by name, and of an administrator what waits unused.

    ``last_seen`` is when they last signed in, in whichever firm they work for.
    """

    id: int
    uid: UUID
    name: str
    email: str
    role: Member.Role
    since: datetime
    last_seen: datetime | None
    has_second_factor: bool
    given: tuple[GivenPortfolio, ...]

    @property
    def is_administrator(self) -> bool:
        return self.role == Member.Role.ADMINISTRATOR

    @property
    def called(self) -> str:
        return self.name or self.email


_TEAM = """
SELECT m.id, m.uid, u.full_name, u.email, m.role, m.created_at, u.last_login,
       EXISTS (SELECT FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn')),
       coalesce((
           SELECT json_agg(json_build_array(p.uid, p.name, g.level, g.services) ORDER BY p.name, p.id)
           FROM firms_portfoliogrant g JOIN firms_portfolio p ON p.id = g.portfolio_id WHERE g.member_id = m.id
       ), '[]')
FROM firms_member m JOIN people_user u ON u.id = m.user_id
WHERE m.firm_id = %(firm)s AND m.active AND (%(member)s::uuid IS NULL OR m.uid = %(member)s::uuid)
ORDER BY lower(coalesce(nullif(u.full_name, ''), u.email)), m.id
"""


def team(access: Access) -> list[Teammate]:
    """Everybody who works for the firm, by name; one query. What others were given only administrators read."""
    return _team(access, None)


def teammate(access: Access, member: UUID) -> Teammate | None:
    """One of them; a collaborator finds only themselves."""
    if not access.is_administrator and member != access.member_uid:
        return None
    return next(iter(_team(access, member)), None)


def _team(access: Access, member: UUID | None) -> list[Teammate]:
    with connection.cursor() as cursor:
        cursor.execute(_TEAM, {"firm": access.firm_id, "member": member})
        rows = cursor.fetchall()
    return [
        Teammate(
            id=row[0],
            uid=row[1],
            name=row[2],
            email=row[3],
            role=Member.Role(row[4]),
            since=row[5],
            last_seen=row[6],
            has_second_factor=row[7],
            given=tuple(
                GivenPortfolio(UUID(uid), name, Right(PortfolioGrant.Level(level), services))
                for uid, name, level, services in row[8]
                if access.is_administrator or row[1] == access.member_uid
            ),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that nobody has accepted or cancelled."""

    uid: UUID
    email: str
    name: str
    role: Member.Role
    sent_at: datetime
    expires_at: datetime

    @property
    def expired(self) -> bool:
        return self.expires_at <= timezone.now()


def open_invitations(access: Access, invitation: UUID | None = None) -> list[OpenInvitation]:
    """Those of the firm, the last sent first, or one of them; none for a collaborator."""
    if not access.is_administrator:
        return []
    found = Invitation.objects.filter(firm=access.firm_id, accepted_at=None, cancelled_at=None)
    if invitation is not None:
        found = found.filter(uid=invitation)
    columns = found.order_by("-sent_at", "-pk").values_list(
        "uid", "email", "full_name", "role", "sent_at", "expires_at"
    )
    return [OpenInvitation(uid, email, name, Member.Role(role), *times) for uid, email, name, role, *times in columns]


@dataclass(frozen=True, slots=True)
class Asking:
    """A person who asks to join: their address is proved, their name is their word."""

    uid: UUID
    name: str
    email: str
    asked_at: datetime


def join_requests(access: Access, request: UUID | None = None) -> list[Asking]:
    """Who waits for an answer, the first to ask first, or one of them; nobody for a collaborator."""
    if not access.is_administrator:
        return []
    found = JoinRequest.objects.filter(firm=access.firm_id, decided_at=None)
    if request is not None:
        found = found.filter(uid=request)
    columns = found.order_by("pk").values_list("uid", "user__full_name", "user__email", "created_at")
    return [Asking(*row) for row in columns]
