"""Dangerous acts ask once more who it is, and lose nothing of what was typed."""

from typing import Any

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from portefeuille.config.urls import urlpatterns as ours
from portefeuille.people.models import Session
from portefeuille.people.sessions import row_key
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.parking import take_parked
from tests.cast import PASSWORD, Cast
from tests.web.reading import form_of, text

START = 1_800_000_000
QUARTER = 15 * 60


@recent_sign_in
def dangerous(request: HttpRequest) -> HttpResponse:
    typed = take_parked(request)
    return HttpResponse("done " + request.method if typed is None else f"typed {typed.dict()}")


urlpatterns = [*ours, path("danger/", dangerous, name="danger")]


@pytest.fixture
def clock(settings: Any) -> Any:
    settings.ROOT_URLCONF = __name__
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bob(clock: Any, browse: Any) -> Client:
    browser: Client = browse("bob")
    return browser


def test_nothing_is_asked_within_a_quarter_of_an_hour(bob: Client, clock: Any) -> None:
    clock.shift(QUARTER - 1)
    assert bob.post("/danger/").content == b"done POST"


def test_then_the_question_comes_first_and_leads_back(bob: Client, clock: Any) -> None:
    clock.shift(QUARTER)
    asked = bob.get("/danger/?a=1")
    assert asked["Location"] == "/mon-compte/confirmer/?next=%2Fdanger%2F%3Fa%3D1"
    form = form_of(bob.get(asked["Location"]))
    wrong = bob.post("/mon-compte/confirmer/", {**form, "mot_de_passe": "autre chose"})
    assert "Mot de passe incorrect." in text(wrong)
    assert b"autre chose" not in wrong.content
    assert bob.get("/danger/").status_code == 302
    right = bob.post("/mon-compte/confirmer/", {**form, "mot_de_passe": PASSWORD})
    assert right["Location"] == "/danger/?a=1"
    assert bob.get("/danger/?a=1").content == b"done GET"


def test_the_key_of_the_session_changes_with_the_answer(bob: Client, clock: Any) -> None:
    clock.shift(QUARTER)
    before = bob.cookies["session"].value
    bob.post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD})
    assert bob.cookies["session"].value != before
    assert bob.get("/danger/").content == b"done GET"
    thief = Client()
    thief.cookies["session"] = before
    assert thief.get("/danger/")["Location"].startswith("/connexion/")


def test_an_old_session_does_not_sign_the_others_out(bob: Client, clock: Any, browse: Any) -> None:
    clock.shift(QUARTER)
    other = browse("bob")
    uid = Session.objects.get(user__email="bob@alder.example", session_key=row_key(other.cookies["session"].value)).uid
    for address in ("/mon-compte/sessions/fermer/", f"/mon-compte/sessions/{uid}/fermer/"):
        assert bob.post(address)["Location"].startswith("/mon-compte/confirmer/")
    assert other.get("/mon-compte/").status_code == 200


def test_a_form_is_shown_again_and_not_acted_on(bob: Client, clock: Any) -> None:
    clock.shift(QUARTER)
    asked = bob.post("/danger/", {"motif": "Il part", "mot_de_passe": "secret"})
    assert asked.status_code == 302
    form = form_of(bob.get(asked["Location"]))
    back = bob.post("/mon-compte/confirmer/", {**form, "mot_de_passe": PASSWORD})["Location"]
    assert bob.get(back).content == b"typed {'motif': 'Il part'}"
    assert bob.get(back).content == b"done GET"


def test_tries_are_counted_for_the_person(bob: Client, clock: Any, cast: Cast, browse: Any) -> None:
    for _ in range(10):
        assert "incorrect" in text(bob.post("/mon-compte/confirmer/", {"mot_de_passe": "autre chose"}))
    elsewhere = browse("bob")
    for browser in (bob, elsewhere):
        assert "Trop d'essais" in text(browser.post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD}))
    # Signing in, and everybody else, is untouched.
    form = {"login": "bob@alder.example", "password": PASSWORD}
    assert Client().post("/connexion/", form).status_code == 302
    assert browse("alice").post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD}).status_code == 302


@pytest.mark.parametrize("goal", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil", "//["])
def test_it_leads_only_to_pages_of_this_site(bob: Client, goal: str) -> None:
    answer = bob.post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD, "next": goal})
    assert answer["Location"] == "/mon-compte/"


@pytest.mark.parametrize("typed", ["", " ", "\x00", "x" * 10_000, "<b>", "\u202e"])
def test_what_is_no_password_is_said_so(bob: Client, typed: str) -> None:
    answer = bob.post("/mon-compte/confirmer/", {"mot_de_passe": typed})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()


def test_a_part_of_a_page_goes_there_whole(bob: Client, clock: Any) -> None:
    clock.shift(QUARTER)
    answer = bob.get("/danger/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/mon-compte/confirmer/?next=%2Fdanger%2F")
