"""Sealing what leaves our hands or waits in a row, and must not be read there: pages, sessions, the outbox."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(purpose: str, content: bytes) -> str:
    """``content`` encrypted and signed, fit for an address. ``purpose`` separates the keys of different uses."""
    return _cipher(purpose).encrypt(content).decode()


def unseal(purpose: str, token: str, *, seconds: int | None = None) -> bytes | None:
    """What was sealed; None when it is forged, of another purpose, or older than ``seconds``."""
    try:
        return _cipher(purpose).decrypt(token.encode(), ttl=seconds)
    except InvalidToken:
        return None


def _cipher(purpose: str) -> MultiFernet:
    return MultiFernet([_key(purpose, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@lru_cache(maxsize=64)  # deriving costs more than sealing; the secret stands in the settings all the same
def _key(purpose: str, secret: str) -> Fernet:
    info = f"portefeuille/{purpose}/v1".encode()
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
