"""The decisions of clients, as their firm reads them: what a member may see, and has read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from portefeuille.firms.access import Access

#: The page shows so many; read ones stay a while under those to read.
PAGE = 100


@dataclass(frozen=True, slots=True)
class Decided:
    uid: UUID
    kind: str
    at: datetime
    read_at: datetime | None
    enrolment: UUID
    live: bool
    name: str
    regime: str
    siren: str
    account_number: str


# The member's own eyes: the portfolios given and, for a restricted client, being named. The same for all three reads.
_VISIBLE = """
    d.firm_id = %(firm)s AND e.portfolio_id = ANY(%(portfolios)s)
    AND (%(administrator)s OR NOT e.restricted
         OR EXISTS (SELECT FROM enrolments_onlyfor o WHERE o.enrolment_id = e.id AND o.member_id = %(member)s))
"""


def _who(access: Access) -> dict[str, Any]:
    return {
        "firm": access.firm_id,
        "portfolios": access.portfolio_ids,
        "administrator": access.is_administrator,
        "member": access.member_id,
    }


def decisions(access: Access, *, unread_only: bool = False, most: int = PAGE) -> list[Decided]:
    """The latest decisions of the clients that the member sees: those to read first, then by age."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT d.uid, d.kind, d.at, d.read_at, e.uid, e.ended_at IS NULL, e.name, e.regime, e.siren,
                   e.account_number
            FROM enrolments_decision d JOIN enrolments_enrolment e ON e.id = d.enrolment_id
            WHERE {_VISIBLE} AND (d.read_at IS NULL OR NOT %(unread)s)
            ORDER BY d.read_at IS NOT NULL, d.at DESC, d.id DESC LIMIT %(most)s
            """,
            {**_who(access), "unread": unread_only, "most": most},
        )
        return [Decided(*row) for row in cursor.fetchall()]


def mark_read(*, access: Access, decision: UUID | None = None) -> int:
    """Note that somebody of the firm has read a decision, or all that the member sees; how many were unread.

    The first reader's name stays. Whoever sees a client may do it: reading is not an act on the client.
    """
    with connection.cursor() as cursor:
        # In the order of their ids: two who read all at once would else wait for each other.
        cursor.execute(
            f"""
            UPDATE enrolments_decision SET read_at = clock_timestamp(), read_by_id = %(member)s
            WHERE read_at IS NULL AND id = ANY(ARRAY(
                SELECT d.id FROM enrolments_decision d JOIN enrolments_enrolment e ON e.id = d.enrolment_id
                WHERE {_VISIBLE} AND d.read_at IS NULL AND d.uid = coalesce(%(decision)s::uuid, d.uid)
                ORDER BY d.id FOR NO KEY UPDATE OF d
            ))
            """,
            {**_who(access), "decision": decision},
        )
        return int(cursor.rowcount)
