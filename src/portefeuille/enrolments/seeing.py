"""Who of a firm sees a client, and why."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from portefeuille.enrolments.queries import Client
from portefeuille.firms.access import Access


@dataclass(frozen=True, slots=True)
class Seer:
    """A member who has the client's portfolio. ``sees`` is False where the client is reserved for others."""

    uid: UUID
    name: str
    is_administrator: bool
    may_manage: bool
    services: int | None  # what the right was narrowed to; None: all
    named: bool
    sees: bool


def who_sees(access: Access, client: Client) -> list[Seer]:
    """The members at work who have the portfolio of the client: administrators first, then by name; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.uid, coalesce(nullif(u.full_name, ''), u.email) AS called, m.role = 'administrator',
                   m.role = 'administrator' OR g.level = 'manage',
                   CASE WHEN m.role <> 'administrator' THEN g.services END, o.id IS NOT NULL
            FROM firms_member m
            JOIN people_user u ON u.id = m.user_id
            LEFT JOIN firms_portfoliogrant g ON g.member_id = m.id AND g.portfolio_id = %s
            LEFT JOIN enrolments_onlyfor o ON o.member_id = m.id AND o.enrolment_id = %s
            WHERE m.firm_id = %s AND m.active AND (m.role = 'administrator' OR g.id IS NOT NULL)
            ORDER BY m.role = 'administrator' DESC, lower(coalesce(nullif(u.full_name, ''), u.email)), m.id
            """,
            [client.portfolio.id, client.id, access.firm_id],
        )
        rows = cursor.fetchall()
    return [
        Seer(
            uid,
            name,
            is_administrator,
            may_manage,
            services,
            named,
            is_administrator or named or not client.restricted,
        )
        for uid, name, is_administrator, may_manage, services, named in rows
    ]
