"""A firm invites its client to open their space."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.contributors.models import ClientSpace
from portefeuille.enrolments import queries
from portefeuille.firms.access import Access
from portefeuille.outbox.actions import post
from portefeuille.registry import queries as registry
from portefeuille.throttling import budgets


@dataclass(frozen=True, slots=True)
class Invited:
    """A message leaves, unless other firms have already invited this client enough."""

    name: str


@dataclass(frozen=True, slots=True)
class InvitedToday:
    """The firm did it less than a day ago: one message is enough."""

    name: str


@dataclass(frozen=True, slots=True)
class HasSpace:
    """The client has a space."""

    name: str


@dataclass(frozen=True, slots=True)
class NotTheClient:
    """No live enrolment of that name that this member manages."""


def has_space(*, siren: str, account_number: str) -> bool:
    return ClientSpace.objects.filter(siren=siren, account_number=account_number).exists()


def invite(*, access: Access, enrolment: UUID) -> Invited | InvitedToday | HasSpace | NotTheClient:
    """Send the client a message that names the firm and tells how to open a space; once a day at most."""
    client = queries.client(access, enrolment)
    if client is None or not client.may_manage:
        return NotTheClient()
    who = {"siren": client.siren, "account_number": client.account_number}
    if has_space(**who):
        return HasSpace(client.name)
    limits = settings.CLIENT_INVITATION_BUDGETS
    own = {"invite_client": (budgets.key_of("invite_client", access.firm_id, *who.values()), limits["invite_client"])}
    all_firms = {"invited_client": (budgets.key_of("invited_client", *who.values()), limits["invited_client"])}
    with transaction.atomic():
        if not budgets.attempt(own, failed=True).admitted:
            return InvitedToday(client.name)
        sent = budgets.attempt(all_firms, failed=True).admitted
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.CLIENT_INVITED,
            subject=f"enrolment:{client.uid}",
        )
        if sent:
            email, account_id = registry.contact(client.subject)
            words = {
                "firm": " ".join(access.firm_name.split()),
                "body": settings.BODY_NAME,
                "site": settings.SITE_ADDRESS,
            }
            body = render_to_string("messages/invited.txt", words)
            subject = "Votre cabinet vous invite à ouvrir votre espace"
            post(recipient=email, account_id=account_id, subject=subject, body=body)
    return Invited(client.name)
