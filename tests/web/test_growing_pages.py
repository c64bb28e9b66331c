"""The pages of the journal, of who sees what, of accounts, clients and agents: as many statements when rows double.

How many each may send at most stands beside it; the pages of a list and of a team are in ``test_query_budget``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.models import Agent, LetterBatch
from portefeuille.catalogue.selection import catalogue, read_again
from portefeuille.contributors.models import ClientSpace
from portefeuille.enrolments.models import Decision, Enrolment
from portefeuille.firms.models import Firm, JoinRequest, Member, Portfolio
from portefeuille.outbox.models import Message
from portefeuille.people.models import Session, User
from portefeuille.people.sessions import SessionStore, start
from portefeuille.registry.models import Account, FlatRateAmount, Regime
from portefeuille.sealing import seal
from tests.bench import team
from tests.cast import EMPLOYER, INDEPENDENT, Cast
from tests.web.test_query_budget import more_clients

#: As many rows of each kind the first time; as many again before the page is asked for again.
MORE = 25


class Rows:
    """Puts ``MORE`` rows of a kind where there are some already."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.turn = 0

    def events(self) -> None:
        access = self.cast.access("alice")
        of = Enrolment.objects.filter(firm=self.cast.firm_a).order_by("pk")[:3]
        entries = [trail.Entry(Verb.ENROLMENT_CHANGED, f"enrolment:{one.uid}", {}, {}) for one in of] * MORE
        with transaction.atomic():
            trail.record_many(chain=access.firm_id, actor=access.actor, entries=entries)

    def clients(self) -> None:
        more_clients(self.cast.access("alice"), MORE)

    def members(self) -> None:
        if not self.turn:
            team.fifty(self.cast.firm_a)
        else:
            users = self._users()
            Member.objects.bulk_create(
                Member(firm=self.cast.firm_a, user=user, role=Member.Role.COLLABORATOR) for user in users
            )

    def portfolios(self) -> None:
        Portfolio.objects.bulk_create(
            Portfolio(firm=self.cast.firm_a, name=f"Dossiers {self.turn}-{n}") for n in range(MORE)
        )

    def sessions(self) -> None:
        for _ in range(MORE):
            other = SessionStore()
            other[SESSION_KEY] = str(self.cast.users["alice"].pk)
            start(other)
            other.create()
        uids = Session.objects.filter(uid=None)
        assert not uids.exists()

    def firms_of_a_client(self) -> None:
        """Firms that act for the employer, each with a decision of the client."""
        firms = Firm.objects.bulk_create(Firm(name=f"Cabinet {self.turn}-{n}") for n in range(MORE))
        portfolios = Portfolio.objects.bulk_create(Portfolio(firm=firm, name="Tous") for firm in firms)
        rows = Enrolment.objects.bulk_create(
            Enrolment(
                uid=uuid4(),
                firm=firm,
                portfolio=portfolio,
                regime=Regime.GENERAL,
                siren=EMPLOYER.siren,
                created_at=timezone.now(),
                created_by_id=self.cast.access("alice").member_id,
                name=EMPLOYER.name,
                name_key="o",
                account_state="actif",
            )
            for firm, portfolio in zip(firms, portfolios, strict=True)
        )
        Decision.objects.bulk_create(
            Decision(enrolment=row, firm=row.firm, kind=Decision.Kind.CONTESTED, at=timezone.now()) for row in rows
        )
        for row in rows:
            with transaction.atomic():
                trail.record(chain=row.firm_id, actor="command:tests", verb=Verb.ENROLMENT_ADDED,
                             subject=f"enrolment:{row.uid}")  # fmt: skip

    def requests(self) -> None:
        JoinRequest.objects.bulk_create(JoinRequest(firm=self.cast.firm_a, user=user) for user in self._users())

    def firms(self) -> None:
        Firm.objects.bulk_create(Firm(name=f"Alder {self.turn}-{n}", state="pending") for n in range(MORE))

    def agents(self) -> None:
        Agent.objects.bulk_create(Agent(user=user) for user in self._users())

    def messages(self) -> None:
        Message.objects.bulk_create(
            Message(channel=channel, recipient=to, subject="Un message", body="Bonjour", state=state, attempts=25,
                    due_at=timezone.now(), account_id=account)
            for channel, to, state, account in (
                ("email", "loin@nowhere.example", "dead", None),
                ("letter", "", "waiting", Account.objects.get(number=EMPLOYER.account).pk),
            )
            for _ in range(MORE)
        )  # fmt: skip

    def batches(self) -> None:
        LetterBatch.objects.bulk_create(
            LetterBatch(printed_at=timezone.now(), printed_by="command:tests", letters=1, unaddressed=0, sealed=b"x")
            for _ in range(MORE)
        )

    def flat_rates(self) -> None:
        FlatRateAmount.objects.bulk_create(
            FlatRateAmount(amount=f"{self.turn + 1}{n}.20", label="Forfait") for n in range(100, 100 + MORE)
        )

    def _users(self) -> list[User]:
        return User.objects.bulk_create(
            User(email=f"p{uuid4().hex}@alder.example", full_name=f"Alder {n}") for n in range(MORE)
        )


