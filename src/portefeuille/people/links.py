"""Links sent by e-mail: random, kept as a digest only, good once and for a while.

A link opens a page; what it allows is done, and the link used up, when that page's form is sent: programs that fetch
the links of an e-mail must not use them up.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from portefeuille.people.models import Link

GOOD_FOR = {
    Link.Purpose.OPEN_FIRM: timedelta(hours=24),
    Link.Purpose.OPEN_CLIENT_SPACE: timedelta(hours=24),
    Link.Purpose.INVITATION: timedelta(days=7),
    Link.Purpose.RESET: timedelta(hours=1),
    Link.Purpose.CHANGE_EMAIL: timedelta(hours=24),
}
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Proven:
    """What a link proves and carries."""

    id: int
    email: str
    payload: Mapping[str, Any]


def issue(purpose: Link.Purpose, *, email: str, payload: Mapping[str, Any] | None = None) -> str:
    """The token of a new link for ``email``: it is the secret of a message, sealed until sent; no log has it."""
    token = secrets.token_urlsafe(32)
    Link.objects.create(
        purpose=purpose,
        email=email.strip().lower(),
        digest=_digest(token),
        payload=dict(payload or {}),
        expires_at=timezone.now() + GOOD_FOR[purpose],
    )
    return token


def look(purpose: Link.Purpose, token: str) -> Proven | None:
    """What a live link says, without using it up; None for an expired, used, withdrawn, forged or other one."""
    return _read(
        "SELECT id, email, payload FROM people_link"
        " WHERE digest = %s AND purpose = %s AND ended_at IS NULL AND expires_at > clock_timestamp()",
        purpose,
        token,
    )


def use(purpose: Link.Purpose, token: str) -> Proven | None:
    """Use a link up, in the caller's transaction: of two who send the same one, one gets None."""
    return _read(
        "UPDATE people_link SET ended_at = clock_timestamp()"
        " WHERE digest = %s AND purpose = %s AND ended_at IS NULL AND expires_at > clock_timestamp()"
        " RETURNING id, email, payload",
        purpose,
        token,
    )


def withdraw(purpose: Link.Purpose, **payload: Any) -> None:
    """End the live links of a purpose whose payload holds these values, as when an invitation is cancelled."""
    Link.objects.filter(purpose=purpose, ended_at=None, payload__contains=payload).update(ended_at=timezone.now())


def _read(sql: str, purpose: Link.Purpose, token: str) -> Proven | None:
    if len(token) > _LONGEST:
        return None
    found = Link.objects.raw(sql, [_digest(token), str(purpose)])
    for link in found:
        return Proven(link.pk, link.email, link.payload)
    return None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
