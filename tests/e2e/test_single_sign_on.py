"""Signing in by a certified provider, in a browser: to its pages and back, and out of it again."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portefeuille.demo.people import PEOPLE
from tests.e2e import browsing, demonstration, later
from tests.e2e.demonstration import Demonstration
from tests.e2e.test_looks import _look
from tests.single_sign_on import certified_provider

ACCOUNTS: dict[str, Any] = {
    **{person.email.partition(".")[0]: {"email": person.email, "email_verified": True} for person in PEOPLE},
    "unknown": {"email": "personne@nulle-part.example", "email_verified": True},
    "doubtful": {"email": PEOPLE[0].email, "email_verified": False},
}
Open = Callable[..., Page]


@dataclass(frozen=True)
class Site:
    demo: Demonstration
    issuer: str


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A demonstration of its own: in the others nobody is offered a provider."""
    port = demonstration.free_port()
    with (
        certified_provider.running(f"http://localhost:{port}", ACCOUNTS) as providers,
        demonstration.running(port=port, SSO_PROVIDERS=providers) as demo,
    ):
        yield Site(demo, json.loads(providers)[0]["issuer"])


@pytest.fixture
def arrive(browser: Browser, site: Site) -> Iterator[Open]:
    """Opens a path of the site in a browser of its own."""
    opened = []

    def open_it(path: str, **options: Any) -> Page:
        context, watch = browsing.open_context(browser, site.demo.address, **options)
        watch.elsewhere.add(site.issuer)
        opened.append((context, watch))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_it
    troubles = []
    for context, watch in opened:
        context.close()
        troubles += watch.troubles
    assert troubles == []


def title(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def be(page: Page, name: str, act: str = "Entrer") -> None:
    """At the provider's."""
    expect(title(page)).to_have_text("Qui êtes-vous ?")
    page.get_by_label("Nom").fill(name)
    page.get_by_role("button", name=act).click()


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("provider", ["Tilleul", "ProConnect"])
def test_to_the_provider_and_back_where_one_was_going(arrive: Open, provider: str, scripted: bool) -> None:
    page = arrive("/mon-espace/?choisir=1", java_script_enabled=scripted)
    page.get_by_role("button", name=f"Se connecter avec {provider}").click()
    be(page, "samir")
    expect(page).to_have_url("/mon-espace/?choisir=1")


def test_the_first_time_one_is_told_and_can_end_it(arrive: Open, site: Site) -> None:
    page = arrive("/connexion/")
    page.get_by_role("button", name="Se connecter avec Tilleul").click()
    be(page, "julie")
    expect(title(page)).to_have_text("Tableau de bord tiers déclarant")
    subject = "Une identité extérieure ouvre désormais votre espace"
    text = site.demo.mails.read(subject, site.demo.people["julie"].identifier)
    assert "Votre identité Tilleul ouvre désormais votre espace" in " ".join(text.split())
    page.goto(re.search(r"https?://\S+", text)[0])  # type: ignore[index]
    expect(title(page)).to_have_text("Identités associées")
    _look(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Dissocier Tilleul").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Dissocier").click()
    expect(page.get_by_role("status")).to_contain_text("n'ouvre plus votre espace")
    _look(page)


def test_signing_out_is_out_of_the_provider_too(arrive: Open) -> None:
    page = arrive("/connexion/")
    page.get_by_role("button", name="Se connecter avec ProConnect").click()
    be(page, "antoine")
    expect(title(page)).to_have_text("Tableau de bord tiers déclarant")
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Sortir").click()
    expect(page).to_have_url("/?state=" + page.url.partition("?state=")[2])
    page.goto("/connexion/")
    page.get_by_role("button", name="Se connecter avec ProConnect").click()
    expect(title(page)).to_have_text("Qui êtes-vous ?")


@pytest.mark.parametrize(
    ("name", "said"), [("unknown", "Aucun espace à votre nom"), ("doubtful", "Adresse non vérifiée")]
)
def test_whoever_is_not_recognised_reads_what_to_do(arrive: Open, name: str, said: str) -> None:
    page = arrive("/mon-espace/")
    page.get_by_role("button", name="Se connecter avec Tilleul").click()
    be(page, name)
    expect(title(page)).to_have_text(said)
    _look(page)
    page.get_by_role("main").get_by_role("link").or_(page.get_by_role("main").get_by_role("button")).last.click()
    expect(page).to_have_url("/connexion/?next=%2Fmon-espace%2F")


def test_whoever_says_no_is_back_at_the_door(arrive: Open) -> None:
    page = arrive("/mon-espace/")
    page.get_by_role("button", name="Se connecter avec Tilleul").click()
    be(page, "", "Renoncer")
    expect(title(page)).to_have_text("Connexion")
    _look(page)


def test_what_was_typed_in_a_session_that_ended_is_there_again(arrive: Open) -> None:
    page = arrive("/connexion/")
    page.get_by_role("button", name="Se connecter avec Tilleul").click()
    be(page, "claire")
    expect(title(page)).to_have_text("Tableau de bord tiers déclarant")
    page.goto(page.url + "ajouter/")
    page.get_by_label("Siren ou numéro de compte").fill("123 45")
    page.context.clear_cookies(name="session", domain="localhost")
    page.get_by_role("button", name="Inscrire").click()
    page.get_by_role("button", name="Se connecter avec Tilleul").click()
    expect(page.get_by_label("Siren ou numéro de compte")).to_have_value("123 45")


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without"])
def test_who_has_no_password_is_confirmed_by_the_provider(arrive: Open, site: Site, scripted: bool) -> None:
    """A quarter of an hour later, before a dangerous act."""
    ines, goal = site.demo.people["inès"], "/mon-compte/double-authentification/cle/"
    later.has_no_password(site.demo, ines)
    page = arrive("/connexion/", java_script_enabled=scripted)
    page.get_by_role("button", name="Se connecter avec Tilleul").click()
    be(page, "ines")
    expect(title(page)).to_have_text("Tableau de bord tiers déclarant")
    later.proved_long_ago(site.demo, ines)
    page.goto(goal)
    expect(title(page)).to_have_text("Confirmer que c'est vous")
    expect(page.get_by_label("Mot de passe")).to_have_count(0)
    if scripted:
        _look(page)
    page.get_by_role("button", name="Confirmer avec Tilleul").click()
    be(page, "ines")
    expect(title(page)).to_have_text("Ajouter une clé d'accès")
    expect(page).to_have_url(goal)


@pytest.mark.parametrize("path", ["", "echec/?next=/mon-espace/"])
def test_the_other_pages_look_right(arrive: Open, path: str) -> None:
    _look(arrive(f"/connexion/proconnect/{path}"))


def test_the_page_that_leaves_looks_right(arrive: Open) -> None:
    """Held on its way: the provider does not answer."""
    page = arrive("/connexion/")
    page.route("**/auth?*", lambda route: route.fulfill(status=204))
    page.get_by_role("button", name="Se connecter avec ProConnect").click()
    expect(title(page)).to_have_text("Vers ProConnect")
    expect(page).to_have_title("Vers ProConnect · Portefeuille")
    _look(page)