@dataclass(frozen=True)
class Page:
    """``most``: statements, those of the session, of the person and of what they may see included."""

    who: str
    address: Callable[[Cast], str]
    most: int
    rows: tuple[Callable[[Rows], None], ...]


def _of_firm(path: str) -> Callable[[Cast], str]:
    def address(cast: Cast) -> str:
        first, second = Enrolment.objects.filter(firm=cast.firm_a).order_by("pk")[:2]
        return f"/cabinets/{cast.firm_a.uid}/" + path.format(first=first.uid, second=second.uid)

    return address


def _of_space(path: str) -> Callable[[Cast], str]:
    def address(cast: Cast) -> str:
        of = Enrolment.objects.get(firm=cast.firm_a, siren=EMPLOYER.siren, regime=Regime.GENERAL)
        return f"/espaces/{ClientSpace.objects.get().uid}/" + path.format(enrolment=of.uid)

    return address


def _search(kind: str, words: str) -> Callable[[Cast], str]:
    return lambda _: f"/organisme/chercher/{seal('backoffice-search', f'{kind}{chr(10)}{words}'.encode())}/"


_FIRM = (Rows.events, Rows.clients, Rows.members)
_CLIENT = (Rows.firms_of_a_client, Rows.events)
_OFFICE = (
    Rows.firms, Rows.agents, Rows.messages, Rows.batches, Rows.flat_rates, Rows.requests, Rows.firms_of_a_client,
    Rows.events, Rows.clients,
)  # fmt: skip
PAGES = {
    "journal": Page("alice", _of_firm("journal/"), 6, _FIRM),
    "journal of a collaborator": Page("nina", _of_firm("journal/"), 6, _FIRM),
    "journal of a client": Page("alice", _of_firm("journal/?client={first}"), 6, _FIRM),
    "export of the journal": Page("alice", _of_firm("journal/exporter/"), 6, _FIRM),
    "who sees a client": Page("alice", _of_firm("clients/{first}/acces/"), 6, _FIRM),
    "move": Page("alice", _of_firm("clients/deplacer/?client={first}&client={second}"), 6, (*_FIRM, Rows.portfolios)),
    "account": Page("alice", lambda _: "/mon-compte/", 6, (Rows.sessions,)),
    "sessions": Page("alice", lambda _: "/mon-compte/sessions/", 6, (Rows.sessions,)),
    "second factor": Page("alice", lambda _: "/mon-compte/double-authentification/", 6, (Rows.sessions,)),
    "client's space": Page("carl", _of_space(""), 6, _CLIENT),
    "client's history": Page("carl", _of_space("historique/"), 5, _CLIENT),
    "client's rule": Page("carl", _of_space("nouveaux-cabinets/"), 5, _CLIENT),
    "a firm of the client": Page("carl", _of_space("cabinets/{enrolment}/"), 7, _CLIENT),
    "office": Page("ida", lambda _: "/organisme/", 8, _OFFICE),
    "firms": Page("ida", lambda _: "/organisme/cabinets/", 5, _OFFICE),
    "a firm": Page("ida", lambda cast: f"/organisme/cabinets/{cast.firm_a.uid}/", 15, _OFFICE),
    "an account": Page(
        "ida", lambda _: f"/organisme/comptes/{Account.objects.get(number=EMPLOYER.account).pk}/", 15, _OFFICE
    ),
    "a person": Page("ida", lambda cast: f"/organisme/personnes/{cast.users['bob'].uid}/", 15, _OFFICE),
    "found by name": Page("ida", _search("name", "alder"), 12, _OFFICE),
    "found by Siren": Page("ida", _search("siren", EMPLOYER.siren), 12, _OFFICE),
    "letters": Page("ida", lambda _: "/organisme/lettres/", 6, _OFFICE),
    "messages": Page("ida", lambda _: "/organisme/courriels/", 9, _OFFICE),
    "catalogue": Page("ida", lambda _: "/organisme/catalogue/", 6, _OFFICE),
    "flat rates": Page("ida", lambda _: "/organisme/forfaits/", 6, _OFFICE),
    "agents": Page("ida", lambda _: "/organisme/agents/", 9, _OFFICE),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_sends_no_statement_more_when_rows_double(cast: Cast, browse: Any, name: str) -> None:
    page = PAGES[name]
    for client in (EMPLOYER, INDEPENDENT):
        cast.enrol(client, portfolio=cast.employers)
    browser, address, rows = browse(page.who), page.address(cast), Rows(cast)

    def statements() -> list[str]:
        # What a process reads once a minute is no part of a page: that minute ends before one of the looks at most.
        return min(looked(), looked(), key=len)

    def looked() -> list[str]:
        read_again()
        catalogue()
        with CaptureQueriesContext(connection) as captured:
            answer = browser.get(address)
            assert answer.status_code == 200
            if answer.streaming:
                b"".join(answer.streaming_content)
        return [query["sql"] for query in captured.captured_queries]

    counts = []
    for _ in range(2):
        for more in page.rows:
            more(rows)
        rows.turn += 1
        counts.append(len(statements()))
    assert counts[0] == counts[1], statements()
    assert counts[0] <= page.most, statements()
