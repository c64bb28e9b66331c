"""The second factors of a person: what they are, adding and removing them, and judging a code.

They are rows of allauth's ``Authenticator``. The secret of an application is sealed, recovery codes are hashed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.people import recovery_codes, sessions, totp
from portefeuille.people.models import User
from portefeuille.people.proofs import Verdict, judged, spending_of, spent
from portefeuille.people.telling import News, tell

Type = Authenticator.Type
#: What stands for a second factor; recovery codes alone do not.
FACTORS = (Type.TOTP, Type.WEBAUTHN)
APPLICATION = "Une application d'authentification"

_SIX_DIGITS = re.compile("[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Factor:
    """An application or a passkey, as its owner sees it."""

    id: int
    is_passkey: bool
    name: str
    since: datetime
    used: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """All that a person has besides their password."""

    application: Factor | None
    passkeys: tuple[Factor, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        return bool(self.application or self.passkeys)

    @property
    def count(self) -> int:
        return len(self.passkeys) + (self.application is not None)


@dataclass(frozen=True, slots=True)
class Added:
    """A factor that works from now on. ``codes``: the recovery codes that came with the first one, to show once."""

    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The application shows another code: nothing was added. ``other_time``: the code of another moment."""

    other_time: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    pass


@dataclass(frozen=True, slots=True)
class LastOne:
    """The person must have a second factor, and this is the last."""


def factors_of(person_id: int) -> Factors:
    """Everything in one query, the oldest passkey first."""
    application, passkeys, left = None, [], 0
    for row in Authenticator.objects.filter(user_id=person_id).order_by("created_at", "pk"):
        if row.type == Type.RECOVERY_CODES:
            left = len(row.data.get("hashes", ()))
            continue
        is_passkey = row.type == Type.WEBAUTHN
        name = row.data.get("name", "") if is_passkey else APPLICATION
        factor = Factor(row.pk, is_passkey, name, row.created_at, row.last_used_at)
        if is_passkey:
            passkeys.append(factor)
        else:
            application = factor
    return Factors(application, tuple(passkeys), left)


def has_second_factor(person_id: int) -> bool:
    return Authenticator.objects.filter(user_id=person_id, type__in=FACTORS).exists()


def add_application(*, person: User, secret: str, code: str, session: SessionBase) -> Added | WrongCode:
    """Take an application that shows ``code`` for ``secret`` as a second factor, in place of an earlier one.

    Here and below, the person's other sessions end: ``session`` is the one at work.
    """
    step = totp.step_of(secret, _digits(code))
    if step is None or abs(step - totp.step_now()) > totp.DRIFT:
        return WrongCode(other_time=step is not None)
    with transaction.atomic():
        _one_at_a_time(person)
        Authenticator.objects.filter(user=person, type=Type.TOTP).delete()
        # The code that proved it opens nothing any more.
        data = {"secret": totp.sealed(secret), "step": step}
        Authenticator.objects.create(user=person, type=Type.TOTP, data=data)
        return _added(person, "application", APPLICATION, session)


def add_passkey(*, person: User, name: str, data: dict[str, Any], session: SessionBase) -> Added:
    """Keep a passkey that has just been verified (``passkeys.verified``)."""
    with transaction.atomic():
        _one_at_a_time(person)
        Authenticator.objects.create(user=person, type=Type.WEBAUTHN, data={**data, "name": name})
        return _added(person, "passkey", f"La clé d'accès «\u202f{name}\u202f»", session)


def remove(*, person: User, factor_id: int, compulsory: bool, session: SessionBase) -> Removed | LastOne | None:
    """Remove an application or a passkey; the recovery codes go with the last. None where there is no such factor.

    ``compulsory``: whether the person must have one (the rooms above know).
    """
    with transaction.atomic():
        _one_at_a_time(person)
        rows = {row.pk: row for row in Authenticator.objects.filter(user=person, type__in=FACTORS).order_by("pk")}
        row = rows.get(factor_id)
        if row is None:
            return None
        if compulsory and len(rows) == 1:
            return LastOne()
        row.delete()
        if len(rows) == 1:
            Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).delete()
        is_passkey = row.type == Type.WEBAUTHN
        what = f"La clé d'accès «\u202f{row.data.get('name', '')}\u202f»" if is_passkey else APPLICATION
        _record(person, Verb.FACTOR_REMOVED, "passkey" if is_passkey else "application")
        tell(person, News.FACTOR_REMOVED, what=what)
        sessions.end_others(person.pk, session)
        return Removed()


