"""Budgets given back, codes sent: what somebody on the telephone needs, each with its line of the trail."""

from typing import Any

import pytest

from portefeuille.audit.models import Event
from portefeuille.backoffice import budgets
from portefeuille.backoffice.accounts import AccountSheet, account_sheet
from portefeuille.backoffice.budgets import TryingFirm, lift, trying_firms
from portefeuille.backoffice.codes import By, send_code
from portefeuille.backoffice.firms import firm_sheet
from portefeuille.backoffice.results import Done, Gone, NotAllowed, NothingToDo
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments.actions import enrol
from portefeuille.enrolments.proving import Proof, remaining_tries
from portefeuille.enrolments.results import Enrolled, NotProved
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.posted_codes.actions import Holder, redeem
from portefeuille.posted_codes.models import PostedCode
from portefeuille.registry.models import Account
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, Cast, CastClient
from tests.web.reading import rows


def sheet(client: CastClient) -> AccountSheet:
    found = account_sheet(Account.objects.get(number=client.account).pk)
    assert found is not None
    return found


def fail(cast: Cast, client: CastClient, times: int = 1, who: str = "bob") -> None:
    for _ in range(times):
        result = enrol(
            access=cast.access(who),
            portfolio_id=cast.employers.pk,
            subject=client.subject,
            proof=Proof(client.account, "1.23" if client.amount else "180012345678901"),
            selection=Selection(),
            address="192.0.2.7",
        )
        assert isinstance(result, NotProved)


def test_what_was_failed_is_listed_where_one_looks_for_it(cast: Cast) -> None:
    firm = firm_sheet(cast.firm_a.uid)
    assert firm is not None
    assert budgets.of_firm(firm) == []
    fail(cast, EMPLOYER, 3)
    assert {(budget.name, budget.remaining) for budget in budgets.of_firm(firm)} == {("firm", 17), ("member", 7)}
    account = sheet(EMPLOYER)
    assert [one.name for one in trying_firms(account.subject)] == ["Cabinet Alder"]
    listed = budgets.of_account(account, trying_firms(account.subject))
    assert [(one.name, one.remaining, one.spent) for one in listed] == [("account", 2, False), ("pair", 0, True)]
    # Another regime of the same Siren, another account: nothing was failed there.
    assert trying_firms(sheet(MANAGER).subject) == []


@pytest.mark.parametrize("client", [EMPLOYER, MANAGER], ids=["siren", "account"])
def test_a_lifted_budget_lets_the_right_facts_in(cast: Cast, agent: Any, client: CastClient) -> None:
    fail(cast, client, 3)
    access = cast.access("bob")
    assert remaining_tries(access=access, subject=client.subject) == 0
    account = sheet(client)
    pair = next(b for b in budgets.of_account(account, trying_firms(account.subject)) if b.name == "pair")
    before = rows()
    assert isinstance(lift(agent=agent("ida"), budget=pair, reason="Vu"), NotAllowed)
    assert rows() == before
    assert isinstance(lift(agent=agent("ada"), budget=pair, reason="Client au téléphone"), Done)
    assert isinstance(lift(agent=agent("ada"), budget=pair, reason="Client au téléphone"), NothingToDo)
    event = Event.objects.get(verb="agent.budget_lifted")
    assert event.chain == cast.firm_a.pk
    assert event.after == {"budget": "pair", "reason": "Client au téléphone"}
    assert client.account not in event.subject
    result = enrol(
        access=access, portfolio_id=cast.employers.pk, subject=client.subject, proof=client.proof,
        selection=Selection(), address="192.0.2.7",
    )  # fmt: skip
    assert isinstance(result, Enrolled)


def test_a_code_goes_to_the_address_of_record_and_opens(cast: Cast, agent: Any) -> None:
    before = rows()
    assert isinstance(send_code(agent=agent("ida"), account=sheet(EMPLOYER), by=By.EMAIL), NotAllowed)
    assert isinstance(send_code(agent=agent("ada"), account=sheet(INDEPENDENT), by=By.EMAIL), Gone)
    assert rows() == before
    assert isinstance(send_code(agent=agent("ada"), account=sheet(EMPLOYER), by=By.EMAIL), Done)
    sent = Message.objects.get()
    assert sent.recipient == EMPLOYER.email
    code = text_of("[[code]]", sent.secret)
    assert code not in sent.body
    assert redeem(purpose=PostedCode.Purpose.SPACE, holder=Holder(siren=EMPLOYER.siren), code=code)
    assert Event.objects.get(verb="agent.code_sent").after == {"purpose": "space", "by": "email", "regime": "RG"}


def test_a_code_for_a_firm_is_that_firms_and_goes_by_letter_too(cast: Cast, agent: Any) -> None:
    firm = TryingFirm(cast.firm_a.pk, cast.firm_a.name)
    assert isinstance(send_code(agent=agent("ada"), account=sheet(MANAGER), by=By.LETTER, firm=firm), Done)
    letter = Message.objects.get()
    assert (letter.channel, letter.recipient) == ("letter", "")
    assert "Cabinet Alder" in letter.body
    code = text_of("[[code]]", letter.secret)
    holder = Holder(account_number=MANAGER.account, regime="GM")
    assert not redeem(purpose=PostedCode.Purpose.ENROLMENT, holder=holder, code=code, firm_id=cast.firm_b.pk)
    assert redeem(purpose=PostedCode.Purpose.ENROLMENT, holder=holder, code=code, firm_id=cast.firm_a.pk)
    event = Event.objects.get(verb="agent.code_sent")
    assert (event.chain, MANAGER.account in event.subject) == (cast.firm_a.pk, False)
