"""Reads about firms and their teams. Those of a firm's pages start from an ``Access``."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection


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
