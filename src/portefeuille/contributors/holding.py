"""The people who hold a client's space: who they are, and how one leaves it or is removed from it by another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.contributors.access import SpaceAccess
from portefeuille.outbox.actions import post
from portefeuille.posted_codes import actions as codes
from portefeuille.posted_codes.models import PostedCode
from portefeuille.registry import client_queries as registry


@dataclass(frozen=True, slots=True)
class Holding:
    """A person of the space, as the others know them. ``can_sign_in``: no agent has closed their identifier."""

    uid: UUID
    name: str
    email: str
    since: datetime
    can_sign_in: bool

    @property
    def called(self) -> str:
        return self.name or self.email


@dataclass(frozen=True, slots=True)
class Ended:
    """The person holds the space no more."""


@dataclass(frozen=True, slots=True)
class LastHolder:
    """Nobody who can sign in would hold the space any more; nothing was changed."""


@dataclass(frozen=True, slots=True)
class NotAHolder:
    """Who asks, or who was to go, does not hold the space, any more perhaps."""


_HOLDERS = """
SELECT h.uid, u.full_name, u.email, h.since, u.is_active
FROM contributors_spaceholder h JOIN people_user u ON u.id = h.user_id
WHERE h.space_id = %s AND h.active ORDER BY lower(coalesce(nullif(u.full_name, ''), u.email)), h.id
"""


def holders(access: SpaceAccess) -> list[Holding]:
    """Everybody who holds the space, by name; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [access.space_id])
        return [Holding(*row) for row in cursor.fetchall()]


def is_last(people: list[Holding], holder: UUID) -> bool:
    """Whether nobody else of these can sign in."""
    return not any(person.can_sign_in and person.uid != holder for person in people)


def end_holding(*, access: SpaceAccess, holder: UUID) -> Ended | LastHolder | NotAHolder:
    """End somebody's holding at once: their own (they leave), or another's (they are removed).

    The last holder who can sign in stays: a space that nobody holds would still ask for the client's yes. Codes that
    wait for who goes open nothing any more. All are told, and of a removal the address of record too.
    """
    leaves = holder == access.holder_uid
    with transaction.atomic():
        going = next((person for person in holders(access) if person.uid == holder), None)
        if going is None:
            return NotAHolder()
        # Before the space, as who opens it takes them: else each could wait for the other.
        codes.withdraw(
            purpose=PostedCode.Purpose.SPACE,
            holder=codes.Holder(siren=access.siren, account_number=access.account_number),
            bearer=codes.bearer_of(going.email),
        )
        with connection.cursor() as cursor:
            # Two who remove each other do it one after the other, and the second holds nothing any more.
            cursor.execute("SELECT FROM contributors_clientspace WHERE id = %s FOR NO KEY UPDATE", [access.space_id])
        people = {person.uid: person for person in holders(access)}
        going = people.pop(holder, None)
        if going is None or (not leaves and access.holder_uid not in people):
            transaction.set_rollback(True)
            return NotAHolder()
        if is_last([*people.values()], holder):
            transaction.set_rollback(True)
            return LastHolder()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE contributors_spaceholder SET active = false WHERE uid = %s", [holder])
        trail.record(
            chain=trail.NO_FIRM,
            actor=access.actor,
            verb=Verb.SPACE_LEFT if leaves else Verb.HOLDER_REMOVED,
            subject=f"space:{access.space_uid}",
            before={"holder": f"client:{holder}"},
        )
        _tell(access, going, [person.email for person in people.values()], leaves=leaves)
    return Ended()


def _tell(access: SpaceAccess, going: Holding, others: list[str], *, leaves: bool) -> None:
    """No text names a person: the page that it links to does, to whoever holds the space still."""
    words = {
        "body": settings.BODY_NAME,
        "leaves": leaves,
        "link": f"{settings.SITE_ADDRESS}/espaces/{access.space_uid}/personnes/",
    }
    body = render_to_string("messages/holding_ended.txt", words)
    post(recipient=going.email, account_id=None, subject="Vous ne tenez plus un espace client", body=body)
    body = render_to_string("messages/holder_gone.txt", words)
    subject = "Une personne a quitté votre espace" if leaves else "Une personne est retirée de votre espace"
    for email in others:
        post(recipient=email, account_id=None, subject=subject, body=body)
    if not leaves:
        who = {"siren": access.siren, "account_number": access.account_number}
        email, account_id = registry.contact_of_client(**who)
        if email not in (going.email, *others):
            post(recipient=email, account_id=account_id, subject=subject, body=body)
