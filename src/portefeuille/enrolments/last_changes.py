"""The last acts on a firm's clients, as its dashboard shows them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from portefeuille.enrolments.policies import unreserved
from portefeuille.firms.access import Access


@dataclass(frozen=True, slots=True)
class LastChange:
    """One of the last acts on the clients that the member may see."""

    at: datetime
    verb: str
    person: str  # "" when it was not a member
    uid: UUID
    name: str
    regime: str
    live: bool
    ending: UUID | None  # set while this member can undo the act


def last_changes(access: Access, number: int = 8) -> list[LastChange]:
    """The latest acts first, read from the audit trail."""
    clause, values = unreserved(access, "e.")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT a.at, a.verb, coalesce(nullif(u.full_name, ''), u.email, ''), e.uid, e.name, e.regime,
                   e.ended_at IS NULL,
                   CASE WHEN a.verb = 'enrolment.terminated' AND e.ended_by = 'firm'
                             AND e.ended_at > clock_timestamp() - make_interval(secs => %s)
                             AND e.portfolio_id = ANY(%s) THEN e.ending END
            FROM (
                SELECT seq, at, actor, verb, subject FROM audit_event
                WHERE chain = %s ORDER BY seq DESC LIMIT 200
            ) a
            JOIN enrolments_enrolment e
                ON e.uid = CASE WHEN a.subject LIKE 'enrolment:%%' THEN substr(a.subject, 11)::uuid END
            LEFT JOIN firms_member m ON m.uid = CASE WHEN a.actor LIKE 'member:%%' THEN substr(a.actor, 8)::uuid END
            LEFT JOIN people_user u ON u.id = m.user_id
            WHERE e.firm_id = %s AND e.portfolio_id = ANY(%s) AND {clause}
            ORDER BY a.seq DESC LIMIT %s
            """,
            [
                settings.UNDO_WINDOW.total_seconds(),
                access.entire_ids,
                access.firm_id,
                access.firm_id,
                access.portfolio_ids,
                *values,
                number,
            ],
        )
        return [LastChange(*row) for row in cursor.fetchall()]
