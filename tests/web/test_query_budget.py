"""How many statements each page sends, exactly, and that more clients do not make it more.

Three come before the page itself: the session, the person, and what the person may see in the firm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portefeuille.catalogue.selection import read_again
from portefeuille.enrolments.models import Enrolment
from portefeuille.firms.access import Access
from portefeuille.registry.models import AccountState, Regime
from tests.bench import team
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, STRUCK_OFF, Cast


@dataclass(frozen=True)
class Page:
    address: Callable[[Any], str]
    queries: int
    typing: bool = False


# The address is made from an enrolment of the firm.
PAGES = {
    "dashboard": Page(lambda _: "", 6),
    "decisions": Page(lambda _: "decisions/", 4),
    "list": Page(lambda _: "clients/", 4),
    "list, filtered and sorted": Page(lambda _: "clients/?etat=radie&regime=regime-general&tri=-depuis", 4),
    "list, searched": Page(lambda _: "clients/?q=boul", 4),
    "list, searched for two letters": Page(lambda _: "clients/?q=bo", 4),
    "list, while typing": Page(lambda _: "clients/?q=boul", 4, typing=True),
    "list, nothing found": Page(lambda _: "clients/?q=zzqx", 4, typing=True),
    "add": Page(lambda _: "ajouter/", 4),
    "add, searched": Page(lambda _: "ajouter/?etablissement=boul", 4),
    "change": Page(lambda enrolment: f"clients/{enrolment.uid}/", 4),
    "terminate": Page(lambda enrolment: f"clients/{enrolment.uid}/resilier/", 4),
}


def more_clients(access: Access, number: int) -> None:
    """So many rows as the verb writes them, of clients that the register need not know."""
    begin = Enrolment.objects.count()
    Enrolment.objects.bulk_create(
        Enrolment(
            uid=uuid4(),
            firm_id=access.firm_id,
            portfolio_id=access.managed_ids[0],
            regime=Regime.GENERAL,
            siren=f"{n:09d}",
            created_at=timezone.now() - timedelta(days=n),
            created_by_id=access.member_id,
            name=f"Boulangerie {n}",
            name_key=f"boulangerie {n}",
            siret=f"{n:09d}00017",
            town="Savignac",
            postcode="24260",
            account_state=AccountState.STRUCK_OFF if n % 7 == 0 else AccountState.ACTIVE,
            search=f"boulangerie {n} {n:09d} 117{n:015d}",
        )
        for n in range(begin + 1, begin + 1 + number)
    )


def queries(client: Any, address: str, page: Page) -> int:
    headers = {"hx-request": "true"} if page.typing else {}
    # What a process reads once a minute (the catalogue) is not a part of a page: a whole minute begins here.
    read_again()
    assert client.get(address, headers=headers).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_page_sends_as_many_statements_as_we_say(cast: Cast, browse: Any, who: str, name: str) -> None:
    page, client, access = PAGES[name], browse(who), cast.access(who)
    cast.enrol(EMPLOYER, who)
    cast.enrol(STRUCK_OFF, who)
    address = f"/cabinets/{access.firm_uid}/{page.address(Enrolment.objects.order_by('pk').first())}"
    assert queries(client, address, page) == page.queries
    more_clients(access, 60)  # more than a page of the list
    assert queries(client, address, page) == page.queries
    more_clients(access, 120)
    assert queries(client, address, page) == page.queries


def test_adding_sends_as_many_statements_whoever_the_client_is(cast: Cast) -> None:
    cast.enrol(EMPLOYER)  # reads the catalogue
    access = cast.access("bob")
    more_clients(access, 60)
    counts = []
    for client in (INDEPENDENT, MANAGER, STRUCK_OFF):
        with CaptureQueriesContext(connection) as captured:
            cast.enrol(client, "bob")
        # The access is the caller's; the savepoint stands for the transaction of a deployment.
        counts.append([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]])
    # Access, facts and register, budgets, the enrolment with its form, the trail, the message.
    assert [len(count) for count in counts] == [6, 6, 6]


#: From the firm, with a member and a portfolio of it; who reads it.
TEAM_PAGES = [
    ("clients/", "alice"),
    ("clients/", "nina"),
    ("equipe/", "alice"),
    ("equipe/", "bob"),
    ("equipe/{member}/", "alice"),
    ("equipe/{member}/droits/", "alice"),
    ("portefeuilles/", "alice"),
    ("portefeuilles/{portfolio}/", "alice"),
]


@pytest.mark.parametrize(("path", "who"), TEAM_PAGES)
def test_a_team_of_fifty_with_twenty_portfolios_costs_no_statement_more(
    cast: Cast, browse: Any, path: str, who: str
) -> None:
    cast.enrol(EMPLOYER)
    client, member = browse(who), cast.access("bob").member_uid
    address = f"/cabinets/{cast.firm_a.uid}/" + path.format(member=member, portfolio=cast.employers.uid)
    page = Page(lambda _: path, 0)
    small = queries(client, address, page)
    assert small <= 6
    team.fifty(cast.firm_a)
    assert cast.firm_a.members.count() >= team.MEMBERS
    assert queries(client, address, page) == small


def test_an_administrator_reads_each_portfolio_once_however_many_have_it(cast: Cast) -> None:
    team.fifty(cast.firm_a)
    with CaptureQueriesContext(connection) as captured:
        access = cast.access("alice")
    with connection.cursor() as cursor:
        cursor.execute(captured.captured_queries[-1]["sql"])
        assert len(cursor.fetchall()) == len(access.portfolios) == cast.firm_a.portfolios.count()
