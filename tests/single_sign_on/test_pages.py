"""The way to a provider and back, as a browser walks it: buttons, attempts, where one lands, signing out."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portefeuille.people import sessions
from portefeuille.people.models import Session
from portefeuille.people.single_sign_on.providers import Kind
from tests.cast import PASSWORD, Cast
from tests.single_sign_on.lying_provider import LyingProvider
from tests.single_sign_on.visiting import Visit
from tests.web.reading import form_of, rows, soup, text


def arrive(liar: LyingProvider, visit: Visit) -> Any:
    liar.nonce = visit.query["nonce"]
    return visit.come_back(code="c", state=visit.query["state"])


def test_buttons_are_there_for_the_providers_that_are_configured(
    cast: Cast, liar: LyingProvider, settings: Any
) -> None:
    assert "Se connecter avec Menteur" in text(Client().get("/connexion/"))
    settings.SSO_PROVIDERS = ()
    assert "Menteur" not in text(Client().get("/connexion/"))
    for address in ("", "retour/", "echec/", "sans-espace/", "adresse-non-verifiee/"):
        assert Client().get(f"/connexion/menteur/{address}").status_code == 404


def test_the_button_carries_where_one_was_going(cast: Cast, liar: LyingProvider) -> None:
    page = soup(Client().get("/connexion/?next=/mon-espace/%3Fchoisir%3D1%26a%3D%2522"))
    form = page.select_one('form[action^="/connexion/menteur/"]')
    assert form is not None
    assert parse_qs(urlsplit(str(form["action"])).query) == {"next": ["/mon-espace/?choisir=1&a=%22"]}


def test_the_page_that_leaves_asks_as_it_must(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    page = soup(visit.leave())
    refresh = page.select_one('meta[http-equiv="refresh"]')
    assert refresh is not None
    assert refresh["content"] == f"0; url={visit.address}"
    assert visit.address.startswith(f"{liar.issuer}/authorize?")
    assert len(visit.query["state"]) >= 32
    assert len(visit.query["nonce"]) >= 32
    assert visit.query["code_challenge_method"] == "S256"
    assert visit.query["redirect_uri"] == "http://localhost:8000/connexion/menteur/retour/"
    assert visit.query["scope"] == "openid email"
    assert "claims" not in visit.query
    first = visit.query
    visit.leave()
    for name in ("state", "nonce", "code_challenge"):
        assert visit.query[name] != first[name]


def test_the_verifier_goes_with_the_code(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    visit.leave()
    arrive(liar, visit)
    form, headers = next((form, headers) for path, form, headers in liar.asked if path == "/token")
    assert form["redirect_uri"] == ["http://localhost:8000/connexion/menteur/retour/"]
    assert len(form["code_verifier"][0]) >= 43
    assert headers["Authorization"].startswith("Basic ")
    assert "client_secret" not in form


def test_proconnect_is_asked_nothing_that_it_does_not_know(cast: Cast, liar: LyingProvider, settings: Any) -> None:
    """Any other parameter is an error to it (its documentation); PKCE when it publishes it."""
    settings.SSO_PROVIDERS = (
        liar.as_setting(kind=Kind.PROCONNECT, second_factor=frozenset({"mfa"}), client_authentication="post"),
    )
    liar.userinfo_is_signed = True
    visit = Visit("menteur")
    visit.leave()
    assert set(visit.query) == {"response_type", "client_id", "redirect_uri", "scope", "claims", "state", "nonce"}
    wanted = {"auth_time": {"essential": True}, "amr": {"essential": True}}
    assert json.loads(visit.query["claims"]) == {"id_token": wanted}
    arrive(liar, visit)
    assert visit.is_signed_in
    form, headers = next((form, headers) for path, form, headers in liar.asked if path == "/token")
    assert "client_secret" in form
    assert "code_verifier" not in form
    assert "Authorization" not in headers


def test_what_the_deployer_adds_is_asked(cast: Cast, liar: LyingProvider, settings: Any) -> None:
    settings.SSO_PROVIDERS = (liar.as_setting(acr_values="eidas2", idp_hint="71144ab3"),)
    visit = Visit("menteur")
    visit.leave()
    assert (visit.query["acr_values"], visit.query["idp_hint"]) == ("eidas2", "71144ab3")


@pytest.mark.parametrize(
    "goal", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_it_leads_only_to_pages_of_this_site(cast: Cast, liar: LyingProvider, goal: str) -> None:
    visit = Visit("menteur", goal=goal)
    visit.leave()
    assert arrive(liar, visit)["Location"] == "/mon-espace/"


def test_what_was_typed_before_the_session_ended_is_there_again(cast: Cast, liar: LyingProvider) -> None:
    address = f"/cabinets/{cast.firm_a.uid}/ajouter/"
    visit = Visit("menteur", goal=address)
    visit.browser.post(address, {"identifiant": "732 829 320 0"})
    visit.leave()
    liar.instead["/token"] = (503, "text/plain", {}, b"")
    failed = arrive(liar, visit)
    assert failed["Location"] == f"/connexion/menteur/echec/?next={address.replace('/', '%2F')}"
    page = visit.browser.get(failed["Location"])
    again = soup(page).select_one('main form[action^="/connexion/menteur/"]')
    assert again is not None
    assert parse_qs(urlsplit(str(again["action"])).query) == {"next": [address]}
    del liar.instead["/token"]
    visit.leave()
    assert arrive(liar, visit)["Location"] == address
    assert form_of(visit.browser.get(address), action=address)["identifiant"] == ["732 829 320 0"]


def test_an_attempt_ends_once_in_the_browser_that_began_it(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    visit.leave()
    liar.nonce = visit.query["nonce"]
    thief = Visit("menteur")
    thief.leave()
    before = rows()
    for query in (
        {"code": "c", "state": visit.query["state"]},
        {"code": "c", "state": "forged"},
        {"code": "c", "state": "\x00"},
        {"code": "c", "state": "s" * 10_000},
        {"code": "c"},
        {"error": "access_denied"},
        {},
    ):
        assert thief.come_back(**query)["Location"] == "/connexion/menteur/echec/"
    assert rows() == before
    assert not thief.is_signed_in
    assert arrive(liar, visit)["Location"] == visit.goal
    # the button «back» of the browser
    assert visit.come_back(code="c", state=visit.query["state"])["Location"] == "/mon-espace/"
    visit.browser.logout()
    assert visit.come_back(code="c", state=visit.query["state"])["Location"] == "/connexion/menteur/echec/"


def test_an_attempt_is_good_for_ten_minutes(cast: Cast, liar: LyingProvider) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        visit = Visit("menteur")
        visit.leave()
        clock.shift(601)
        assert arrive(liar, visit)["Location"] == "/connexion/menteur/echec/"


def test_an_attempt_by_one_provider_is_not_ended_by_another(cast: Cast, liar: LyingProvider, settings: Any) -> None:
    settings.SSO_PROVIDERS = (liar.as_setting(), liar.as_setting(id="autre", name="Autre"))
    visit = Visit("menteur")
    visit.leave()
    liar.nonce = visit.query["nonce"]
    visit.provider = "autre"
    assert visit.come_back(code="c", state=visit.query["state"])["Location"] == "/connexion/autre/echec/"


def test_two_tabs_both_arrive(cast: Cast, liar: LyingProvider) -> None:
    first = Visit("menteur")
    second = Visit("menteur", goal="/mon-espace/", browser=first.browser)
    first.leave()
    second.leave()
    assert arrive(liar, first)["Location"] == first.goal
    assert arrive(liar, second)["Location"] == second.goal
    assert first.is_signed_in


def test_whoever_says_no_at_the_provider_s_is_back_at_the_door(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    visit.leave()
    came = visit.come_back(error="access_denied", state=visit.query["state"])
    assert came["Location"] == "/connexion/?next=%2Fmon-espace%2F%3Fchoisir%3D1"


def test_whoever_is_signed_in_needs_no_provider(cast: Cast, liar: LyingProvider, browse: Any) -> None:
    browser = browse("alice")
    for answer in (browser.get("/connexion/menteur/"), browser.post("/connexion/menteur/")):
        assert (answer.status_code, answer["Location"]) == (302, "/mon-espace/")
    assert liar.asked == []


def test_somebody_else_s_session_ends_first(cast: Cast, liar: LyingProvider) -> None:
    """Alice signs in by her password in one tab while Bob's attempt waits in another."""
    visit = Visit("menteur")
    visit.leave()
    visit.browser.post("/connexion/", {"login": "alice@alder.example", "password": PASSWORD})
    session = visit.browser.session
    session["hers"] = "secret"
    session.save()
    arrive(liar, visit)
    assert visit.browser.session["_auth_user_id"] == str(cast.users["bob"].pk)
    assert "hers" not in visit.browser.session


