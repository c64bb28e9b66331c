"""Making a code, posting it, and judging what somebody types."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portefeuille.outbox.actions import post
from portefeuille.posted_codes.models import PostedCode

#: Crockford's base 32: no letter that is read as a digit.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
TRIES = 5
GOOD_FOR = timedelta(days=30)
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "\u00a0": "", "\u202f": ""})


@dataclass(frozen=True, slots=True)
class Holder:
    """What a code is about: a Siren (one of its regimes, or all with ""), or an account number without Siren."""

    siren: str = ""
    account_number: str = ""
    regime: str = ""


def send(
    *,
    purpose: PostedCode.Purpose,
    holder: Holder,
    firm_id: int = 0,
    email: str,
    account_id: int | None,
    subject: str,
    body: str,
    bearer: str = "",
) -> None:
    """Post a new code to the address of record; an older one of the same purpose, holder and bearer dies.

    ``body`` holds ``outbox.actions.CODE`` where the code goes. The caller has counted the request against its budgets
    and writes the audit event; it runs in the caller's transaction.
    """
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    key = _key(purpose, holder, firm_id, bearer)
    with transaction.atomic(), connection.cursor() as cursor:
        take_turn(purpose=purpose, holder=holder, firm_id=firm_id, bearer=bearer)
        cursor.execute(
            "UPDATE posted_codes_postedcode SET ended_at = clock_timestamp() WHERE ended_at IS NULL"
            " AND purpose = %s AND firm_id = %s AND regime = %s AND siren = %s AND account_number = %s"
            " AND bearer = %s",
            key,
        )
        cursor.execute(
            "INSERT INTO posted_codes_postedcode"
            " (purpose, firm_id, regime, siren, account_number, bearer, digest, tries_left, created_at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp(),"
            " clock_timestamp() + make_interval(secs => %s))",
            [*key, _digest(holder, code), TRIES, GOOD_FOR.total_seconds()],
        )
        post(recipient=email, account_id=account_id, subject=subject, body=body, secret=show(code))


def take_turn(*, purpose: PostedCode.Purpose, holder: Holder, firm_id: int, bearer: str) -> None:
    """Wait until nobody else sends such a code, in the caller's transaction, and let nobody do it until its end.

    Two requests sent at once would both find no older code. Who takes several turns takes them in one order.
    """
    with connection.cursor() as cursor:
        key = "|".join(map(str, _key(purpose, holder, firm_id, bearer)))
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _key(purpose: PostedCode.Purpose, holder: Holder, firm_id: int, bearer: str) -> list[str | int]:
    return [str(purpose), firm_id, holder.regime, holder.siren, holder.account_number, bearer]


def redeem(*, purpose: PostedCode.Purpose, holder: Holder, code: str, firm_id: int = 0, bearer: str = "") -> bool:
    """Whether ``code``, as typed, is the live one; it is used up if so, and costs one of its tries if not.

    A bearer may also have been given a code that is good for whoever holds it. Runs in the caller's transaction, which
    must commit whatever the answer. Always the same two statements and one comparison at least, whether such a code
    exists or not; of two who send the right one at once, one is refused.
    """
    typed = _digest(holder, parse(code))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, digest FROM posted_codes_postedcode WHERE ended_at IS NULL AND expires_at > clock_timestamp()"
            " AND tries_left > 0 AND purpose = %s AND firm_id = %s AND regime = %s AND siren = %s"
            " AND account_number = %s AND bearer IN ('', %s) ORDER BY id FOR NO KEY UPDATE",
            [str(purpose), firm_id, holder.regime, holder.siren, holder.account_number, bearer],
        )
        found = {code_id: bytes(kept) for code_id, kept in cursor.fetchall()}
        right = 0
        for code_id, kept in (found or {0: bytes(32)}).items():
            right = code_id if hmac.compare_digest(typed, kept) and found else right
        cursor.execute(
            "UPDATE posted_codes_postedcode SET tries_left = tries_left - 1,"
            " used_at = CASE WHEN id = %(right)s THEN clock_timestamp() END,"
            " ended_at = CASE WHEN id = %(right)s OR tries_left = 1 THEN clock_timestamp() END"
            " WHERE id = ANY(%(ids)s)",
            {"right": right, "ids": [right] if right else list(found)},
        )
    return bool(right)


def withdraw(*, purpose: PostedCode.Purpose, holder: Holder, bearer: str) -> None:
    """End the live code of a bearer, in the caller's transaction: it opens nothing any more."""
    PostedCode.objects.filter(
        purpose=purpose,
        regime=holder.regime,
        siren=holder.siren,
        account_number=holder.account_number,
        bearer=bearer,
        ended_at=None,
    ).update(ended_at=timezone.now())


def bearer_of(email: str) -> str:
    """The keyed name of an address: what a code and the trail know of who asked for it."""
    return salted_hmac("portefeuille.posted_codes.bearer", email.lower(), algorithm="sha256").hexdigest()[:32]


def parse(typed: str) -> str:
    """The canonical code: blanks and hyphens dropped, O read as 0, I and L as 1. What is no code stays wrong."""
    return typed.strip()[:40].upper().translate(_READ_AS)


def show(code: str) -> str:
    """«AB12C-3DE4F», as letters and e-mails write it."""
    return f"{code[:5]}-{code[5:]}"


def _digest(holder: Holder, code: str) -> bytes:
    about = "|".join([holder.regime, holder.siren, holder.account_number, code])
    return salted_hmac("portefeuille.posted_codes", about, algorithm="sha256").digest()
