"""Passkeys against a software one: as second factor, as the only one, and what is worth nothing."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.cast import PASSWORD, Cast
from tests.web.account.software_key import PRESENT, SoftwareKey
from tests.web.reading import rows, soup, text

ADD = "/mon-compte/double-authentification/cle/"
ALONE = "/connexion/cle/"
STEP = "/connexion/double-authentification/"


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    settings.SITE_ADDRESS = "http://localhost:8000"


def options(page: Any) -> dict[str, Any]:
    form = soup(page).select_one("form[data-passkey]")
    assert form is not None
    asked: dict[str, Any] = json.loads(str(form["data-options"]))
    return asked


def add(browser: Client, key: SoftwareKey, name: str = "Mon téléphone") -> Any:
    return browser.post(ADD, {"nom": name, "cle_acces": key.register(options(browser.get(ADD)))})


@pytest.fixture
def key(cast: Cast, browse: Any) -> SoftwareKey:
    """Bob's."""
    made = SoftwareKey()
    assert add(browse("bob"), made)["Location"] == "/mon-compte/double-authentification/codes/"
    return made


def alone(client: Client, cast: Cast, key: SoftwareKey, who: str = "bob", **how: Any) -> Any:
    asked = options(client.get(ALONE))
    return client.post(ALONE, {"cle_acces": key.sign(asked, handle=cast.users[who].uid.bytes, **how)})


def at_the_step() -> Client:
    client = Client()
    form = {"login": "bob@alder.example", "password": PASSWORD}
    assert client.post("/connexion/", form)["Location"].startswith(STEP)
    return client


def test_it_opens_alone_when_it_checks_its_owner(cast: Cast, key: SoftwareKey) -> None:
    client = Client()
    assert alone(client, cast, key)["Location"] == "/mon-espace/"
    assert client.get("/mon-compte/").status_code == 200
    refused = alone(Client(), cast, key, flags=PRESENT)
    assert "n'ouvre aucun espace" in text(refused)


def test_it_is_the_second_factor_even_when_it_only_sees_somebody(cast: Cast, key: SoftwareKey) -> None:
    client = at_the_step()
    answer = client.post(STEP, {"cle_acces": key.sign(options(client.get(STEP)), flags=PRESENT)})
    assert answer["Location"] == "/mon-espace/"


@pytest.mark.parametrize("lie", [{"origin": "https://evil.example"}, {"site": "evil.example"}])
def test_a_passkey_of_another_site_is_worth_nothing(cast: Cast, key: SoftwareKey, browse: Any, lie: Any) -> None:
    other = SoftwareKey(**lie)
    rita = browse("rita")
    before = rows()
    assert "n'a pas pu être vérifiée" in text(add(rita, other))
    assert rows() == before
    for name, value in lie.items():
        setattr(key, name, value)
    assert "n'ouvre aucun espace" in text(alone(Client(), cast, key))
    client = at_the_step()
    assert client.post(STEP, {"cle_acces": key.sign(options(client.get(STEP)))}).status_code == 200
    assert client.get("/mon-compte/").status_code == 302


def test_a_challenge_serves_once_and_in_its_session(cast: Cast, key: SoftwareKey) -> None:
    client = Client()
    signed = key.sign(options(client.get(ALONE)), handle=cast.users["bob"].uid.bytes)
    assert "n'ouvre aucun espace" in text(Client().post(ALONE, {"cle_acces": signed}))
    assert client.post(ALONE, {"cle_acces": signed}).status_code == 302
    client.post("/deconnexion/")
    assert "n'ouvre aucun espace" in text(client.post(ALONE, {"cle_acces": signed}))


def test_a_copy_that_counts_behind_is_refused(cast: Cast, key: SoftwareKey) -> None:
    key.count = 7
    assert alone(Client(), cast, key).status_code == 302
    assert "n'ouvre aucun espace" in text(alone(Client(), cast, key))
    key.count = 8
    assert alone(Client(), cast, key).status_code == 302


def test_it_opens_for_its_owner_only(cast: Cast, key: SoftwareKey, browse: Any) -> None:
    for who in ("alice", "ida"):
        assert "n'ouvre aucun espace" in text(alone(Client(), cast, key, who=who))
    assert "n'ouvre aucun espace" in text(alone(Client(), cast, SoftwareKey()))
    closed = cast.users["bob"]
    closed.is_active = False
    closed.save()
    assert "n'ouvre aucun espace" in text(alone(Client(), cast, key))


FORGED = ["", " ", "{}", "[]", "null", "1", '"x"', '{"id":1}', "\x00", "x" * 20_000, "<b>", '{"id":"a","rawId":"a"}']


@pytest.mark.parametrize("answer", FORGED)
def test_what_is_no_answer_is_said_so(cast: Cast, key: SoftwareKey, browse: Any, answer: str) -> None:
    bob, stranger, between = browse("bob"), Client(), at_the_step()
    for browser, place in ((bob, ADD), (stranger, ALONE), (between, STEP)):
        browser.get(place)
        page = browser.post(place, {"nom": "Une clé", "cle_acces": answer})
        assert page.status_code == 200
        assert soup(page).select_one(".summary") is not None
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_it_is_named_and_removed(cast: Cast, key: SoftwareKey, browse: Any) -> None:
    bob = browse("bob")
    home = "/mon-compte/double-authentification/"
    assert "Mon téléphone" in text(bob.get(home))
    row = Authenticator.objects.get(type="webauthn")
    assert bob.post(f"{home}{row.pk}/retirer/").status_code == 302
    assert "n'ouvre aucun espace" in text(alone(Client(), cast, key))


def test_guesses_from_one_address_are_counted(cast: Cast, key: SoftwareKey, settings: Any) -> None:
    settings.SIGN_IN_BUDGETS = {**settings.SIGN_IN_BUDGETS, "sign_in_address": [(3, 300)]}
    for _ in range(3):
        Client().post(ALONE, {"cle_acces": "{}"})
    assert "Trop d'essais" in text(alone(Client(), cast, key))