def test_the_key_of_the_session_changes_and_its_clocks_start(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    visit.leave()
    before = visit.browser.session.session_key
    arrive(liar, visit)
    assert visit.browser.session.session_key != before
    assert {"signed_in_at", "seen_at", "proved_at"} <= set(visit.browser.session.keys())


@pytest.mark.parametrize("said", [-3600, -(15 * 60), None, "now"])
def test_whoever_the_provider_only_remembers_is_asked_before_dangerous_acts(
    cast: Cast, liar: LyingProvider, said: Any
) -> None:
    """Signed in, but without having proved anything lately: an unlocked machine would be enough."""
    auth_time = int(time.time()) + said if isinstance(said, int) else said
    liar.change_id_claims = lambda claims: {**claims, "auth_time": auth_time}
    visit = Visit("menteur")
    visit.leave()
    arrive(liar, visit)
    assert visit.is_signed_in
    assert not sessions.recently_proved(visit.browser.session)


def test_whoever_proved_it_to_the_provider_just_now_is_not_asked(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    visit.leave()
    arrive(liar, visit)
    assert sessions.recently_proved(visit.browser.session)


def test_signing_out_leads_out_of_the_provider_too(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    visit.leave()
    arrive(liar, visit)
    answer = visit.browser.post("/deconnexion/")
    assert not visit.is_signed_in
    link = soup(answer).select_one("main a.button")
    assert link is not None
    address = urlsplit(str(link["href"]))
    query = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{liar.issuer}/leave"
    assert query["post_logout_redirect_uri"] == ["http://localhost:8000/"]
    assert query["id_token_hint"][0].count(".") == 2
    assert len(query["state"][0]) >= 32


def test_signing_out_asks_a_provider_nothing(cast: Cast, liar: LyingProvider, settings: Any, browse: Any) -> None:
    """It works when the provider is down, when it is not configured any more, and for who came by a password."""
    visit = Visit("menteur")
    visit.leave()
    arrive(liar, visit)
    settings.SSO_PROVIDERS = ()
    assert visit.browser.post("/deconnexion/")["Location"] == "/"
    settings.SSO_PROVIDERS = (liar.as_setting(),)
    assert browse("alice").post("/deconnexion/")["Location"] == "/"


def test_a_provider_without_a_way_out_is_left_at_that(cast: Cast, liar: LyingProvider) -> None:
    liar.change_metadata = lambda said: {name: said[name] for name in said if name != "end_session_endpoint"}
    visit = Visit("menteur")
    visit.leave()
    arrive(liar, visit)
    assert visit.browser.post("/deconnexion/")["Location"] == "/"


def test_the_session_keeps_no_token_in_clear(cast: Cast, liar: LyingProvider) -> None:
    visit = Visit("menteur")
    visit.leave()
    arrive(liar, visit)
    kept = str([session.get_decoded() for session in Session.objects.order_by("pk")])
    assert "signed_on" in kept
    for secret in ("eyJ", "sujet-1", "bob@alder.example"):
        assert secret not in kept


# --- the identities that are linked --------------------------------------------------------------------------------


@pytest.fixture
def linked(cast: Cast, liar: LyingProvider) -> Visit:
    """Bob, who came by «Menteur»."""
    visit = Visit("menteur")
    visit.leave()
    arrive(liar, visit)
    return visit


def test_a_person_sees_their_links_and_ends_them(linked: Visit) -> None:
    page = linked.browser.get("/mon-compte/identites/")
    assert "Menteur Associée le " in text(page)
    end = soup(page).select_one("main a[data-dialog]")
    assert end is not None
    question = linked.browser.get(str(end["href"]))
    assert "Dissocier Menteur" in text(question)
    after = linked.browser.post(str(end["href"]), form_of(question), follow=True)
    assert "Votre identité Menteur n'ouvre plus votre espace." in text(after)
    assert "Aucune identité associée" in text(after)
    assert linked.browser.post(str(end["href"])).status_code == 404  # a second click


def test_ending_a_link_asks_who_it_is_once_more(linked: Visit) -> None:
    end = str(soup(linked.browser.get("/mon-compte/identites/")).select("main a[data-dialog]")[0]["href"])
    session = linked.browser.session
    session["proved_at"] = 0
    session.save()
    before = rows()
    for answer in (linked.browser.get(end), linked.browser.post(end)):
        assert answer["Location"].startswith("/mon-compte/confirmer/?next=")
    assert rows() == before


def test_the_last_way_in_says_what_to_do(cast: Cast, linked: Visit) -> None:
    cast.users["bob"].set_unusable_password()
    cast.users["bob"].save()
    session = linked.browser.session  # the key of a session depends on the password
    session["_auth_user_hash"] = cast.users["bob"].get_session_auth_hash()
    session.save()
    end = str(soup(linked.browser.get("/mon-compte/identites/")).select("main a[data-dialog]")[0]["href"])
    before = rows()
    assert "vous ne pourriez plus vous connecter" in text(linked.browser.post(end, follow=True))
    assert rows() == before


def test_a_link_with_a_provider_that_is_gone_is_shown_as_such(linked: Visit, settings: Any) -> None:
    settings.SSO_PROVIDERS = ()
    assert "menteur Plus utilisable" in text(linked.browser.get("/mon-compte/identites/"))


def test_the_page_of_links_asks_as_many_queries_whatever_their_number(cast: Cast, linked: Visit) -> None:
    linked.browser.get("/mon-compte/identites/")
    with CaptureQueriesContext(connection) as one:
        linked.browser.get("/mon-compte/identites/")
    for number in range(9):
        SocialAccount.objects.create(user=cast.users["bob"], provider=f"autre-{number}", uid="s")
    with CaptureQueriesContext(connection) as ten:
        assert len(soup(linked.browser.get("/mon-compte/identites/")).select("section.panel")) == 10
    assert len(ten) == len(one)
