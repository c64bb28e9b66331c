"""What a person may see and do in a firm: computed in one place, once a request (R10)."""

import functools
import operator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Granted:
    """A portfolio that was given to a member.

    ``services`` is the bit mask of the services the right was narrowed to; None is all of them.
    """

    id: int
    uid: UUID
    name: str
    may_manage: bool
    unfiled: bool = False
    services: int | None = None

    def narrowed(self, services: int) -> int:
        """Of a mask of services, those that the right covers."""
        return services if self.services is None else services & self.services

    @property
    def entire(self) -> bool:
        """Whether the right is on the clients themselves, to end or to move them, and not on some services only."""
        return self.may_manage and self.services is None


@dataclass(frozen=True, slots=True)
class Access:
    """A member at work in a firm. Every query of the pages starts from one of these."""

    firm_id: int
    firm_uid: UUID
    firm_name: str
    member_id: int
    member_uid: UUID
    user_id: int
    person: str
    is_administrator: bool
    portfolios: tuple[Granted, ...]
    has_second_factor: bool = True
    #: Until when an administrator may work without a second factor; None: not at all.
    second_factor_by: datetime | None = None

    @property
    def actor(self) -> str:
        """The member as the audit trail names them."""
        return f"member:{self.member_uid}"

    @property
    def portfolio_ids(self) -> list[int]:
        return [portfolio.id for portfolio in self.portfolios]

    @property
    def managed(self) -> list[Granted]:
        return [portfolio for portfolio in self.portfolios if portfolio.may_manage]

    @property
    def managed_ids(self) -> list[int]:
        return [portfolio.id for portfolio in self.managed]

    @property
    def entire_ids(self) -> list[int]:
        return [portfolio.id for portfolio in self.portfolios if portfolio.entire]

    @property
    def services_within(self) -> int | None:
        """The services that the rights to manage cover, all portfolios together; None when some right has no limit."""
        masks = [portfolio.services for portfolio in self.managed]
        return None if None in masks else functools.reduce(operator.or_, (mask or 0 for mask in masks), 0)

    def right_on(self, portfolio_id: int) -> Granted | None:
        return next((portfolio for portfolio in self.portfolios if portfolio.id == portfolio_id), None)

    def may_manage(self, portfolio_id: int) -> bool:
        return portfolio_id in self.managed_ids

    @property
    def lacks_second_factor(self) -> bool:
        """Whether the person is an administrator who must set up a second factor before anything else."""
        if not self.is_administrator or self.has_second_factor:
            return False
        return self.second_factor_by is None or self.second_factor_by <= timezone.now()


_ACCESS = """
SELECT f.id, f.name, m.id, m.uid, coalesce(nullif(u.full_name, ''), u.email), m.role = 'administrator',
       m.second_factor_by,
       EXISTS (SELECT FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn')),
       p.id, p.uid, p.name, m.role = 'administrator' OR p.level = 'manage', p.unfiled,
       CASE WHEN m.role <> 'administrator' THEN p.services END
FROM firms_member m
JOIN firms_firm f ON f.id = m.firm_id
JOIN people_user u ON u.id = m.user_id
LEFT JOIN LATERAL (
    SELECT p.id, p.uid, p.name, p.unfiled, g.level, g.services
    FROM firms_portfolio p LEFT JOIN firms_portfoliogrant g ON g.portfolio_id = p.id AND g.member_id = m.id
    WHERE p.firm_id = f.id AND (m.role = 'administrator' OR g.id IS NOT NULL)
) p ON TRUE
WHERE f.uid = %s AND f.state = 'active' AND m.user_id = %s AND m.active AND u.is_active
ORDER BY p.unfiled, p.name, p.id
"""


def access_of(user_id: int, firm_uid: UUID) -> Access | None:
    """The access of a person to a firm, in one query.

    None for a stranger, a member who left, one whose identifier an agent closed, or a suspended firm.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACCESS, [firm_uid, user_id])
        rows = cursor.fetchall()
    if not rows:
        return None
    firm_id, firm_name, member_id, member_uid, person, is_administrator = rows[0][:6]
    second_factor_by, has_second_factor = rows[0][6:8]
    return Access(
        firm_id=firm_id,
        firm_uid=firm_uid,
        firm_name=firm_name,
        member_id=member_id,
        member_uid=member_uid,
        user_id=user_id,
        person=person,
        is_administrator=is_administrator,
        portfolios=tuple(Granted(*row[8:]) for row in rows if row[8] is not None),
        has_second_factor=has_second_factor,
        second_factor_by=second_factor_by,
    )
