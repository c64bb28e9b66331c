"""Keyed digests of the facts that prove a client (R4): the value itself is stored nowhere.

The keys are ``settings.FACT_KEYS``, the current one first; each use has its own subkey (HKDF-SHA-256, one purpose
each), so that a digest made for one use says nothing about another.
"""

import hmac
from datetime import date
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from portefeuille.registry.models import FactKind

FACT_PURPOSE = b"portefeuille/fact/v1"
NIR_PURPOSE = b"portefeuille/nir-fingerprint/v1"
LENGTH = 32

_VERSION = b"\x01"


class UnknownKey(LookupError):
    """No key of that name in ``FACT_KEYS``, or no key at all: a mistake of the deployment."""


def current_key_id() -> str:
    """The name of the key that new digests are made with."""
    try:
        return next(iter(settings.FACT_KEYS))
    except StopIteration:
        raise UnknownKey("FACT_KEYS holds no key") from None


def key_ids() -> tuple[str, ...]:
    """The names of all keys, the current one first."""
    return tuple(settings.FACT_KEYS)


def digest(
    *, account_number: str, kind: FactKind | str, due_date: date | None, value: str, key_id: str | None = None
) -> bytes:
    """The 32 bytes of one fact of one account.

    ``account_number`` and ``value`` are canonical: «1234.56» for an amount, 15 characters for a NIR, whose
    ``due_date`` is None. The message is version ‖ account ‖ kind ‖ due date ‖ value, each with its length before it:
    no two facts make the same message.
    """
    period = due_date.isoformat() if due_date else ""
    message = bytearray(_VERSION)
    for part in (account_number, str(kind), period, value):
        encoded = part.encode()
        message += len(encoded).to_bytes(2, "big")
        message += encoded
    return hmac.digest(_subkey(_key(key_id or current_key_id()), FACT_PURPOSE), bytes(message), "sha256")


def nir_fingerprint(nir: str) -> bytes:
    """What a budget on one NIR is counted under (15 characters in, 32 bytes out); never stored with an account.

    It is made with the oldest key, so that bringing in a new current key gives nobody a fresh budget.
    """
    return hmac.digest(_subkey(_key(key_ids()[-1]), NIR_PURPOSE), nir.encode(), "sha256")


def _key(key_id: str) -> bytes:
    try:
        key: bytes = settings.FACT_KEYS[key_id]
    except KeyError:
        raise UnknownKey(f"FACT_KEYS holds no key named {key_id}") from None
    return key


@lru_cache(maxsize=32)
def _subkey(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=LENGTH, salt=None, info=purpose).derive(key)
