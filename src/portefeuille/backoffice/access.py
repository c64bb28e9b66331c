"""An agent at work: what a person may do in the back office, read once a request."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class AgentAccess:
    """Every page and verb of the back office starts from one of these."""

    agent_id: int
    uid: UUID
    user_id: int
    person: str
    may_act: bool
    has_second_factor: bool

    @property
    def actor(self) -> str:
        """The agent as the audit trail names them."""
        return f"agent:{self.uid}"


_ACCESS = """
SELECT a.id, a.uid, u.id, coalesce(nullif(u.full_name, ''), u.email), a.may_act,
       EXISTS (SELECT FROM mfa_authenticator m WHERE m.user_id = u.id AND m.type IN ('totp', 'webauthn'))
FROM backoffice_agent a JOIN people_user u ON u.id = a.user_id
WHERE a.user_id = %s AND a.active AND u.is_active
"""


def agent_access_of(user_id: int) -> AgentAccess | None:
    """The access of a person to the back office, in one query; None for whoever is no agent, or no more.

    Nor for an agent whose identifier was closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACCESS, [user_id])
        row = cursor.fetchone()
    return AgentAccess(*row) if row else None
