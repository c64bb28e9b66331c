"""Passkeys (WebAuthn), by the library fido2: registering one, and judging what it signed.

A ceremony has two halves: options with a challenge that the browser gets, and its answer. Between them the session
keeps the challenge, once. The site is that of ``SITE_ADDRESS``: what a passkey signed for another is worth nothing.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portefeuille.people.models import User

_STATE = "passkey_challenge"
#: An answer is some 2 KB.
LONGEST = 16 * 1024
# What the library raises over an answer that is not one: it reads as it goes.
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError)


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that signed. ``checked_owner``: it asked for a fingerprint, a face or a PIN, which is a factor too."""

    person: User
    checked_owner: bool


def to_register(session: SessionBase, person: User) -> str:
    """The options, as JSON, by which a browser makes a passkey for a person; theirs so far are left out."""
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(
            id=person.uid.bytes, name=person.email, display_name=person.full_name or person.email
        ),
        credentials=[_credential(row) for row in _rows(person)],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    session[_STATE] = dict(state)
    return json.dumps(dict(options.public_key))


def registered(session: SessionBase, answer: str) -> dict[str, Any] | None:
    """What to keep of a passkey just made (``second_factor.add_passkey``); None for an answer worth nothing."""
    state = session.pop(_STATE, None)
    if state is None or len(answer) > LONGEST:
        return None
    try:
        made = _server().register_complete(state, json.loads(answer))
    except _UNREADABLE:
        return None
    if made.credential_data is None:
        return None
    return {"credential": websafe_encode(bytes(made.credential_data)), "count": made.counter}


def to_sign_in(session: SessionBase, person: User | None = None) -> str:
    """The options by which a browser shows a passkey: a person's, or anybody's that checks its owner."""
    verification = UserVerificationRequirement.PREFERRED if person else UserVerificationRequirement.REQUIRED
    options, state = _server().authenticate_begin(
        credentials=[_credential(row) for row in _rows(person)] if person else None, user_verification=verification
    )
    session[_STATE] = dict(state)
    return json.dumps(dict(options.public_key))


def shown(session: SessionBase, answer: str, person: User | None = None) -> Shown | None:
    """Whose passkey signed the challenge; None for an answer that is worth nothing, or of a copied key."""
    state = session.pop(_STATE, None)
    if state is None or len(answer) > LONGEST:
        return None
    try:
        read = AuthenticationResponse.from_dict(json.loads(answer))
        owner = person or _owner(read.response.user_handle)
        if owner is None or not owner.is_active:
            return None
        rows = {_credential(row).credential_id: row for row in _rows(owner)}
        _server().authenticate_complete(state, [_credential(row) for row in rows.values()], read)
        signed = read.response.authenticator_data
        if not _use(rows[read.raw_id].pk, signed.counter):
            return None
        return Shown(owner, signed.is_user_verified())
    except _UNREADABLE:
        return None


def _server() -> Fido2Server:
    parts = urlsplit(settings.SITE_ADDRESS)
    origin = f"{parts.scheme}://{parts.netloc}"
    site = PublicKeyCredentialRpEntity(id=parts.hostname or "", name="Portefeuille")
    return Fido2Server(site, verify_origin=lambda said: said == origin)


def _rows(person: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).order_by("pk"))


def _credential(row: Authenticator) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(row.data["credential"]))


def _owner(handle: bytes | None) -> User | None:
    return User.objects.filter(uid=UUID(bytes=handle)).first() if handle else None


def _use(row: int, count: int) -> bool:
    """Note that a passkey signed. One that counts counts up: where it does not, somebody has a copy."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mfa_authenticator"
            " SET data = jsonb_set(data, '{count}', to_jsonb(%s::bigint)), last_used_at = clock_timestamp()"
            " WHERE id = %s AND ((data->>'count')::bigint < %s OR ((data->>'count')::bigint = 0 AND %s = 0))",
            [count, row, count, count],
        )
        return int(cursor.rowcount) == 1
