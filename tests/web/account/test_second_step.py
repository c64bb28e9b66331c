"""Signing in with a second factor: the step after the password, its codes, its budgets, and what it never loses."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portefeuille.outbox.models import Message
from portefeuille.people.proofs import Verdict
from portefeuille.people.second_factor import code_verdict
from portefeuille.throttling.models import Budget
from tests.cast import PASSWORD, Cast
from tests.throttling.together import Crew
from tests.web.account.second_factors import code, set_up
from tests.web.reading import form_of, text

START = 1_800_000_000
STEP = "/connexion/double-authentification/"
BOB = "bob@alder.example"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def codes(cast: Cast, clock: Any) -> Any:
    """Bob's recovery codes."""
    return set_up(cast.users["bob"])


def password_given(goal: str = "", **extra: Any) -> Client:
    client = Client(**extra)
    form = {"login": BOB, "password": PASSWORD, **({"next": goal} if goal else {})}
    answer = client.post("/connexion/", form)
    assert answer.status_code == 302
    assert answer["Location"].startswith(STEP)
    return client


def is_in(client: Client) -> bool:
    return client.get("/mon-compte/").status_code == 200


def test_the_password_alone_opens_nothing(codes: Any) -> None:
    client = password_given()
    assert not is_in(client)
    assert "Celui que votre application" in text(client.get(STEP))
    answer = client.post(STEP, {"code": code()})
    assert answer["Location"] == "/mon-espace/"
    assert is_in(client)


def test_it_leads_where_one_was_going(codes: Any) -> None:
    client = password_given("/mon-compte/?a=1")
    page = client.get(STEP + "?next=/mon-compte/%3Fa%3D1")
    assert client.post(STEP, {**form_of(page), "code": code()})["Location"] == "/mon-compte/?a=1"


