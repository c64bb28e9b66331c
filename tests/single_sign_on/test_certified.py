"""With a certified provider (npm ``oidc-provider``): plain, and with a signed userinfo as ProConnect's."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from bs4 import BeautifulSoup, Tag
from django.urls import reverse

from portefeuille.people import sessions
from tests.cast import Cast
from tests.single_sign_on.visiting import Visit
from tests.web.reading import rows, soup

pytestmark = [pytest.mark.usefixtures("certified"), pytest.mark.parametrize("provider", ["tilleul", "proconnect"])]
SITE = "http://localhost:8000"


class Stranger:
    """A person at the provider's pages."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def come(self, address: str, name: str, act: str = "oui") -> dict[str, str]:
        """Through the provider's pages as ``name``; what the browser then brings to our address."""
        answer = self._session.get(address, allow_redirects=False)
        for _ in range(9):
            if answer.is_redirect:
                address = urljoin(address, answer.headers["Location"])
                if address.startswith(SITE):
                    return dict(parse_qsl(urlsplit(address).query))
                answer = self._session.get(address, allow_redirects=False)
            else:
                form = BeautifulSoup(answer.content, "html.parser").find("form")
                assert isinstance(form, Tag), answer.text
                address = urljoin(address, str(form["action"]))
                typed = {"nom": name, "acte": act, "logout": "yes"}
                hidden = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
                answer = self._session.post(address, {**typed, **hidden}, allow_redirects=False)
        raise AssertionError("the provider turns in circles")


def go(provider: str, name: str, act: str = "oui") -> tuple[Visit, Any, dict[str, str]]:
    visit = Visit(provider)
    visit.leave()
    brought = Stranger().come(visit.address, name, act)
    return visit, visit.come_back(**brought), brought


def test_a_first_sign_in_links_and_the_next_ones_only_sign_in(cast: Cast, provider: str) -> None:
    visit, came, brought = go(provider, "bob")
    assert came["Location"] == visit.goal
    assert visit.is_signed_in
    assert brought["iss"].startswith("http://localhost:")
    assert sessions.recently_proved(visit.browser.session)
    assert SocialAccount.objects.get().uid == "bob"
    links = rows()["audit_event"]
    assert go(provider, "bob")[0].is_signed_in
    assert rows()["audit_event"] == links


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("unknown", "sans-espace"),
        ("bob-twice", "sans-espace"),
        ("doubtful", "adresse-non-verifiee"),
        ("doubtful-unknown", "adresse-non-verifiee"),
    ],
)
def test_whoever_is_not_recognised_changes_nothing(cast: Cast, provider: str, name: str, outcome: str) -> None:
    go(provider, "bob")
    before = rows()
    visit, came, _ = go(provider, name)
    assert f"/connexion/{provider}/{outcome}/" in came["Location"]
    assert not visit.is_signed_in
    assert rows() == before


def test_whoever_says_no_is_back_at_the_door(cast: Cast, provider: str) -> None:
    visit, came, brought = go(provider, "bob", "non")
    assert brought["error"] == "access_denied"
    assert came["Location"].startswith("/connexion/?next=")
    assert not visit.is_signed_in


def test_a_code_works_once(cast: Cast, provider: str) -> None:
    """Whoever reads it in an address and has an attempt of their own gets nothing for it."""
    thief = Visit(provider)
    thief.leave()
    _, _, brought = go(provider, "bob")
    came = thief.come_back(**{**brought, "state": thief.query["state"]})
    assert "/echec/" in came["Location"]
    assert not thief.is_signed_in


def test_a_code_of_another_browser_works_nowhere_else(cast: Cast, provider: str) -> None:
    """The code is fresh, and of an attempt whose verifier and nonce the thief does not have."""
    thief, victim = Visit(provider), Visit(provider)
    thief.leave()
    victim.leave()
    brought = Stranger().come(victim.address, "bob")
    came = thief.come_back(**{**brought, "state": thief.query["state"]})
    assert "/echec/" in came["Location"]
    assert not thief.is_signed_in


def test_the_second_factor_is_asked_unless_the_provider_asked_for_one(
    cast: Cast, provider: str, settings: Any
) -> None:
    """Ida and Ada have one here. The provider says «mfa» of Ada, which the settings take for it, and not of Ida."""
    visit, came, _ = go(provider, "ada")
    assert came["Location"] == visit.goal
    assert visit.is_signed_in
    question = reverse("second_step")
    visit, came, _ = go(provider, "ida")
    assert urlsplit(came["Location"]).path == question
    assert not visit.is_signed_in
    settings.SSO_PROVIDERS = tuple(replace(one, second_factor=frozenset()) for one in settings.SSO_PROVIDERS)
    visit, came, _ = go(provider, "ada")
    assert urlsplit(came["Location"]).path == question
    assert not visit.is_signed_in


def test_signing_out_signs_out_of_the_provider_too(cast: Cast, provider: str) -> None:
    visit = Visit(provider)
    visit.leave()
    person = Stranger()
    visit.come_back(**person.come(visit.address, "bob"))
    link = soup(visit.browser.post("/deconnexion/")).select_one("main a.button")
    assert link is not None
    assert set(person.come(str(link["href"]), "")) == {"state"}
    # Else this would be Bob again, whatever the name.
    visit.leave()
    visit.come_back(**person.come(visit.address, "alice"))
    assert visit.browser.session["_auth_user_id"] == str(cast.users["alice"].pk)
