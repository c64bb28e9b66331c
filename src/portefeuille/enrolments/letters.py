"""Where no proof is possible, or its tries are spent: a code by letter to the client, who gives it to the firm."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.firms.access import Access
from portefeuille.posted_codes import requests
from portefeuille.posted_codes.actions import Holder
from portefeuille.posted_codes.models import PostedCode
from portefeuille.registry.queries import Subject
from portefeuille.throttling import budgets

_OWN = ("code_pair", "code_firm")


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """The request is noted. If the client is known, and was not sent enough letters, one leaves."""


@dataclass(frozen=True, slots=True)
class NoMoreCodes:
    """The firm has asked as often as it may, about this client or in all: its own counts, which tell nothing else."""


def holder_of(subject: Subject) -> Holder:
    """What a firm's code is about. The regime of a bare account is the register's to know, and may change."""
    regime = str(subject.regime) if subject.siren else ""
    return Holder(siren=subject.siren, account_number=subject.account_number, regime=regime)


def ask_code(*, access: Access, subject: Subject) -> CodeAsked | NoMoreCodes:
    """Ask for a code by letter to the client. The caller has checked that the member may add clients.

    The answer and the work are the same whether the client is known or not, and whether other firms asked.
    """
    limits = settings.CODE_BUDGETS
    holder = holder_of(subject)
    client = (holder.regime, subject.siren, subject.account_number)
    own = {
        "code_pair": (budgets.key_of("code_pair", access.firm_id, *client), limits["code_pair"]),
        "code_firm": (budgets.key_of("code_firm", access.firm_id), limits["code_firm"]),
    }
    theirs = {"code_client": (budgets.key_of("code_client", *client), limits["code_client"])}
    with transaction.atomic():
        if not budgets.attempt(own, failed=True, told=_OWN).admitted:
            return NoMoreCodes()
        sent = budgets.attempt(theirs, failed=True).admitted
        requests.ask(purpose=PostedCode.Purpose.ENROLMENT, holder=holder, firm_id=access.firm_id, code=sent)
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.CODE_ASKED,
            subject=client_in_trail(siren=subject.siren, account_number=subject.account_number),
            after={"regime": holder.regime},
        )
    return CodeAsked()
