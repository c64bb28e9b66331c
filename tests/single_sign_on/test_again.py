"""Whoever has no password proves who they are by their provider again: that they did, lately, and are the same."""

import time
from typing import Any

import pytest
from django.test import Client

from portefeuille.people import sessions
from portefeuille.people.models import Session
from tests.cast import Cast
from tests.single_sign_on.lying_provider import CODE, LyingProvider
from tests.single_sign_on.visiting import Visit
from tests.web.reading import rows, text

CONFIRM = "/mon-compte/confirmer/"
ASK = "/mon-compte/confirmer/menteur/"
GOAL = "/mon-compte/nom/"


@pytest.fixture
def bob(cast: Cast, liar: LyingProvider) -> Client:
    """He came by the provider, has no password, and proved who he is long ago."""
    cast.users["bob"].set_unusable_password()
    cast.users["bob"].save()
    visit = Visit("menteur")
    visit.leave()
    liar.nonce = visit.query["nonce"]
    assert visit.come_back(code=CODE, state=visit.query["state"]).status_code == 302
    forget(visit.browser)
    return visit.browser


def forget(browser: Client) -> None:
    session = browser.session
    sessions.doubt(session)
    session.save()


def go(browser: Client, liar: LyingProvider, **answer: str) -> tuple[Visit, Any]:
    visit = Visit("menteur", browser=browser)
    left = browser.post(ASK, {"next": GOAL})
    visit.read(left)
    liar.nonce = visit.query["nonce"]
    return visit, visit.come_back(**{"code": CODE, "state": visit.query["state"], **answer})


def is_proved(browser: Client) -> bool:
    return sessions.recently_proved(browser.session)


def test_the_provider_is_asked_again_and_leads_back(bob: Client, liar: LyingProvider) -> None:
    page = text(bob.get(CONFIRM + "?next=" + GOAL))
    assert "Confirmer avec Menteur" in page
    assert "Mot de passe" not in page
    before, key = rows(), bob.session.session_key
    visit, came = go(bob, liar)
    assert visit.query["prompt"] == "login"
    assert came["Location"] == GOAL
    assert is_proved(bob)
    # It is no other sign-in: one session, under another key; no link, no event, no message.
    assert bob.session.session_key != key
    assert Session.objects.filter(user__email="bob@alder.example").count() == 1
    assert rows() == before


def test_a_sign_in_asks_for_nothing_more(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    visit.leave()
    assert "prompt" not in visit.query


def test_a_provider_that_remembers_proves_nothing(bob: Client, liar: LyingProvider) -> None:
    liar.change_id_claims = lambda claims: {**claims, "auth_time": int(time.time()) - 15 * 60}
    _, came = go(bob, liar)
    assert "ne vous a pas redemandé qui vous êtes" in text(bob.get(came["Location"]))
    assert not is_proved(bob)


def test_another_identity_proves_nothing_even_with_the_same_address(bob: Client, liar: LyingProvider) -> None:
    before = rows()
    liar.subject = "sujet-2"
    _, came = go(bob, liar)
    assert "n'est pas celle de votre espace" in text(bob.get(came["Location"]))
    assert not is_proved(bob)
    assert rows() == before


@pytest.mark.parametrize("answer", [{"error": "access_denied"}, {"error": "server_error"}, {"code": ""}])
def test_a_no_or_a_failure_asks_again(bob: Client, liar: LyingProvider, answer: dict[str, str]) -> None:
    _, came = go(bob, liar, **answer)
    assert came["Location"] == f"{CONFIRM}?next=%2Fmon-compte%2Fnom%2F"
    assert not is_proved(bob)


def test_a_provider_that_is_down_is_said_so(bob: Client, liar: LyingProvider) -> None:
    from portefeuille.people.single_sign_on import talking

    talking.forget()
    liar.instead["/.well-known/openid-configuration"] = (503, "text/plain", {}, b"")
    came = bob.post(ASK, {"next": GOAL})
    assert "n'a pas pu nous répondre" in text(bob.get(came["Location"]))


def test_whoever_took_the_browser_meanwhile_gets_nothing(bob: Client, liar: LyingProvider, cast: Cast) -> None:
    visit = Visit("menteur", browser=bob)
    visit.read(bob.post(ASK, {"next": GOAL}))
    liar.nonce = visit.query["nonce"]
    bob.force_login(cast.users["alice"], backend="allauth.account.auth_backends.AuthenticationBackend")
    came = visit.come_back(code=CODE, state=visit.query["state"])
    assert came["Location"] == "/mon-espace/"  # as for any attempt that is not this browser's
    assert not is_proved(bob)


def test_without_a_link_there_is_no_such_way(cast: Cast, liar: LyingProvider, browse: Any) -> None:
    assert browse("alice").post(ASK, {"next": GOAL}).status_code == 404
