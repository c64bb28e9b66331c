"""What a signed token of a provider says, once everything that OpenID Connect asks of it is checked.

OpenID Connect Core 1.0, 3.1.3.7 (ID token) and 5.3.2 (userinfo); RFC 8725 for what signatures may be.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

import jwt

from portefeuille.people.single_sign_on.providers import Provider
from portefeuille.people.single_sign_on.talking import Conversation, Failed

#: Asymmetric only: with HS256 a public key, or a client's secret, could sign. Each with the type of its key.
ALGORITHMS = {"RS256": "RSA", "ES256": "EC"}
#: How far a provider's clock may be off, in seconds.
LEEWAY = 60
#: A shorter RSA key can be broken.
SHORTEST_RSA = 2048
_LONGEST_SUBJECT = 191  # as long as a link holds; OpenID would allow 255, and nobody uses them
# What broken keys and numbers out of any range raise besides the library's own.
_BROKEN = (jwt.PyJWTError, ValueError, TypeError, LookupError, ArithmeticError)


def read_id_token(token: object, conversation: Conversation, *, nonce: str, access_token: str) -> Mapping[str, Any]:
    """The claims of the ID token that answers the attempt of ``nonce``; raises ``Failed``."""
    claims = _read(token, conversation, required=("iss", "sub", "aud", "exp", "iat", "nonce"))
    subject_of(claims)
    _check_authorized_party(claims, conversation.provider)
    if not _same(claims["nonce"], nonce):
        raise Failed("ID token: nonce")
    if "at_hash" in claims and not _same(claims["at_hash"], _half_of_hash(access_token)):
        raise Failed("ID token: at_hash")
    return claims


def read_userinfo(
    is_token: bool, body: bytes, conversation: Conversation, *, subject: str, must_be_signed: bool
) -> Mapping[str, Any]:
    """The claims of userinfo, signed or not; they must be about ``subject``. Raises ``Failed``."""
    if is_token:
        claims = _read(body.strip().decode("ascii", "replace"), conversation, required=("iss", "sub", "aud"))
    elif must_be_signed:
        raise Failed("userinfo: not signed")
    else:
        try:
            claims = json.loads(body)
        except (ValueError, RecursionError):
            raise Failed("userinfo: not JSON") from None
        if not isinstance(claims, dict):
            raise Failed("userinfo: not an object")
    if subject_of(claims) != subject:
        raise Failed("userinfo: another subject")
    return claims


def subject_of(claims: Mapping[str, Any]) -> str:
    """The provider's own name for the person: 1 to 191 ASCII characters."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isascii():
        raise Failed("subject")
    if not subject.isprintable():
        raise Failed("subject")
    return subject


def _read(token: object, conversation: Conversation, *, required: Iterable[str]) -> dict[str, Any]:
    """The claims of a token of the provider for us, in force now."""
    if not isinstance(token, str):
        raise Failed("token: missing")
    try:
        header = jwt.get_unverified_header(token)
    except _BROKEN:
        raise Failed("token: not one") from None
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or "crit" in header:
        raise Failed("token: algorithm")
    # A provider renews its keys as it likes: one that we do not know, or that does not fit, is asked for once more.
    for fresh in (False, True):
        key = _key(conversation.keys(fresh=fresh), algorithm, header.get("kid"))
        if key is None:
            continue
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=conversation.provider.issuer,
                audience=conversation.provider.client_id,
                leeway=LEEWAY,
                options={"require": list(required)},
            )
        except jwt.InvalidSignatureError:
            continue
        except _BROKEN as error:
            raise Failed(f"token: {type(error).__name__}") from None
    raise Failed("token: signed by no key of the provider")


def _key(keys: list[Any], algorithm: str, identifier: object) -> Any:
    """The public key that a token names; without a name, the only one of its sort."""
    fitting = [
        key
        for key in keys
        if isinstance(key, dict)
        and key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (identifier is None or key.get("kid") == identifier)
    ]
    if len(fitting) != 1:
        return None
    try:
        key = jwt.PyJWK({name: fitting[0][name] for name in fitting[0] if name not in ("d", "p", "q")}, algorithm).key
    except _BROKEN:
        return None
    if algorithm == "RS256" and key.key_size < SHORTEST_RSA:
        return None
    return key


def _check_authorized_party(claims: Mapping[str, Any], provider: Provider) -> None:
    """A token for several is believed only when it was asked for by us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else provider.client_id) != provider.client_id:
        raise Failed("ID token: authorized party")


def _half_of_hash(access_token: str) -> str:
    """``at_hash`` of an algorithm that hashes with SHA-256, as both of ours do."""
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _same(said: object, expected: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode(), expected.encode())
