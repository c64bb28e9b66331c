"""The attempt budgets of a firm, an account or a person that somebody has drawn on, and how they are given back whole.

Rows of budgets tell nothing about whom they count: each is asked for by the keys that it may have.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.accounts import AccountSheet
from portefeuille.backoffice.firms import FirmSheet
from portefeuille.backoffice.people import PersonSheet
from portefeuille.backoffice.results import ActResult, Done, NotAllowed, NothingToDo
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.registry.queries import Subject
from portefeuille.throttling import budgets
from portefeuille.throttling.budgets import Windows


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget that may have been drawn on. ``subject`` and ``chain`` are where the trail will say that it was lifted.

    ``label`` says in French what it counts; ``remaining`` how many failures it still allows.
    """

    name: str
    label: str
    key: bytes
    subject: str
    chain: int = trail.NO_FIRM
    remaining: int = 0

    @property
    def spent(self) -> bool:
        return self.remaining < 1


@dataclass(frozen=True, slots=True)
class TryingFirm:
    """A firm whose proof for an account failed within thirty days."""

    id: int
    name: str


def of_firm(firm: FirmSheet) -> list[Budget]:
    """What the firm and its members have failed; two queries at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, m.uid, coalesce(nullif(u.full_name, ''), u.email)"
            " FROM firms_member m JOIN people_user u ON u.id = m.user_id WHERE m.firm_id = %s AND m.active",
            [firm.id],
        )
        members = cursor.fetchall()
    asked = [Budget("firm", "Justificatifs du cabinet", budgets.key_of("firm", firm.id), f"firm:{firm.uid}", firm.id)]
    asked += [
        Budget("member", f"Justificatifs : {name}", budgets.key_of("member", id), f"member:{uid}", firm.id)
        for id, uid, name in members
    ]
    return _drawn_on(asked)


def of_account(account: AccountSheet, firms: Iterable[TryingFirm]) -> list[Budget]:
    """What was failed on the account over all firms, and by each of ``firms``."""
    subject = _in_trail(account.subject)
    client = (account.regime, account.siren, account.subject.account_number)
    asked = [
        Budget(
            "account",
            "Justificatifs sur ce compte, tous cabinets",
            budgets.key_of("account", account.number.encode().hex()),
            subject,
        )
    ]
    asked += [
        Budget("pair", f"Justificatifs : {firm.name}", budgets.key_of("pair", firm.id, *client), subject, firm.id)
        for firm in firms
    ]
    return _drawn_on(asked)


def trying_firms(subject: Subject) -> list[TryingFirm]:
    """The firms that failed to prove this client within thirty days, by name; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.id, f.name FROM firms_firm f WHERE f.id IN (
                SELECT chain FROM audit_event
                WHERE subject = %s AND verb = 'enrolment.refused' AND after->>'regime' = %s
                  AND at > clock_timestamp() - interval '30 days'
            ) ORDER BY f.name, f.id LIMIT 50
            """,
            [_in_trail(subject), str(subject.regime)],
        )
        return [TryingFirm(*row) for row in cursor]


def _in_trail(subject: Subject) -> str:
    return client_in_trail(siren=subject.siren, account_number=subject.account_number)


def of_person(person: PersonSheet) -> list[Budget]:
    """What counts the person alone, whatever the network address it came from."""
    asked = [
        Budget(name, label, budgets.key_of(name, person.id), f"person:{person.uid}")
        for name, label in _OF_A_PERSON.items()
        if name in settings.SIGN_IN_BUDGETS
    ]
    return _drawn_on(asked)


#: Those of ``SIGN_IN_BUDGETS`` whose key is the person's.
_OF_A_PERSON = {"confirm": "Confirmations de son mot de passe", "second_factor": "Codes de double authentification"}


def _drawn_on(asked: list[Budget]) -> list[Budget]:
    """Those with a failure that still counts, with what is left of each."""
    limits: dict[str, Windows] = {**settings.PROOF_BUDGETS, **settings.SIGN_IN_BUDGETS}
    keys = {f"{place}": (budget.key, limits[budget.name]) for place, budget in enumerate(asked)}
    left = budgets.remaining(keys) if keys else {}
    found = []
    for place, budget in enumerate(asked):
        most = min(limit for limit, _ in limits[budget.name])
        if left[f"{place}"] < most:
            found.append(
                Budget(budget.name, budget.label, budget.key, budget.subject, budget.chain, max(0, left[f"{place}"]))
            )
    return found


def lift(*, agent: AgentAccess, budget: Budget, reason: str) -> ActResult:
    """Give a budget back whole; of two agents at once, one does. The reason stays in the trail."""
    if not agent.may_act:
        return NotAllowed()
    with transaction.atomic():
        if not budgets.forget(budget.key):
            return NothingToDo()
        trail.record(
            chain=budget.chain,
            actor=agent.actor,
            verb=Verb.BUDGET_LIFTED,
            subject=budget.subject,
            after={"budget": budget.name, "reason": reason},
        )
    return Done()
