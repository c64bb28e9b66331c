"""An agent sends a code to the address that the body has of a client."""

from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.accounts import AccountSheet
from portefeuille.backoffice.budgets import TryingFirm
from portefeuille.backoffice.results import ActResult, Done, Gone, NotAllowed
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.outbox.actions import CODE
from portefeuille.posted_codes.actions import Holder, send
from portefeuille.posted_codes.models import PostedCode
from portefeuille.registry import queries as registry


class By(StrEnum):
    EMAIL = "email"
    LETTER = "letter"


def send_code(*, agent: AgentAccess, account: AccountSheet, by: By, firm: TryingFirm | None = None) -> ActResult:
    """Send a code by which the client opens its space or, with ``firm``, by which that firm enrols it.

    It goes to the address of record and nowhere else, whatever anybody says on the telephone; an older code that an
    agent sent for the same use dies. A firm's goes by letter: the e-mail that the body has may be the firm's own.
    ``Gone``: the body has no such address.
    """
    if not agent.may_act or (firm and by is By.EMAIL):
        return NotAllowed()
    email, account_id = registry.contact(account.subject)
    if by is By.EMAIL and not email:
        return Gone()
    subject = account.subject
    with transaction.atomic():
        # The room of a client's space is all that is under the Siren.
        holder = Holder(subject.siren, subject.account_number, str(subject.regime) if firm else "")
        words = {
            "firm": " ".join(firm.name.split()) if firm else "",
            "code": CODE,
            "site": settings.SITE_ADDRESS,
            "body": settings.BODY_NAME,
        }
        send(
            purpose=PostedCode.Purpose.ENROLMENT if firm else PostedCode.Purpose.SPACE,
            holder=holder,
            firm_id=firm.id if firm else 0,
            email=email if by is By.EMAIL else "",
            account_id=account.id if account_id is None else account_id,
            subject="Un code pour votre cabinet" if firm else "Votre code pour ouvrir votre espace",
            body=render_to_string("messages/code_enrolment.txt" if firm else "messages/code_from_agent.txt", words),
        )
        trail.record(
            chain=firm.id if firm else trail.NO_FIRM,
            actor=agent.actor,
            verb=Verb.CODE_SENT,
            subject=client_in_trail(siren=subject.siren, account_number=subject.account_number),
            after={"purpose": "enrolment" if firm else "space", "by": str(by), "regime": str(subject.regime)},
        )
    return Done()
