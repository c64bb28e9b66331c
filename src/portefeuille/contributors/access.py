"""A person at work in a client's space: every read and verb of its pages starts from one of these."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from portefeuille.enrolments.client_word import Speaker


@dataclass(frozen=True, slots=True)
class SpaceAccess:
    """Who holds which space. ``name`` is the client's, as the register had it when the space was opened."""

    space_id: int
    space_uid: UUID
    siren: str
    account_number: str
    name: str
    holder_uid: UUID
    person: str

    @property
    def actor(self) -> str:
        """The holder as the audit trail names them."""
        return f"client:{self.holder_uid}"

    @property
    def speaker(self) -> Speaker:
        return Speaker(actor=self.actor, siren=self.siren, account_number=self.account_number)


_SPACES = """
SELECT s.id, s.uid, s.siren, s.account_number, s.name, h.uid, coalesce(nullif(u.full_name, ''), u.email)
FROM contributors_spaceholder h
JOIN contributors_clientspace s ON s.id = h.space_id
JOIN people_user u ON u.id = h.user_id
WHERE h.user_id = %s AND h.active AND u.is_active AND s.uid = coalesce(%s::uuid, s.uid)
ORDER BY s.name, s.id
"""


def spaces_of(user_id: int) -> list[SpaceAccess]:
    """The client spaces that a person holds, by name."""
    return _read(user_id, None)


def access_of(user_id: int, space_uid: UUID) -> SpaceAccess | None:
    """The access of a person to a space, in one query; None for a stranger, a past holder or a closed identifier."""
    found = _read(user_id, space_uid)
    return found[0] if found else None


def _read(user_id: int, space_uid: UUID | None) -> list[SpaceAccess]:
    with connection.cursor() as cursor:
        cursor.execute(_SPACES, [user_id, space_uid])
        return [SpaceAccess(*row) for row in cursor.fetchall()]