def renew_codes(*, person: User) -> Sequence[str] | None:
    """Ten new recovery codes in place of the old ones; None for whoever has no second factor."""
    codes = recovery_codes.new_codes()
    with transaction.atomic():
        _one_at_a_time(person)
        if not has_second_factor(person.pk):
            return None
        _keep(person, codes)
        _record(person, Verb.CODES_RENEWED, "recovery codes")
        tell(person, News.CODES_RENEWED)
    return codes


def is_code(typed: str) -> bool:
    """Whether what was typed has the shape of a code: anything else is a slip, and no attempt."""
    return bool(_SIX_DIGITS.fullmatch(_digits(typed))) or recovery_codes.parse(typed) is not None


def code_verdict(person: User, typed: str, address: str) -> Verdict:
    """Whether a code of the application, or a recovery code, opens the door; it is then used up.

    Asked only of whoever has proved a first factor: so it is counted for the person, and nobody else can spend it.
    ``address``: where they come from.
    """
    spending = {**spending_of("second_factor", person.pk), **spending_of("sign_in_address", address)}
    if spent(spending):
        return Verdict.TOO_MANY
    rows = {row.type: row for row in Authenticator.objects.filter(user=person).order_by("pk")}
    code = _digits(typed)
    if _SIX_DIGITS.fullmatch(code):
        return _application_verdict(rows.get(Type.TOTP), code, spending)
    return _recovery_verdict(person, rows.get(Type.RECOVERY_CODES), recovery_codes.parse(typed) or "", spending)


def _application_verdict(row: Authenticator | None, code: str, spending: Any) -> Verdict:
    secret = totp.opened(row.data["secret"]) if row is not None else None
    step = None if secret is None else totp.step_of(secret, code)
    in_time = step is not None and abs(step - totp.step_now()) <= totp.DRIFT
    with transaction.atomic():
        verdict = judged(spending, right=in_time)
        if row is None or step is None or verdict is Verdict.TOO_MANY:
            return verdict
        # A code of another time is used up too: telling that it is right must not make it worth keeping.
        if not _use_step(row.pk, step):
            return Verdict.WRONG
        return verdict if in_time else Verdict.OTHER_TIME


def _use_step(row: int, step: int) -> bool:
    """Use a code up with those before it: of two who send the same one, one gets False."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mfa_authenticator"
            " SET data = jsonb_set(data, '{step}', to_jsonb(%s::bigint)), last_used_at = clock_timestamp()"
            " WHERE id = %s AND coalesce((data->>'step')::bigint, 0) < %s",
            [step, row, step],
        )
        return int(cursor.rowcount) == 1


def _recovery_verdict(person: User, row: Authenticator | None, code: str, spending: Any) -> Verdict:
    kept = None if row is None else recovery_codes.matching(row.data.get("hashes", []), code)
    with transaction.atomic():
        verdict = judged(spending, right=kept is not None)
        if row is None or kept is None or verdict is not Verdict.RIGHT:
            return verdict
        left = recovery_codes.use_up(row.pk, kept)
        if left is None:
            return Verdict.WRONG
        tell(person, News.CODE_USED, left=left)
        return verdict


def _one_at_a_time(person: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _added(person: User, kind: str, what: str, session: SessionBase) -> Added:
    _record(person, Verb.FACTOR_ADDED, kind)
    tell(person, News.FACTOR_ADDED, what=what)
    sessions.end_others(person.pk, session)
    if Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).exists():
        return Added()
    codes = recovery_codes.new_codes()
    _keep(person, codes)
    return Added(codes)


def _keep(person: User, codes: Sequence[str]) -> None:
    Authenticator.objects.update_or_create(
        user=person,
        type=Type.RECOVERY_CODES,
        defaults={"data": {"hashes": recovery_codes.hashes(codes)}, "created_at": timezone.now()},
    )


def _record(person: User, verb: Verb, kind: str) -> None:
    who = f"person:{person.uid}"
    trail.record(chain=trail.NO_FIRM, actor=who, verb=verb, subject=who, after={"kind": kind})


def _digits(typed: str) -> str:
    return "".join(typed.split()).replace("\u202f", "")
