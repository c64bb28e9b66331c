"""Which person an identity is: by the link made before or, the first time, by a verified address alone."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.template.loader import render_to_string
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.outbox.actions import post
from portefeuille.people.models import User
from portefeuille.people.single_sign_on.attempts import Identity
from portefeuille.people.single_sign_on.providers import Provider, provider_with


@dataclass(frozen=True, slots=True)
class NotVerified:
    """A first sign-in with an address that the provider does not vouch for, known here or not."""


@dataclass(frozen=True, slots=True)
class NoSpace:
    """Nobody here: an unknown address, a closed person, or somebody whom another identity of the provider opens."""


@dataclass(frozen=True, slots=True)
class LastWayIn:
    """Without this link the person could not sign in any more."""


@dataclass(frozen=True, slots=True)
class NoSuchLink:
    """It is somebody else's, or gone."""


@dataclass(frozen=True, slots=True)
class Unlinked:
    provider_name: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link as its person sees it. ``provider`` is None when it is not configured any more."""

    uid: int
    provider: Provider | None
    provider_id: str
    provider_name: str
    since: datetime
    last_used: datetime


def person_of(identity: Identity) -> User | NotVerified | NoSpace:
    """The person whom an identity signs in; the first time, makes the link, writes it down and tells them.

    A link holds whatever becomes of the address at the provider. Another identity with the same address is not linked
    to whoever has a link with that provider already: the address changed hands there.
    """
    linked = _linked(identity)
    if linked is not None:
        return linked
    if not identity.email_is_verified:
        return NotVerified()
    person = User.objects.filter(Exact(Lower("email"), Value(identity.email)), is_active=True).first()
    if person is None:
        return NoSpace()
    with transaction.atomic():
        if _insert(identity, person):
            _tell(person, identity.provider.name, identity.provider.id, Verb.SIGN_ON_LINKED)
            return person
    # Somebody came first: perhaps the same person, who clicked twice.
    return _linked(identity) or NoSpace()


def is_linked(identity: Identity, person: int) -> bool:
    """Whether an identity is one of a person's own; nothing is linked or written down."""
    links = SocialAccount.objects.filter(provider=identity.provider.id, uid=identity.subject)
    return links.filter(user_id=person).exists()


def _linked(identity: Identity) -> User | NoSpace | None:
    links = SocialAccount.objects.filter(provider=identity.provider.id, uid=identity.subject)
    link = links.select_related("user").first()
    if link is None:
        return None
    person = link.user
    if not isinstance(person, User) or not person.is_active:
        return NoSpace()
    links.update(last_login=timezone.now())
    return person


def _insert(identity: Identity, person: User) -> bool:
    """Whether the link could be made: one for each identity, one for each person and provider."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO socialaccount_socialaccount (user_id, provider, uid, last_login, date_joined, extra_data)"
            " VALUES (%s, %s, %s, clock_timestamp(), clock_timestamp(), '{}') ON CONFLICT DO NOTHING",
            [person.pk, identity.provider.id, identity.subject],
        )
        return bool(cursor.rowcount == 1)


def links_of(person: User) -> list[Link]:
    """In the order in which they were made."""
    found = []
    for link in SocialAccount.objects.filter(user=person).order_by("date_joined", "pk"):
        provider = provider_with(link.provider)
        name = provider.name if provider else link.provider
        found.append(Link(link.pk, provider, link.provider, name, link.date_joined, link.last_login))
    return found


def unlink(*, person: User, link: int) -> Unlinked | LastWayIn | NoSuchLink:
    """End a link, so that its identity does not sign the person in any more; they are told."""
    with transaction.atomic():
        # One after the other: of two links ended at once, one must be seen to be the last.
        owner = User.objects.select_for_update().get(pk=person.pk)
        links = {found.uid: found for found in links_of(owner)}
        if link not in links:
            return NoSuchLink()
        others = any(other.provider is not None for uid, other in links.items() if uid != link)
        passkeys = Authenticator.objects.filter(user=owner, type=Authenticator.Type.WEBAUTHN)
        if not (others or owner.has_usable_password() or passkeys.exists()):
            return LastWayIn()
        SocialAccount.objects.filter(pk=link).delete()
        gone = links[link]
        _tell(owner, gone.provider_name, gone.provider_id, Verb.SIGN_ON_UNLINKED)
    return Unlinked(gone.provider_name)


_SAID = {
    Verb.SIGN_ON_LINKED: ("Une identité extérieure ouvre désormais votre espace", "messages/sign_on_linked.txt"),
    Verb.SIGN_ON_UNLINKED: ("Une identité extérieure n'ouvre plus votre espace", "messages/sign_on_unlinked.txt"),
}


def _tell(person: User, name: str, provider: str, verb: Verb) -> None:
    """The event and the message of a link that was made or ended, in the caller's transaction."""
    actor = f"person:{person.uid}"
    trail.record(chain=trail.NO_FIRM, actor=actor, verb=verb, subject=actor, after={"provider": provider})
    subject, template = _SAID[verb]
    body = render_to_string(
        template,
        {"provider": name, "link": f"{settings.SITE_ADDRESS}/mon-compte/identites/", "body": settings.BODY_NAME},
    )
    post(recipient=person.email, account_id=None, subject=subject, body=body)
