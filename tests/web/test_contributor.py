"""The client's space, as a browser meets it; and opening it, where nothing tells whether a client is known."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portefeuille.catalogue.selection import Selection
from portefeuille.contributors.models import ClientSpace
from portefeuille.enrolments.actions import change, terminate
from portefeuille.enrolments.client_word import Speaker, set_rule
from portefeuille.enrolments.models import ClientRule, Enrolment
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.people import links
from portefeuille.people.models import Link
from portefeuille.people.sessions import SessionStore
from portefeuille.posted_codes.models import PostedCode
from portefeuille.posted_codes.requests import answer_due
from portefeuille.registry.models import Account
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, PASSWORD, Cast
from tests.enrolments.test_client_word import add
from tests.web.reading import form_of, rows, text
from tests.web.test_uniform_answer import Seen, ask, numbers  # noqa: F401  (a fixture)

PERSON = {"nom": "Nadia Neuve", "mot_de_passe": PASSWORD, "conditions": "on"}
CARL = Speaker(actor="client:carl", siren=EMPLOYER.siren)


def space_of(siren: str = EMPLOYER.siren) -> str:
    return reverse("client_space", args=[ClientSpace.objects.get(siren=siren).uid])


def read_code() -> str:
    message = Message.objects.filter(subject="Votre code pour ouvrir votre espace").order_by("-pk")[0]
    found = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", text_of(message.body, message.secret))
    assert found is not None
    return found[0]


def read_link() -> str:
    message = Message.objects.filter(subject="Ouvrir votre espace").order_by("-pk")[0]
    found = re.search(r"https?://[^/]+(/espace-client/ouvrir/\S+)", text_of(message.body, message.secret))
    assert found is not None
    return found[1]


# --- opening ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("siren", [EMPLOYER.siren, INDEPENDENT.siren])
def test_the_journey_of_a_new_person(cast: Cast, siren: str) -> None:
    browser = Client()
    answer = browser.post("/espace-client/", {"identifiant": siren, "courriel": " Nadia@Neuf.example "}, follow=True)
    assert "Un courriel et un code vous attendent" in text(answer)
    answer_due()
    address = read_link()
    page = browser.get(address)
    assert EMPLOYER.name not in text(page), "nothing of the client before the code"
    form = {**form_of(page), **PERSON}
    answer = browser.post(address, {**form, "code": "AAAAA-AAAAA"})
    assert "Ce code ne convient pas" in text(answer)
    assert "Nadia Neuve" in answer.content.decode()
    answer = browser.post(address, {**form, "code": read_code().lower()}, follow=True)
    assert "Votre espace est ouvert." in text(answer)
    assert "Qui agit pour vous" in text(answer)
    assert browser.get(address).status_code == 404
    assert browser.get("/mon-espace/")["Location"] == space_of(siren)


def test_a_letter_that_comes_after_the_link_has_died(cast: Cast) -> None:
    browser = Client()
    who = {"identifiant": INDEPENDENT.siren, "courriel": "nadia@neuf.example"}
    browser.post("/espace-client/", who)
    answer_due()
    first = read_link()
    Link.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = browser.get(first)
    assert answer.status_code == 404
    assert "votre code reste bon" in text(answer)
    assert "Un courriel vous attend" in text(browser.post("/espace-client/code/", who, follow=True))
    answer_due()
    assert PostedCode.objects.count() == 1
    answer = browser.post(read_link(), {**PERSON, "code": read_code()}, follow=True)
    assert "Votre espace est ouvert." in text(answer)


def test_who_is_known_signs_in_first(cast: Cast, browse: Any) -> None:
    payload = {"siren": INDEPENDENT.siren, "account_number": ""}
    token = links.issue(Link.Purpose.OPEN_CLIENT_SPACE, email="bob@alder.example", payload=payload)
    address = reverse("client_space_link", args=[token])
    assert "Vous avez déjà un identifiant" in text(browse().get(address))
    alice = browse("alice")
    assert "Vous êtes connecté avec un autre identifiant" in text(alice.get(address))
    before = rows()
    for browser in (browse(), alice):
        assert browser.post(address, {**PERSON, "code": "AAAAA-AAAAA"}).status_code == 200
    assert rows() == before
    assert "Vous gardez votre identifiant" in text(browse("bob").get(address))


def test_who_asks_learns_nothing_of_the_client(cast: Cast, numbers: dict[str, str]) -> None:  # noqa: F811
    """Known, with an address or without, with a space or without, unknown, or sent enough codes: one answer."""
    spent = {"identifiant": "552100554", "courriel": "spent@neuf.example"}
    for n in range(3):
        Client(REMOTE_ADDR=f"198.51.100.{n}").post("/espace-client/", {**spent, "courriel": f"{n}@neuf.example"})
    answer_due()
    sirens = [EMPLOYER.siren, INDEPENDENT.siren, "130025265", "552100554"]
    for address in ("/espace-client/", "/espace-client/code/"):
        seen: list[Seen] = [
            ask(Client(REMOTE_ADDR=f"192.0.2.{n}"), "post", address, identifiant=who, courriel=email)
            for n, (who, email) in enumerate(
                (who, email)
                for who in [*sirens, *numbers.values()]
                for email in ("nadia@neuf.example", "carl@oeuvrard.example", "alice@alder.example")
            )
        ]
        assert seen[0].status == 302
        assert all(other == seen[0] for other in seen)


def test_a_link_that_was_sent_often_enough_is_not_told(cast: Cast) -> None:
    who = {"identifiant": EMPLOYER.siren, "courriel": "nadia@neuf.example"}
    seen = [
        ask(Client(REMOTE_ADDR="192.0.2.1"), "post", "/espace-client/", **who),
        *(Client(REMOTE_ADDR=f"192.0.2.{n}").post("/espace-client/", who) for n in range(4)),
        ask(Client(REMOTE_ADDR="192.0.2.1"), "post", "/espace-client/", **who),
    ]
    assert seen[0] == seen[-1]


def test_a_wrong_code_does_not_tell_whether_there_is_one(cast: Cast) -> None:
    seen = []
    for siren, sent in ((EMPLOYER.siren, True), (EMPLOYER.siren, False), ("130025265", True)):
        PostedCode.objects.all().delete()
        if sent:
            Client(REMOTE_ADDR=f"198.51.100.{len(seen)}").post(
                "/espace-client/", {"identifiant": siren, "courriel": "nadia@neuf.example"}
            )
            answer_due()
        payload = {"siren": siren, "account_number": ""}
        token = links.issue(Link.Purpose.OPEN_CLIENT_SPACE, email="nadia@neuf.example", payload=payload)
        address = reverse("client_space_link", args=[token])
        shown = f"{siren[:3]}\u202f{siren[3:6]}\u202f{siren[6:]}"
        seen.append(ask(Client(), "post", address, shown, address, code="AAAAA-AAAAA", **PERSON))
    assert "Ce code ne convient pas" in seen[0].page
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize(
    ("identifier", "says"),
    [
        ("", "Saisissez votre Siren"),
        ("   ", "Saisissez votre Siren"),
        ("\x00", "caractère"),
        ("x" * 10_000, "Saisissez votre Siren"),
        ("732829321", "La clé de ce Siren est fausse"),
        ("73282932000074", ""),
        ("<b>732829320</b>", "Saisissez votre Siren"),
        ("PR000000000A19", "Saisissez votre Siren"),
        ("٧٣٢٨٢٩٣٢٠", "Saisissez les chiffres du clavier"),
    ],
)
def test_what_is_typed_gets_a_clear_answer(cast: Cast, identifier: str, says: str) -> None:
    answer = Client().post("/espace-client/", {"identifiant": identifier, "courriel": "nadia@neuf.example"})
    assert answer.status_code == (200 if says else 302)
    assert says in text(answer)


def test_a_code_of_another_length_costs_no_try(cast: Cast) -> None:
    Client().post("/espace-client/", {"identifiant": EMPLOYER.siren, "courriel": "nadia@neuf.example"})
    answer_due()
    for typed in ("ABCD", "", "x" * 10_000, "\x00" * 10, "ABCDE-ABCDEF"):
        answer = Client().post(read_link(), {**PERSON, "code": typed})
        assert answer.status_code == 200
        assert "lettres et chiffres" in text(answer) or "invisible" in text(answer)
    assert PostedCode.objects.get().tries_left == 5


# --- in the space -------------------------------------------------------------------------------------------------


def test_the_client_sees_who_acts_with_what_and_what_was_done(cast: Cast, browse: Any) -> None:
    uid = add(cast).uid
    add(cast, who="charlie")
    add(cast, INDEPENDENT)
    change(access=cast.access("alice"), enrolment=uid, selection=Selection(0b1000, 0b1), seen=Selection(0b101, 0b1))
    browser = browse("carl")
    page = text(browser.get(space_of()))
    for said in ("Cabinet Alder", "Bureau Bouleau", "Régime Général", "Agit pour vous", "117 000 001 234 567 890"):
        assert said in page
    page = text(browser.get(reverse("client_space_firm", args=[ClientSpace.objects.get().uid, uid])))
    assert "Cabinet Alder a modifié les services qu'il utilise" in page
    assert "Services ajoutés : " in page
    assert "Services retirés : DPAE" in page
    page = text(browser.get(reverse("client_space_history", args=[ClientSpace.objects.get().uid])))
    assert "Bureau Bouleau s'est inscrit pour agir pour vous" in page
    assert "Alice" not in page, "a firm's people are its own business"
    assert INDEPENDENT.name not in page


def answer_address(uid: Any, act: str) -> str:
    return reverse("client_space_answer", args=[ClientSpace.objects.get(siren=EMPLOYER.siren).uid, uid, act])


@pytest.mark.parametrize(
    ("found", "act", "state"),
    [
        ("pending", "accepter", "active"),
        ("pending", "refuser", "refused"),
        ("active", "contester", "contested"),
        ("active", "mettre-fin", "terminated"),
        ("contested", "ne-plus-contester", "active"),
        ("contested", "mettre-fin", "terminated"),
    ],
)
def test_each_answer_is_asked_then_done(cast: Cast, browse: Any, found: str, act: str, state: str) -> None:
    if found == "pending":
        set_rule(speaker=CARL, rule=ClientRule.Rule.ASK)
    uid = add(cast).uid
    browser = browse("carl")
    if found == "contested":
        browser.post(answer_address(uid, "contester"))
    address = answer_address(uid, act)
    before = rows()
    page = browser.get(address)
    assert page.status_code == 200
    assert rows() == before
    answer = browser.post(address, form_of(page), follow=True)
    assert Enrolment.objects.get().state == state
    assert "Cabinet Alder" in text(answer)
    # The back button, then the same button.
    before = rows()
    assert browser.post(address, form_of(page), follow=True).status_code == 200
    assert rows() == before


def test_an_answer_that_comes_too_late_says_what_is_so(cast: Cast, browse: Any) -> None:
    uid = add(cast).uid
    terminate(access=cast.access("alice"), enrolments=[uid])
    browser = browse("carl")
    before = rows()
    for method in ("get", "post"):
        answer = getattr(browser, method)(answer_address(uid, "contester"), follow=True)
        assert "Rien n'a été fait : cette inscription est maintenant résiliée." in text(answer)
    assert rows() == before


def test_an_unknown_act_or_enrolment_is_not_found(cast: Cast, browse: Any) -> None:
    uid, foreign = add(cast).uid, add(cast, INDEPENDENT).uid
    browser = browse("carl")
    pages = {
        browser.get(address).content
        for address in (
            answer_address(uid, "effacer"),
            answer_address(foreign, "mettre-fin"),
            answer_address(uuid4(), "mettre-fin"),
            reverse("client_space", args=[uuid4()]),
        )
    }
    assert len(pages) == 1


def an_hour_later(browser: Client) -> None:
    session = SessionStore(session_key=browser.session.session_key)
    session["proved_at"] -= 3600
    session.save()


def test_what_gives_access_asks_who_it_is_and_what_takes_it_away_does_not(cast: Cast, browse: Any) -> None:
    uid = add(cast).uid
    browser = browse("carl")
    an_hour_later(browser)
    assert browser.post(answer_address(uid, "contester"))["Location"].startswith("/espaces/")
    answer = browser.post(answer_address(uid, "ne-plus-contester"))
    assert answer["Location"].startswith("/mon-compte/confirmer/")
    assert Enrolment.objects.get().state == "contested"
    rule = reverse("client_space_rule", args=[ClientSpace.objects.get().uid])
    assert browser.post(rule, {"regle": "closed"})["Location"].startswith("/mon-compte/confirmer/")
    assert ClientRule.objects.get().rule == "open"
    browser.post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD, "next": rule})
    page = browser.get(rule)
    assert "Votre choix est encore là" in text(page)
    assert form_of(page)["regle"] == ["closed"]


def test_the_rule_is_chosen_and_told(cast: Cast, browse: Any) -> None:
    browser = browse("carl")
    rule = reverse("client_space_rule", args=[ClientSpace.objects.get().uid])
    assert form_of(browser.get(rule))["regle"] == ["open"]
    answer = browser.post(rule, {"regle": "closed"}, follow=True)
    assert "Aucun nouveau cabinet ne peut s'inscrire." in text(answer)
    assert form_of(browser.get(rule))["regle"] == ["closed"]
    before = rows()
    for wrong in ("", "ouvert", "\x00", "x" * 10_000):
        answer = browser.post(rule, {"regle": wrong})
        assert "Choisissez une des trois réponses." in text(answer)
    assert rows() == before


def test_a_client_whom_nobody_acts_for(cast: Cast, browse: Any) -> None:
    browser = browse("carl")
    assert "Aucun cabinet n'agit pour vous" in text(browser.get(space_of()))
    assert "Rien encore" in text(browser.get(space_of() + "historique/"))


def test_a_client_whose_accounts_left_the_register(cast: Cast, browse: Any) -> None:
    add(cast)
    Account.objects.all().delete()
    assert "n'a plus de compte à ce numéro" in text(browse("carl").get(space_of()))


def test_the_history_is_turned_page_by_page(cast: Cast, browse: Any) -> None:
    uid = add(cast).uid
    access, seen = cast.access("alice"), Selection(0b101, 0b1)
    for n in range(35):
        wish = Selection(1 << (n % 3), 0)
        change(access=access, enrolment=uid, selection=wish, seen=seen)
        seen = wish
    browser = browse("carl")
    for base in (space_of() + "historique/", reverse("client_space_firm", args=[ClientSpace.objects.get().uid, uid])):
        first = browser.get(base).content.decode()
        older = re.search(r'href="(\?avant=\d+)" rel="next"', first)
        assert older is not None
        second = browser.get(base + older[1])
        assert "s'est inscrit" in text(second)
        assert "s'est inscrit" not in text(browser.get(base))
        for odd in ("x", "", "-1", "9" * 30, "\x00", "0"):
            assert browser.get(base, {"avant": odd}).status_code == 200


@pytest.mark.parametrize(("path", "count"), [("", 6), ("historique/", 4), ("nouveaux-cabinets/", 4)])
def test_a_page_of_the_space_keeps_its_statements(cast: Cast, browse: Any, path: str, count: int) -> None:
    browser = browse("carl")

    def statements() -> int:
        browser.get(space_of() + path)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(space_of() + path).status_code == 200
        return len(captured) - 1  # the test's own, for the address

    for who, client in (("alice", EMPLOYER), ("charlie", EMPLOYER), ("alice", LIBERAL_SAME_SIREN)):
        add(cast, client, who)
        assert statements() == count


def test_a_client_without_siren_has_a_space_too(cast: Cast, browse: Any) -> None:
    uid = add(cast, MANAGER).uid
    browser = Client()
    browser.post("/espace-client/", {"identifiant": MANAGER.account, "courriel": "jf@dornano.example"})
    answer_due()
    browser.post(read_link(), {**PERSON, "code": read_code()})
    space = ClientSpace.objects.get(account_number=MANAGER.account)
    page = text(browser.get(reverse("client_space", args=[space.uid])))
    assert "Cabinet Alder" in page
    assert browser.get(reverse("client_space_firm", args=[space.uid, uid])).status_code == 200
