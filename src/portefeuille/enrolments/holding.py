"""What a team holds: how many clients each portfolio has, and the restricted clients that a member is named for."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from portefeuille.firms.access import Access

#: Of restricted clients, as many are named; the rest is counted.
NAMED = 20


@dataclass(frozen=True, slots=True)
class NamedFor:
    """The restricted clients that a member is named for: the first ones by name, and how many there are."""

    clients: tuple[tuple[UUID, str], ...]
    total: int


def clients_of_portfolios(access: Access) -> dict[int, int]:
    """How many live clients each portfolio of the access has, read from the tallies; empty ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT portfolio_id, sum(number)::int FROM enrolments_tally"
            " WHERE firm_id = %s AND portfolio_id = ANY(%s) GROUP BY portfolio_id HAVING sum(number) > 0",
            [access.firm_id, access.portfolio_ids],
        )
        return dict(cursor.fetchall())


def named_for(access: Access, member_id: int) -> NamedFor:
    """The live restricted clients of the firm that a member is named for; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.uid, e.name, count(*) OVER () FROM enrolments_onlyfor o"
            " JOIN enrolments_enrolment e ON e.id = o.enrolment_id"
            " WHERE o.member_id = %s AND e.firm_id = %s AND e.ended_at IS NULL AND e.restricted"
            " ORDER BY e.name_key, e.id LIMIT %s",
            [member_id, access.firm_id, NAMED],
        )
        rows = cursor.fetchall()
    return NamedFor(tuple((uid, name) for uid, name, _ in rows), rows[0][2] if rows else 0)
