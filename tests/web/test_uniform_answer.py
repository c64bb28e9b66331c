"""Who asks learns nothing (security.md 1.2): every refusal is one status, one page, one number of queries."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portefeuille.catalogue.selection import catalogue, read_again
from portefeuille.identifiers import account_number as account_numbers
from portefeuille.identifiers import nir as nirs
from portefeuille.registry.models import Account, AccountState, ProofFact, Regime
from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests import canaries
from tests.cast import (
    EMPLOYER,
    INDEPENDENT,
    LIBERAL_SAME_SIREN,
    MANAGER,
    PASSWORD,
    REGULATED,
    STRUCK_OFF,
    Cast,
    CastClient,
    register,
)
from tests.web.reading import anonymous

UNKNOWN = "999000000000000017"


@dataclass(frozen=True)
class Seen:
    """All that an answer tells to who asked."""

    status: int
    page: str
    headers: tuple[tuple[str, str], ...]
    queries: int


def ask(browser: Client, method: str, address: str, *typed: str, **form: str) -> Seen:
    """One request made and taken back, so that the next starts from the same counts."""
    # Read again once a minute, whoever asks: not a difference between two answers. A whole minute begins here.
    read_again()
    catalogue()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            answer = getattr(browser, method)(address, form)
        canaries.nothing_in_database()
        transaction.set_rollback(True)
    # «Expires» is the time of the answer, to the second.
    apart = ("Content-Length", "Set-Cookie", "Expires")
    headers = {name: value for name, value in answer.headers.items() if name not in apart}
    return Seen(answer.status_code, anonymous(answer, *typed), tuple(sorted(headers.items())), len(queries))


def prove(browser: Client, cast: Cast, client: CastClient, *, account: str, fact: str) -> Seen:
    form = {"cle": str(uuid4()), "fait": fact, "compte": account, "portefeuille": str(cast.employers.pk)}
    return ask(browser, "post", enrol_address(cast, client), account, fact, **form)


def enrol_address(cast: Cast, client: CastClient) -> str:
    firm = cast.firm_a.uid
    if client.siren:
        return reverse("enrol_siren", kwargs={"firm": firm, "siren": client.siren, "regime": client.regime})
    token = seal(ACCOUNT_IN_ADDRESS, client.account.encode())
    return reverse("enrol_account", kwargs={"firm": firm, "token": token})


def wrong_fact(client: CastClient) -> str:
    return nirs.parse("1850575123456") if client.nir else "17.31"


def failures(client: CastClient) -> Iterator[tuple[str, str, str]]:
    """(what is wrong, the account number given, the fact given) about one client whose page is open."""
    someone = STRUCK_OFF if client is EMPLOYER else EMPLOYER
    yield "right account number, wrong fact", client.account, wrong_fact(client)
    yield "right fact, unknown account number", UNKNOWN, client.fact
    yield "right fact, somebody else's account number", someone.account, client.fact
    yield "unknown account number, wrong fact", UNKNOWN, wrong_fact(client)
    yield "somebody else's account number, wrong fact", someone.account, wrong_fact(client)
    if not client.nir and someone.amount:
        yield "somebody else's account number and fact", someone.account, someone.fact


WITH_SIREN = pytest.mark.parametrize(
    "client", [EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, REGULATED, STRUCK_OFF], ids=lambda client: client.name
)


@WITH_SIREN
def test_every_wrong_proof_gets_one_answer(cast: Cast, browse: Any, client: CastClient) -> None:
    browser = browse("alice")
    seen = {what: prove(browser, cast, client, account=account, fact=fact) for what, account, fact in failures(client)}
    first = next(iter(seen.values()))
    assert first.status == 200
    assert "Ces informations ne permettent pas d'ajouter ce compte" in first.page
    assert "Il vous reste 2 essais" in first.page.replace("\u202f", " ")
    for what, other in seen.items():
        assert other == first, what


def spend(cast: Cast, client: CastClient, *, who: str, account: str, times: int) -> None:
    """Failures of a firm on the client, with this account number."""
    browser = Client()
    browser.force_login(cast.users[who], backend="allauth.account.auth_backends.AuthenticationBackend")
    address = enrol_address(cast, client)
    if who == "charlie":
        address = address.replace(str(cast.firm_a.uid), str(cast.firm_b.uid))
    for number in range(times):
        form = {"fait": wrong_fact(client), "compte": account, "portefeuille": str(cast.employers.pk)}
        if who == "charlie":
            del form["portefeuille"]
        assert browser.post(address, form, REMOTE_ADDR=f"198.51.100.{number}").status_code == 200


@WITH_SIREN
def test_a_locked_pair_gets_one_answer_the_right_facts_included(cast: Cast, browse: Any, client: CastClient) -> None:
    spend(cast, client, who="alice", account=UNKNOWN, times=3)
    browser = browse("alice")
    seen = {
        what: prove(browser, cast, client, account=account, fact=fact)
        for what, account, fact in [*failures(client), ("all right", client.account, client.fact)]
    }
    first = next(iter(seen.values()))
    assert "Vous n'avez plus d'essai pour ce client" in first.page
    for what, other in seen.items():
        assert other == first, what


@WITH_SIREN
def test_a_number_locked_by_others_does_not_tell_whether_it_is_the_client_s(
    cast: Cast, browse: Any, settings: Any, client: CastClient
) -> None:
    """Numbers tried as often elsewhere look alike, here and at every other client."""
    settings.PROOF_BUDGETS = {**settings.PROOF_BUDGETS, "account": [(2, 86400)], "nir": [(100, 86400)]}
    browser = browse("alice")
    elsewhere = REGULATED if client is not REGULATED else EMPLOYER
    seen = []
    for number in (client.account, UNKNOWN):
        with transaction.atomic():
            spend(cast, client, who="charlie", account=number, times=2)
            seen.append(
                [
                    prove(browser, cast, client, account=number, fact=wrong_fact(client)),
                    prove(browser, cast, client, account=number, fact=client.fact),
                    prove(browser, cast, elsewhere, account=number, fact=wrong_fact(elsewhere)),
                ]
            )
            transaction.set_rollback(True)
    assert seen[0] == seen[1]
    assert seen[0][0] == seen[0][1]


# --- a bare account number ----------------------------------------------------------------------------------------

PRACTITIONER = CastClient(
    "Docteur Lune",
    Regime.REGULATED_LIBERAL,
    "",
    "217000001111111111",
    amount="912.44",
    due=MANAGER.due,
    email="lune@example.org",
)


def bare(account: str) -> CastClient:
    return replace(MANAGER, account=account)


@pytest.fixture
def numbers(cast: Cast) -> dict[str, str]:
    """Every sort of account number that one can type."""
    register(PRACTITIONER)
    struck_off = register(replace(MANAGER, account="937000007777777777", state=AccountState.STRUCK_OFF, name="Ancien"))
    assert struck_off.state == AccountState.STRUCK_OFF
    without_fact = Account.objects.create(
        number="937000006666666666",
        shown_number="937000006666666666",
        regime=Regime.MAJORITY_MANAGER,
        organisation="117",
        holder="Sans échéance",
    )
    assert not ProofFact.objects.filter(account=without_fact).exists()
    return {
        "known": MANAGER.account,
        "unknown": UNKNOWN,
        "a practitioner without Siren": PRACTITIONER.account,
        "an employer's": EMPLOYER.account,
        "an independent's": INDEPENDENT.account,
        "struck off": "937000007777777777",
        "without a fact": without_fact.number,
    }


def one_answer(numbers: dict[str, str], question: Callable[[str], Seen]) -> Seen:
    seen = {what: question(number) for what, number in numbers.items()}
    for what, other in seen.items():
        assert other == seen["unknown"], what
    return seen["unknown"]


def without_number(seen: Seen, number: str) -> Seen:
    page = re.sub(r"(?<=/ajouter/compte/)[^/]+", "…", seen.page)  # sealed anew for each address
    return replace(seen, page=page.replace(account_numbers.show(number), "…"))


def test_the_form_of_an_account_number_is_the_same_for_all(cast: Cast, browse: Any, numbers: dict[str, str]) -> None:
    browser = browse("alice")
    seen = one_answer(
        numbers, lambda number: without_number(ask(browser, "get", enrol_address(cast, bare(number))), number)
    )
    assert seen.status == 200
    for known in ("d'Ornano", "Lune", "Ancien", "Gérant", "Régime"):
        assert known not in seen.page.partition("</dl>")[0]


def test_the_way_to_that_form_is_the_same_for_all(cast: Cast, browse: Any, numbers: dict[str, str]) -> None:
    browser = browse("alice")
    address = reverse("add", kwargs={"firm": cast.firm_a.uid})

    def question(number: str) -> Seen:
        seen = ask(browser, "post", address, identifiant=number)
        location = dict(seen.headers)["Location"]
        assert number not in location
        return replace(seen, headers=(("length", str(len(location))),))

    assert one_answer(numbers, question).status == 302


def test_a_wrong_amount_is_answered_alike_for_all(cast: Cast, browse: Any, numbers: dict[str, str]) -> None:
    browser = browse("alice")

    def question(number: str) -> Seen:
        seen = prove(browser, cast, bare(number), account=number, fact="17.31")
        return without_number(seen, number)

    assert "Ces informations ne permettent pas d'ajouter ce compte" in one_answer(numbers, question).page


def test_the_right_amount_is_answered_alike_where_tries_are_spent(
    cast: Cast, browse: Any, numbers: dict[str, str]
) -> None:
    for number in numbers.values():
        spend(cast, bare(number), who="alice", account=number, times=3)
    browser = browse("alice")
    one_answer(
        numbers,
        lambda number: without_number(prove(browser, cast, bare(number), account=number, fact=MANAGER.amount), number),
    )


# --- signing in ---------------------------------------------------------------------------------------------------


def test_a_known_identifier_is_not_told_from_an_unknown_one(cast: Cast) -> None:
    closed = cast.users["zoe"]
    closed.is_active = False
    closed.save()
    seen = [
        ask(Client(REMOTE_ADDR=f"192.0.2.{place}"), "post", "/connexion/", login, login=login, password=password)
        for place, (login, password) in enumerate(
            [
                ("nobody@alder.example", "autre chose"),
                ("alice@alder.example", "autre chose"),
                ("zoe@nowhere.example", PASSWORD),
                ("zoe@nowhere.example", "autre chose"),
                ("pas une adresse", "autre chose"),
            ]
        )
    ]
    assert seen[0].status == 200
    assert "Identifiant ou mot de passe incorrect." in seen[0].page
    for other in seen:
        assert other == seen[0]
