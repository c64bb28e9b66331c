"""Ten codes kept on paper for the day the telephone is lost. Hashed as passwords are; each is good once."""

import re
import secrets
from collections.abc import Sequence

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection

HOW_MANY = 10
# Crockford's base 32, in two groups of five: 50 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "\u00a0": "", "\u202f": "", "\u2011": ""})
_SHAPE = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")


def new_codes() -> list[str]:
    """Ten new codes as people read them: «7KQ2M-0XWVD»."""
    drawn = ("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(HOW_MANY))
    return [f"{code[:5]}-{code[5:]}" for code in drawn]


def parse(typed: str) -> str | None:
    """A code without what people put between its letters, O read as 0; None for what cannot be one."""
    code = typed.upper().translate(_READ_AS)
    return code if _SHAPE.fullmatch(code) else None


def hashes(codes: Sequence[str]) -> list[str]:
    return [make_password(parse(code)) for code in codes]


def matching(kept: Sequence[str], code: str) -> str | None:
    """Which of the hashes kept is that of a code."""
    return next((one for one in kept if check_password(code, one)), None)


def use_up(row: int, kept: str) -> int | None:
    """Take a hash off its row, and tell how many are left: of two who send the same code, one gets None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mfa_authenticator"
            " SET data = jsonb_set(data, '{hashes}', (data->'hashes') - %s), last_used_at = clock_timestamp()"
            " WHERE id = %s AND data->'hashes' @> to_jsonb(%s::text)"
            " RETURNING jsonb_array_length(data->'hashes')",
            [kept, row, kept],
        )
        found = cursor.fetchone()
    return None if found is None else int(found[0])
