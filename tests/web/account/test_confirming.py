"""Any way by which a person signs in proves again that it is them; no other's does."""

import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from portefeuille.people import sessions
from portefeuille.throttling.models import Budget
from tests.cast import PASSWORD, Cast
from tests.web.account.second_factors import SECRET, code, set_up
from tests.web.account.software_key import SoftwareKey
from tests.web.reading import soup, text

CONFIRM = "/mon-compte/confirmer/"
KEY = "/mon-compte/double-authentification/cle/"
GOAL = "/mon-compte/nom/"


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    settings.SITE_ADDRESS = "http://localhost:8000"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(1_800_000_000, tick=False) as traveller:
        yield traveller


def options(page: Any) -> dict[str, Any]:
    form = soup(page).select_one("form[data-passkey]")
    assert form is not None
    asked: dict[str, Any] = json.loads(str(form["data-options"]))
    return asked


def passkey(browser: Client) -> SoftwareKey:
    key = SoftwareKey()
    sent = {"nom": "Téléphone", "cle_acces": key.register(options(browser.get(KEY)))}
    assert browser.post(KEY, sent).status_code == 302
    return key


def is_proved(browser: Client) -> bool:
    return sessions.recently_proved(browser.session)


def test_a_code_of_the_application_is_enough_and_serves_once(cast: Cast, browse: Any, clock: Any) -> None:
    set_up(cast.users["bob"])
    bob = browse("bob")
    clock.shift(15 * 60)
    assert "Un seul de ces moyens suffit" in text(bob.get(CONFIRM))
    assert "n'est pas le bon" in text(bob.post(CONFIRM, {"code": "000000"}))
    assert not is_proved(bob)
    assert bob.post(CONFIRM, {"code": code(), "next": GOAL})["Location"] == GOAL
    assert is_proved(bob)
    clock.shift(15 * 60)
    used = code()
    assert bob.post(CONFIRM, {"code": used}).status_code == 302
    elsewhere = browse("bob")

    assert "a déjà servi" in text(elsewhere.post(CONFIRM, {"code": used}))


def test_a_passkey_is_enough_but_anothers_is_not(cast: Cast, browse: Any, clock: Any) -> None:
    bob, alice = browse("bob"), browse("alice")
    key, hers = passkey(bob), passkey(alice)
    clock.shift(15 * 60)
    refused = bob.post(CONFIRM, {"cle_acces": hers.sign(options(bob.get(CONFIRM)))})
    assert "Cette clé n'est pas une des vôtres" in text(refused)
    assert not is_proved(bob)
    signed = key.sign(options(refused))
    assert bob.post(CONFIRM, {"cle_acces": signed, "next": GOAL})["Location"] == GOAL
    assert is_proved(bob)
    # What was signed once is worth nothing twice.
    clock.shift(15 * 60)
    assert bob.post(CONFIRM, {"cle_acces": signed}).status_code == 200
    assert not is_proved(bob)


def test_guessed_codes_are_counted_for_the_person(cast: Cast, browse: Any, clock: Any) -> None:
    set_up(cast.users["bob"])
    bob = browse("bob")
    clock.shift(15 * 60)
    for _ in range(10):
        assert "n'est pas le bon" in text(bob.post(CONFIRM, {"code": "000000"}))
    assert "Trop d'essais" in text(bob.post(CONFIRM, {"code": code()}))
    assert not is_proved(bob)
    # The password is a door of its own.
    assert bob.post(CONFIRM, {"mot_de_passe": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    "sent",
    [
        {"code": "123456"},
        {"code": "\x00"},
        {"code": "x" * 10_000},
        {"code": ""},
        {"cle_acces": ""},
        {"cle_acces": "{}"},
        {"cle_acces": "x" * 100_000},
        {"cle_acces": "{}", "code": "123456", "mot_de_passe": PASSWORD},
    ],
    ids=str,
)
def test_what_one_does_not_have_proves_nothing(cast: Cast, browse: Any, clock: Any, sent: dict[str, str]) -> None:
    bob = browse("bob")
    clock.shift(15 * 60)
    assert bob.post(CONFIRM, sent).status_code == 200
    assert not is_proved(bob)


def test_without_a_password_none_is_asked(cast: Cast, browse: Any, clock: Any) -> None:
    bob = cast.users["bob"]
    bob.set_unusable_password()
    bob.save()
    browser = browse("bob")
    assert "Déconnectez-vous, puis connectez-vous" in text(browser.get(CONFIRM))
    set_up(bob)
    browser = browse("bob")
    page = browser.get(CONFIRM)
    assert "Mot de passe" not in text(page)
    assert "Un seul de ces moyens" not in text(page)
    clock.shift(15 * 60)
    assert browser.post(CONFIRM, {"mot_de_passe": ""}).status_code == 200
    assert browser.post(CONFIRM, {"code": code(secret=SECRET)}).status_code == 302
    assert not Budget.objects.exists()
