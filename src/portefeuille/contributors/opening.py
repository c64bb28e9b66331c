"""A client opens their space: a link proves their address, a code sent to the address of record proves who they are.

The answer to who asks is the same for a known client, an unknown one and one who was sent enough codes, after the same
statements: what differs is the worker's to do (``posted_codes.requests``).
"""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.enrolments.client_word import begin_to_speak
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.outbox.actions import post
from portefeuille.people import links
from portefeuille.people.actions import open_person
from portefeuille.people.models import Link, User
from portefeuille.posted_codes import requests
from portefeuille.posted_codes.actions import Holder, bearer_of, redeem
from portefeuille.posted_codes.models import PostedCode
from portefeuille.registry import client_queries as registry
from portefeuille.throttling import budgets

_SPACE = PostedCode.Purpose.SPACE


@dataclass(frozen=True, slots=True)
class Opened:
    """The person holds the space; ``person`` is who was made or who signed in before."""

    space: UUID
    person: User


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The one answer to a code that is wrong, used, out of tries, expired, or that never was."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """Too many wrong codes from this network address; nothing was judged."""


@dataclass(frozen=True, slots=True)
class LinkSpent:
    """The link was used, has expired, or is not that person's."""


@dataclass(frozen=True, slots=True)
class AddressTaken:
    """Somebody opened an identifier with this address meanwhile: they may sign in and go on."""


OpenResult = Opened | WrongCode | TooMany | LinkSpent | AddressTaken


class _LinkGone(Exception):
    """Used in the same instant: the code, which was right, is not used up."""


def ask(*, siren: str, account_number: str, email: str, address: str, code: bool = True) -> bool:
    """Ask for a link to ``email`` and, with ``code``, for a code to the client's address of record.

    False when the network ``address`` has asked too often. Who asked too often in another way is not told: the link or
    the code is not sent, after the same statements.
    """
    holder = Holder(siren=siren, account_number=account_number)
    limits = settings.CLIENT_SPACE_BUDGETS
    bearer = bearer_of(email)

    def admitted(**parts: tuple[str, ...]) -> bool:
        spent = {name: (budgets.key_of(name, *of), limits[name]) for name, of in parts.items()}
        return budgets.attempt(spent, failed=True).admitted

    with transaction.atomic():
        if not admitted(space_address=(address,)):
            return False
        link = admitted(space_email=(bearer,))
        # Asked even when the person has had enough links, so that the work is the same; counted only when it is sent.
        # One network address cannot spend all that a client has: ADR 0012.
        client = (siren, account_number)
        sent = code and admitted(space_pair=(*client, address), space_client=client)
        requests.ask(purpose=_SPACE, holder=holder, email=email, link=link, code=sent)
        if code:
            trail.record(
                chain=trail.NO_FIRM,
                actor=f"asker:{bearer}",
                verb=Verb.SPACE_CODE_ASKED,
                subject=client_in_trail(siren=siren, account_number=account_number),
                after={"sent": sent},
            )
    return True


def open_space(
    *, token: str, code: str, address: str, user: User | None = None, full_name: str = "", password: str = ""
) -> OpenResult:
    """With the link and the code, make ``user`` (or a new person) a holder of the space.

    A wrong code costs one of its five tries and leaves the link good.
    """
    limits = settings.CLIENT_SPACE_BUDGETS["space_codes"]
    spending = {"space_codes": (budgets.key_of("space_codes", address), limits)}
    try:
        with transaction.atomic():
            if min(budgets.remaining(spending).values()) < 1:
                return TooMany()
            proven = links.look(Link.Purpose.OPEN_CLIENT_SPACE, token)
            if proven is None or (user is not None and user.email != proven.email):
                return LinkSpent()
            holder = Holder(siren=str(proven.payload["siren"]), account_number=str(proven.payload["account_number"]))
            right = redeem(purpose=_SPACE, holder=holder, code=code, bearer=bearer_of(proven.email))
            budgets.attempt(spending, failed=not right)
            if not right:
                return WrongCode()
            if links.use(Link.Purpose.OPEN_CLIENT_SPACE, token) is None:
                raise _LinkGone
            person = user or open_person(email=proven.email, full_name=full_name, password=password)
            return Opened(_hold(holder, person), person)
    except _LinkGone:
        return LinkSpent()
    except IntegrityError:  # somebody opened an identifier with this address in the same instant
        if user is not None:
            raise
        return AddressTaken()


def _hold(holder: Holder, person: User) -> UUID:
    """The space, made when it is the first time, with the person as one of its holders."""
    email, account_id = registry.contact_of_client(siren=holder.siren, account_number=holder.account_number)
    name = registry.name_of_client(siren=holder.siren, account_number=holder.account_number)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contributors_clientspace (uid, siren, account_number, name, opened_at)"
            " VALUES (gen_random_uuid(), %s, %s, %s, clock_timestamp())"
            " ON CONFLICT (siren, account_number) DO UPDATE SET name = excluded.name RETURNING id, uid",
            [holder.siren, holder.account_number, name],
        )
        space_id, space_uid = cursor.fetchone() or (0, None)
        cursor.execute(
            "SELECT u.email FROM contributors_spaceholder h JOIN people_user u ON u.id = h.user_id"
            " WHERE h.space_id = %s AND h.active AND h.user_id <> %s ORDER BY h.id",
            [space_id, person.pk],
        )
        others = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO contributors_spaceholder (uid, space_id, user_id, active, since)"
            " VALUES (gen_random_uuid(), %s, %s, true, clock_timestamp())"
            " ON CONFLICT (space_id, user_id) DO UPDATE SET active = true, since = CASE"
            " WHEN contributors_spaceholder.active THEN contributors_spaceholder.since ELSE excluded.since END"
            " RETURNING uid",
            [space_id, person.pk],
        )
        (holder_uid,) = cursor.fetchone() or (None,)
    begin_to_speak(siren=holder.siren, account_number=holder.account_number)
    trail.record(
        chain=trail.NO_FIRM,
        actor=f"client:{holder_uid}",
        verb=Verb.SPACE_OPENED,
        subject=f"space:{space_uid}",
        after={"person": str(person.uid)},
    )
    body = render_to_string("messages/space_opened.txt", {"body": settings.BODY_NAME})
    for recipient in dict.fromkeys([email, *others]):
        if recipient != person.email:
            post(recipient=recipient, account_id=account_id, subject="Votre espace est ouvert", body=body)
    assert space_uid is not None  # noqa: S101 - for the type checker: the statement returns its row
    return UUID(str(space_uid))
