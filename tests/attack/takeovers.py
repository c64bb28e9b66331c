"""The optimal attacker of the proof wall: knows every account number and the distribution of the amounts.

Each of its firms spends every attempt of every month, by the page and by files together, on an account that nobody
has guessed at yet (a second guess at the same account is worth less), with the amount that most accounts have. What
may be spent is what the budgets of the database admit, by its own clock, which we move.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from portefeuille.audit.models import Event
from portefeuille.enrolments.models import Enrolment
from portefeuille.firms.actions import add_member, create_firm
from portefeuille.firms.models import Firm, Member, PortfolioGrant
from portefeuille.imports import working
from portefeuille.people import sessions
from portefeuille.people.models import User
from portefeuille.registry import digests
from portefeuille.registry.models import Account, FactKind, ProofFact, Regime
from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests.attack.clock import Clock

DUE = date(2026, 2, 5)
#: A month is as long as the longest window of the firm.
DAYS_OF_A_MONTH = settings.PROOF_BUDGETS["firm"][1][1] // 86400
DAILY, MONTHLY = (limit for limit, _seconds in settings.PROOF_BUDGETS["firm"])
HOURLY_OF_A_MEMBER = settings.PROOF_BUDGETS["member"][0][0]
#: Lines of a file beyond what may be tried: they must come back as not tried.
_TOO_MANY = 2
_BATCH = 5000


# --- the register ---------------------------------------------------------------------------------------------------


def amounts(number: int, seed: int) -> Iterator[str]:
    """Amounts to the cent by the law of ``registry.generate``: log-normal around 1 500 euros, at least 12."""
    chance = random.Random(seed)
    for _ in range(number):
        whole = min(max(int(chance.lognormvariate(7.3, 1.2)), 12), 9_999_999)
        yield f"{whole}.{chance.randint(1, 99):02d}"


@dataclass(frozen=True)
class Knowledge:
    """What the attacker knows of the amounts: the likeliest, and how many of how many accounts have it."""

    guess: str
    holders: int
    accounts: int

    @property
    def chance(self) -> float:
        return self.holders / self.accounts


def knowledge(accounts: int, seed: int) -> Knowledge:
    """The attacker has counted the amounts of a whole register."""
    ((guess, holders),) = Counter(amounts(accounts, seed)).most_common(1)
    return Knowledge(guess, holders, accounts)


def fill(number: int, drawn: Iterator[str]) -> None:
    """Accounts without a Siren, which need no look-up first: all that protects them is the wall."""
    kind, key = FactKind.FIRST_INSTALMENT, digests.current_key_id()
    for start in range(0, number, _BATCH):
        numbers = [number_of(n) for n in range(start, min(start + _BATCH, number))]
        made = Account.objects.bulk_create(
            Account(
                number=one,
                shown_number=one,
                regime=Regime.MAJORITY_MANAGER,
                organisation="937",
                holder=f"Victime {one}",
            )
            for one in numbers
        )
        ProofFact.objects.bulk_create(
            ProofFact(
                account=account,
                kind=kind,
                due_date=DUE,
                digest=digests.digest(account_number=account.number, kind=kind, due_date=DUE, value=next(drawn)),
                key_id=key,
            )
            for account in made
        )


def number_of(n: int) -> str:
    return f"937000{n:012d}"


# --- the attacker ---------------------------------------------------------------------------------------------------


@dataclass
class Attacker:
    """A firm of two, so that the firm's budget ends before its members'."""

    firm: Firm
    members: list[User]
    address: str
    portfolio: int
    browsers: list[Client] = field(default_factory=list)

    def sign_in(self) -> None:
        """A new session for each: what they do is days apart."""
        self.browsers = []
        for user in self.members:
            browser = Client(REMOTE_ADDR=self.address)
            browser.handler = _site()
            browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = browser.session
            sessions.start(session)
            session.save()
            self.browsers.append(browser)

    def by_page(self, member: int, account: str, amount: str) -> bool:
        """One guess on the page of a bare account number; whether the account is taken over."""
        token = seal(ACCOUNT_IN_ADDRESS, account.encode())  # what «Inscrire» leads to
        address = reverse("enrol_account", kwargs={"firm": self.firm.uid, "token": token})
        answer = self.browsers[member].post(address, {"fait": amount, "compte": account})
        assert answer.status_code in (200, 302), answer.status_code
        return answer.status_code == 302

    def by_file(self, member: int, guesses: list[tuple[str, str]]) -> None:
        """The same in one file, through all its pages and the worker."""
        browser = self.browsers[member]
        text = "Numéro de compte;Régime;Montant\n" + "".join(f"{number};GM;{amount}\n" for number, amount in guesses)
        file = SimpleUploadedFile("clients.csv", text.encode())
        answer = browser.post(reverse("import_send", kwargs={"firm": self.firm.uid}), {"fichier": file})
        assert answer.status_code == 302
        said = {"colonne-0": "numero_compte", "colonne-1": "regime", "colonne-2": "montant"}
        answer = browser.post(answer["Location"], {**said, "portefeuille": self.portfolio, "services": "aucun"})
        assert answer.status_code == 302
        here = answer["Location"]
        _work()
        assert browser.post(f"{here}lancer/")["Location"] == here
        _work()


def _work() -> None:
    while working.work():
        pass


@cache
def _site() -> ClientHandler:
    """One for all: each would read the folder of static files anew."""
    return ClientHandler(enforce_csrf_checks=False)


def attackers(number: int) -> list[Attacker]:
    return [_attacker(n) for n in range(number)]


def _attacker(n: int) -> Attacker:
    firm = create_firm(
        actor="command:attack",
        name=f"Cabinet {n}",
        admin_email=f"a{n}@attack.example",
        admin_password="quatre-mots-pour-attaquer",
        admin_name="Premier",
    )
    portfolio = firm.portfolios.get()
    second = add_member(
        actor="command:attack",
        firm=firm,
        email=f"b{n}@attack.example",
        password="quatre-mots-pour-attaquer",
        full_name="Second",
        role=Member.Role.COLLABORATOR,
        grants={portfolio: PortfolioGrant.Level.MANAGE},
    )
    # An administrator has days to set up a second factor; these are far apart here.
    Member.objects.filter(firm=firm).exclude(second_factor_by=None).update(second_factor_by="2100-01-01T00:00:00Z")
    first = User.objects.get(email=f"a{n}@attack.example")
    address = f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"
    return Attacker(firm, [first, second.user], address, portfolio.pk)


# --- the months -----------------------------------------------------------------------------------------------------


@dataclass
class Played:
    """What came of the months. ``judged`` counts wrong guesses that were compared, ``unjudged`` those that met a spent
    budget; the lines of a file beyond it are neither: they were not tried.
    """

    firm_months: int = 0
    by_file: int = 0  # firm-months of which half of the guesses came in files
    sent: int = 0
    judged: int = 0
    unjudged: int = 0
    takeovers: int = 0
    accounts: int = 0  # that were guessed at, the first of the register


def play(
    firms: list[Attacker],
    *,
    time: Clock,
    months: int,
    guess: str,
    file_in: int,
    say: Callable[[str], Any] = lambda _text: None,
) -> Played:
    """Every attempt that the budgets admit, for so many months, by every firm; one of ``file_in`` firms sends files.

    After each day's last attempt, and in the middle of the month, one more is sent, which must meet a spent budget.
    """
    played = Played()
    places = count()
    victims = map(number_of, places)
    begin = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for month in range(months):
        first = month * (DAYS_OF_A_MONTH + 1)
        for day in range(MONTHLY // DAILY):
            time.to(days=first + day * 1.01)
            for place, firm in enumerate(firms):
                _day(firm, victims, guess, by_file=(place + month) % file_in == 0, played=played)
        # One month is spent: a day on which nothing else is, and every budget of a day or an hour is whole again.
        time.to(days=first + DAYS_OF_A_MONTH / 2)
        for firm in firms[month % 10 :: 10]:
            firm.sign_in()
            played.sent += 1
            assert not firm.by_page(0, next(victims), guess)
        played.firm_months += len(firms)
        played.by_file += sum((place + month) % file_in == 0 for place in range(len(firms)))
        say(f"month {month + 1}: {played.firm_months} firm-months, {Enrolment.objects.count()} takeovers")
    events = Event.objects.filter(pk__gt=begin)
    played.judged = events.filter(verb="enrolment.refused", after__locked=False).count()
    played.unjudged = events.filter(verb="enrolment.refused", after__locked=True).count()
    played.takeovers = Enrolment.objects.count()
    played.accounts = next(places)
    return played


def _day(firm: Attacker, victims: Iterator[str], guess: str, *, by_file: bool, played: Played) -> None:
    firm.sign_in()
    for member in range(DAILY // HOURLY_OF_A_MEMBER):
        wanted = HOURLY_OF_A_MEMBER
        if by_file and member == 1:
            firm.by_file(member, [(next(victims), guess) for _ in range(wanted + _TOO_MANY)])
            played.sent += wanted + _TOO_MANY
            continue
        while wanted:
            played.sent += 1
            wanted -= not firm.by_page(member, next(victims), guess)  # what succeeds costs nothing
    played.sent += 1
    assert not firm.by_page(0, next(victims), guess)
