"""What people change about themselves: name, password, address, sessions.

Here and in the verbs of second factors, ``session`` is the one at work: the person's others end.
"""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.people import links, sessions
from portefeuille.people.actions import person_with
from portefeuille.people.models import Link, User
from portefeuille.people.proofs import spending_of
from portefeuille.people.telling import News, tell, write
from portefeuille.throttling import budgets


@dataclass(frozen=True, slots=True)
class EmailTaken:
    """Somebody else has come to sign in with that address since the link was sent."""


def change_name(*, person: User, full_name: str) -> None:
    with transaction.atomic():
        changed = User.objects.filter(pk=person.pk).exclude(full_name=full_name).update(full_name=full_name)
        if changed:
            _record(person, Verb.PERSON_CHANGED)
    person.full_name = full_name


def change_password(*, person: User, password: str, session: SessionBase | None) -> None:
    """A new password, which the caller has checked. Links that would have changed it end too."""
    person.set_password(password)
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(password=person.password)
        links.withdraw(Link.Purpose.RESET, user=str(person.uid))
        _record(person, Verb.PASSWORD_CHANGED)
        tell(person, News.PASSWORD_CHANGED)
        sessions.end_others(person.pk, session)


def ask_reset(*, email: str, address: str) -> bool:
    """Send a link that changes the password to ``email``; False when the network ``address`` has asked too often.

    Who asks is not told whether somebody signs in with that address: an address of nobody gets a message that says so.
    One that has been written to too often gets no more for a while, and who asks is not told either.
    """
    spending = {**spending_of("reset_address", address), **spending_of("reset_email", email.lower())}
    with transaction.atomic():
        if min(budgets.remaining(spending_of("reset_address", address)).values()) < 1:
            return False
        if not budgets.attempt(spending, failed=True).admitted:
            return True
        person = person_with(email)
        known = person is not None and person.is_active
        token = links.issue(
            Link.Purpose.RESET, email=email, payload={"user": str(person.uid)} if person and known else {}
        )
        write(
            email,
            "Votre mot de passe",
            "reset" if known else "reset_unknown",
            path="/mot-de-passe/",
            token=token,
        )
    return True


def reset_password(*, token: str, password: str) -> User | None:
    """Use a link of ``ask_reset`` up and change the password; all sessions end. None when it is worth nothing now."""
    with transaction.atomic():
        proven = links.use(Link.Purpose.RESET, token)
        person = None if proven is None else reader_of_reset(proven)
        if person is not None:
            change_password(person=person, password=password, session=None)
    return person


def reader_of_reset(proven: links.Proven) -> User | None:
    """The person whose password a link changes; None for the link of an address of nobody's, or no longer theirs."""
    uid = proven.payload.get("user")
    return User.objects.filter(uid=uid, email=proven.email, is_active=True).first() if uid else None


def ask_email(*, person: User, email: str) -> bool:
    """Send a link to the address that a person wants to sign in with; False when they asked too often.

    Whether it is somebody's already is told to its reader only.
    """
    email = email.strip().lower()
    spending = spending_of("change_email", person.pk)
    with transaction.atomic():
        if not budgets.attempt(spending, failed=True).admitted:
            return False
        taken = person_with(email) is not None
        payload = {} if taken else {"user": str(person.uid), "from": person.email}
        token = links.issue(Link.Purpose.CHANGE_EMAIL, email=email, payload=payload)
        write(
            email,
            "Votre identifiant",
            "email_taken" if taken else "email_asked",
            path="/mon-compte/identifiant/",
            token=token,
        )
    return True


def change_email(*, person: User, token: str, session: SessionBase) -> str | EmailTaken | None:
    """Use a link of ``ask_email`` up: the new address, None when the link is not theirs or worth nothing now."""
    try:
        with transaction.atomic():
            proven = links.use(Link.Purpose.CHANGE_EMAIL, token)
            if proven is None or not is_theirs(person, proven):
                return None
            old, person.email = person.email, proven.email
            User.objects.filter(pk=person.pk).update(email=proven.email)
            links.withdraw(Link.Purpose.CHANGE_EMAIL, user=str(person.uid))
            links.withdraw(Link.Purpose.RESET, user=str(person.uid))
            _record(person, Verb.EMAIL_CHANGED)
            for reader in (old, proven.email):
                tell(person, News.EMAIL_CHANGED, to=reader)
            sessions.end_others(person.pk, session)
    except IntegrityError:
        return EmailTaken()
    return proven.email


def is_theirs(person: User, proven: links.Proven) -> bool:
    """Whether a link that changes the address was asked by this person, and their address is still what it was."""
    return proven.payload.get("user") == str(person.uid) and proven.payload.get("from") == person.email


def end_session(*, person: User, uid: UUID) -> bool:
    """Sign one browser out; False where the person has no such session."""
    with transaction.atomic():
        ended = sessions.end(person.pk, uid)
        if ended:
            _record(person, Verb.SESSION_ENDED)
    return ended


def end_other_sessions(*, person: User, session: SessionBase) -> int:
    with transaction.atomic():
        ended = sessions.end_others(person.pk, session)
        if ended:
            _record(person, Verb.SESSION_ENDED)
    return ended


def _record(person: User, verb: Verb) -> None:
    who = f"person:{person.uid}"
    trail.record(chain=trail.NO_FIRM, actor=who, verb=verb, subject=who)
