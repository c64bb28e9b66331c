"""What the trail says of some subjects, over all firms: newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

MOST = 30


@dataclass(frozen=True, slots=True)
class Happened:
    """``person``: who did it where it was a person; else "", and ``actor_kind`` says what it was."""

    at: datetime
    verb: str
    actor_kind: str  # "member", "client", "agent", "person", "command"…
    person: str
    firm: str  # whose chain it stands in; "" for none
    reason: str
    about: dict[str, Any]


# By subject, which is indexed, each with its own few last events: a busy client does not make the others slow.
_EVENTS = """
SELECT a.at, a.verb, split_part(a.actor, ':', 1), coalesce(nullif(u.full_name, ''), u.email, ''), coalesce(f.name, ''),
       coalesce(a.after->>'reason', ''), a.after
FROM (
    SELECT e.* FROM unnest(%s::text[]) AS s (subject)
    CROSS JOIN LATERAL (
        SELECT id, at, actor, verb, chain, after FROM audit_event WHERE subject = s.subject ORDER BY id DESC LIMIT %s
    ) e
    ORDER BY e.id DESC LIMIT %s
) a
LEFT JOIN firms_firm f ON f.id = a.chain
LEFT JOIN firms_member m ON m.uid = CASE WHEN a.actor LIKE 'member:%%' THEN substr(a.actor, 8)::uuid END
LEFT JOIN backoffice_agent g ON g.uid = CASE WHEN a.actor LIKE 'agent:%%' THEN substr(a.actor, 7)::uuid END
LEFT JOIN people_user u ON u.id = coalesce(m.user_id, g.user_id)
    OR u.uid = CASE WHEN a.actor LIKE 'person:%%' THEN substr(a.actor, 8)::uuid END
ORDER BY a.id DESC
"""


def history(subjects: Sequence[str]) -> list[Happened]:
    """The last ``MOST`` events about ``subjects`` («enrolment:<uid>», «firm:<uid>»…); one query."""
    if not subjects:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [list(subjects), MOST, MOST])
        return [
            Happened(at, verb, kind, person, firm, reason, about or {})
            for at, verb, kind, person, firm, reason, about in cursor
        ]