def test_a_half_filled_form_is_not_lost(codes: Any, cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    address = reverse("add", kwargs={"firm": cast.firm_a.uid})
    there = client.post(address, {"identifiant": "732 829 320"})["Location"]
    there = client.get(there)["Location"]
    there = client.post("/connexion/", {**form_of(client.get(there)), "login": BOB, "password": PASSWORD})["Location"]
    back = client.post(STEP, {**form_of(client.get(there)), "code": code()})["Location"]
    assert back == address
    assert form_of(client.get(back))["identifiant"] == ["732 829 320"]


def test_a_code_is_good_once(codes: Any) -> None:
    first, second = password_given(), password_given()
    assert first.post(STEP, {"code": code()}).status_code == 302
    assert "a déjà servi" in text(second.post(STEP, {"code": code()}))
    assert not is_in(second)
    assert "a déjà servi" in text(second.post(STEP, {"code": code(-1)}))  # nor one before it
    assert second.post(STEP, {"code": code(1)}).status_code == 302


def test_a_code_of_another_time_is_told_and_used_up(codes: Any, clock: Any) -> None:
    client = password_given()
    ahead = code(4)  # the clock is two minutes early
    assert "l'heure de votre appareil n'est pas juste" in text(client.post(STEP, {"code": ahead}))
    clock.shift(120)
    assert "a déjà servi" in text(client.post(STEP, {"code": ahead}))
    late = code(-2)
    assert "n'est pas le bon" in text(client.post(STEP, {"code": late}))
    assert client.post(STEP, {"code": code(1)}).status_code == 302


def test_a_recovery_code_opens_once_and_is_told(codes: Any) -> None:
    client = password_given()
    page = client.get(STEP + "?secours=1")
    assert "Code de secours" in text(page)
    typed = f" {codes[0].lower().replace('-', ' ')} "
    assert client.post(STEP + "?secours=1", {"code": typed}).status_code == 302
    assert "Il vous en reste 9" in Message.objects.get(subject="Un de vos codes de secours a servi").body
    again = password_given()
    assert "n'est pas le bon, ou il a déjà servi" in text(again.post(STEP + "?secours=1", {"code": codes[0]}))
    assert again.post(STEP + "?secours=1", {"code": codes[1]}).status_code == 302


@pytest.mark.parametrize("typed", ["", " ", "12345", "\x00", "x" * 10_000, "<b>", "\u202e123456", "１２３４５６"])
def test_a_slip_is_said_and_is_no_attempt(codes: Any, typed: str) -> None:
    client = password_given()
    for place in (STEP, STEP + "?secours=1"):
        answer = client.post(place, {"code": typed})
        assert answer.status_code == 200
        assert 'aria-invalid="true"' in answer.content.decode()
    assert not Budget.objects.exists()


def test_ten_wrong_codes_close_it_for_the_person_wherever_they_are(codes: Any) -> None:
    client = password_given()
    for number in range(10):
        assert "n'est pas le bon" in text(client.post(STEP, {"code": "000000"}, REMOTE_ADDR=f"192.0.2.{number}"))
    assert "Trop d'essais" in text(client.post(STEP, {"code": code()}, REMOTE_ADDR="198.51.100.1"))
    assert "Trop d'essais" in text(client.post(STEP + "?secours=1", {"code": codes[0]}))
    assert not is_in(client)


def test_nobody_without_the_password_can_spend_it(codes: Any) -> None:
    stranger = Client()
    for _ in range(30):
        assert stranger.post(STEP, {"code": "000000"})["Location"] == "/connexion/"
        stranger.post("/connexion/", {"login": BOB, "password": "autre chose"}, REMOTE_ADDR="198.51.100.1")
    assert password_given().post(STEP, {"code": code()}).status_code == 302


def test_without_the_password_there_is_no_step(cast: Cast) -> None:
    assert Client().get(STEP)["Location"] == "/connexion/"
    assert Client().get(STEP + "?next=/mon-compte/")["Location"] == "/connexion/?next=%2Fmon-compte%2F"


def test_the_step_is_forgotten_after_a_quarter_of_an_hour(codes: Any, clock: Any) -> None:
    client = password_given()
    clock.shift(15 * 60 + 1)
    assert client.post(STEP, {"code": code()})["Location"] == "/connexion/"
    assert not is_in(client)


def test_somebody_closed_meanwhile_stays_out(codes: Any, cast: Cast) -> None:
    client = password_given()
    person = cast.users["bob"]
    person.is_active = False
    person.save()
    assert client.post(STEP, {"code": code()})["Location"] == "/connexion/"


def test_the_sign_in_page_starts_again(codes: Any) -> None:
    client = password_given()
    assert "Identifiant" in text(client.get("/connexion/"))
    form = {"login": "alice@alder.example", "password": PASSWORD}
    assert client.post("/connexion/", form)["Location"] == "/mon-espace/"
    assert client.get(STEP)["Location"] == "/mon-espace/"


def test_the_key_of_the_session_changes_at_each_step(codes: Any) -> None:
    client = Client()
    client.post("/mon-espace/", {"a": "1"})  # an anonymous session, for what was typed
    keys = [client.session.session_key]
    client.post("/connexion/", {"login": BOB, "password": PASSWORD})
    keys.append(client.session.session_key)
    client.post(STEP, {"code": code()})
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3


@pytest.mark.slow
def test_of_sixty_four_who_send_one_code_one_comes_in(committed_cast: Cast) -> None:
    codes = set_up(committed_cast.users["bob"])
    bob = committed_cast.users["bob"]
    with Crew(64) as crew:
        for sent in (code(), codes[0]):
            found = crew.together([lambda sent=sent: code_verdict(bob, sent, "192.0.2.1")] * 64)
            assert found.count(Verdict.RIGHT) == 1
            assert set(found) <= {Verdict.RIGHT, Verdict.WRONG, Verdict.TOO_MANY}, found


@pytest.mark.slow
def test_of_sixty_four_wrong_codes_at_once_ten_are_judged(committed_cast: Cast) -> None:
    set_up(committed_cast.users["bob"])
    bob = committed_cast.users["bob"]
    with Crew(64) as crew:
        found = crew.together([lambda: code_verdict(bob, "000000", "192.0.2.1")] * 64)
    assert found.count(Verdict.WRONG) == 10
    assert found.count(Verdict.TOO_MANY) == 54
