"""Six digits every thirty seconds from an authenticator application (RFC 6238), by allauth's arithmetic."""

import hmac
import time
from typing import Any
from urllib.parse import quote, urlencode

from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from qrcode.main import QRCode

from portefeuille.sealing import seal, unseal

ISSUER = "Portefeuille"
PERIOD = 30  # seconds
#: A code is good one step early or late: clocks are never quite right, and people type slowly.
DRIFT = 1
#: How far off a code is still known for one of another time, to tell that the clock is wrong: five minutes.
FAR = 10
_PURPOSE = "second-factor"


def new_secret() -> str:
    """160 random bits in base 32."""
    return generate_totp_secret()


def sealed(secret: str) -> str:
    """As it stands in the database: who reads the row cannot make codes."""
    return seal(_PURPOSE, secret.encode())


def opened(row: str) -> str | None:
    content = unseal(_PURPOSE, row)
    return None if content is None else content.decode()


def step_now() -> int:
    return int(time.time()) // PERIOD


def step_of(secret: str, code: str) -> int | None:
    """The step that a code belongs to, the nearest first, within ``FAR`` of now; None when it is of none."""
    now = step_now()
    for off in sorted(range(-FAR, FAR + 1), key=abs):
        if hmac.compare_digest(code_at(secret, now + off), code):
            return now + off
    return None


def code_at(secret: str, step: int) -> str:
    return format_hotp_value(hotp_value(secret, step))


def address(secret: str, identifier: str) -> str:
    """What the QR code says: ``otpauth://totp/Portefeuille:somebody@…?secret=…``."""
    label = quote(f"{ISSUER}:{identifier}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def qr_path(content: str) -> tuple[int, str]:
    """A QR code as the size of its square and the path that draws it, to stand inside a page."""
    code: QRCode[Any] = QRCode(border=4)
    code.add_data(content)
    code.make(fit=True)
    rows: list[list[bool]] = code.get_matrix()
    drawn = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return len(rows), drawn
