"""Wrong facts, slips, double clicks, the back button, a session that ends: said clearly, and nothing is lost."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portefeuille.registry.models import Regime
from tests.e2e import browsing, guide
from tests.e2e.demonstration import Demonstration, Shown
from tests.e2e.provable import Provable

WRONG = "12 345,67"


def _clients_of(page: Page, client: Shown) -> Any:
    page.get_by_role("searchbox", name="Trouver un client").fill(client.siren)
    page.get_by_role("button", name="Trouver").click()
    expect(page.get_by_role("list", name="Filtres choisis")).to_contain_text(client.siren)
    return guide.rows(page)


def test_three_wrong_proofs_then_no_more(visit: Any, provable: Provable, newcomer: str) -> None:
    client = provable.one(Regime.GENERAL)
    page = visit(newcomer)
    guide.designate(page, client)
    guide.tick(page)
    for left in ("Il vous reste 2 essais", "Il vous reste 1 essai", "Vous n'avez plus d'essai pour ce client"):
        guide.fact_field(page, client).fill(WRONG)
        page.get_by_label("Numéro de compte").fill(client.number)
        page.get_by_role("button", name="Enregistrer").click()
        refusal = page.get_by_role("group", name="Ces informations ne permettent pas d'ajouter ce compte")
        expect(refusal).to_contain_text(left)
        expect(refusal).to_be_focused()
        expect(guide.fact_field(page, client)).to_have_value(WRONG)
        expect(page.get_by_label("Situation des comptes")).to_be_checked()
    # The right facts come too late, and are not even told to be right.
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").click()
    expect(refusal).to_contain_text("Vous n'avez plus d'essai pour ce client")
    assert _clients_of(page, client).count() == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Saisissez le Siren de votre client"),
        ("1234 5678", "8"),
        ("123456789", "Siren"),
        ("<b>732829320</b>", ""),
        ("９８７６５４３２１", ""),
    ],
)
def test_what_cannot_be_read_is_explained_at_the_field(visit: Any, typed: str, said: str) -> None:
    page = visit("antoine")
    page.get_by_role("button", name="+ Ajouter un compte").click()
    field = page.get_by_label("Siren ou numéro de compte")
    field.fill(typed)
    page.get_by_role("button", name="Inscrire").click()
    summary = page.get_by_role("group", name="Un point à corriger")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text(said)
    expect(field).to_have_attribute("aria-invalid", "true")
    # Playwright makes plain blanks of the narrow ones.
    words = (re.escape(word) for word in summary.get_by_role("link").inner_text().split())
    expect(field).to_have_accessible_description(re.compile(r"\s".join(words)))
    expect(field).to_have_value(typed)
    summary.get_by_role("link").click()
    expect(field).to_be_focused()


def test_both_slips_are_shown_at_once(visit: Any, provable: Provable) -> None:
    client = provable.one(Regime.REGULATED_LIBERAL)
    page = visit("antoine")
    guide.designate(page, client)
    guide.tick(page)
    guide.fact_field(page, client).fill("1e3")
    page.get_by_label("Numéro de compte").fill("douze")
    page.get_by_role("button", name="Enregistrer").click()
    summary = page.get_by_role("group", name="2 points à corriger")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(2)
    expect(guide.fact_field(page, client)).to_have_value("1e3")
    expect(page.get_by_label("Numéro de compte")).to_have_value("douze")
    expect(page.get_by_label("Avis de mise à disposition d'attestations")).to_be_checked()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_double_click_adds_once(visit: Any, provable: Provable, javascript: bool) -> None:
    client = provable.one(Regime.GENERAL)
    page = visit("antoine", java_script_enabled=javascript)
    guide.designate(page, client)
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").dblclick()
    guide.expect_window(page, client).get_by_role("button", name="OK").click()
    guide.expect_on_top(page, client)
    assert _clients_of(page, client).count() == 1


def test_back_after_saving_does_not_add_again(visit: Any, provable: Provable) -> None:
    client = provable.one(Regime.CRAFT_TRADE)
    page = visit("antoine")
    guide.designate(page, client)
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").click()
    guide.expect_window(page, client)
    page.go_back()
    expect(page.get_by_text("déjà dans votre portefeuille")).to_be_visible()
    expect(page.get_by_role("button", name="Enregistrer")).to_have_count(0)
    page.get_by_role("link", name="Voir cette inscription").click()
    expect(guide.heading(page)).to_have_text(f"Modifier {client.name}")


@pytest.mark.parametrize("javascript", [True, False])
def test_what_was_typed_survives_the_end_of_the_session(
    visit: Any, demo: Demonstration, provable: Provable, javascript: bool
) -> None:
    client = provable.one(Regime.LIBERAL)
    page = visit("antoine", java_script_enabled=javascript)
    guide.designate(page, client)
    guide.tick(page)
    guide.prove(page, client)
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="Enregistrer").click()
    expect(guide.heading(page)).to_have_text("Connexion")
    browsing.sign_in(page, demo.people["antoine"].identifier, demo.people["antoine"].password)
    expect(page.get_by_text("Vous êtes de nouveau connecté")).to_be_visible()
    expect(guide.fact_field(page, client)).to_have_value(client.fact)
    expect(page.get_by_label("Numéro de compte")).to_have_value(client.number)
    expect(page.get_by_label("Situation des comptes")).to_be_checked()
    expect(page.get_by_label("Avis de mise à disposition d'attestations")).to_be_checked()
    page.get_by_role("button", name="Enregistrer").click()
    guide.expect_window(page, client)


def test_changed_boxes_survive_the_end_of_the_session(visit: Any, demo: Demonstration) -> None:
    page = visit("claire")
    page.goto(page.url + "clients/?tri=-nom")
    page.get_by_role("link", name="Modifier").first.click()
    box = page.get_by_label("Situation des comptes")
    wished = not box.is_checked()
    box.set_checked(wished)
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="Enregistrer").click()
    browsing.sign_in(page, demo.people["claire"].identifier, demo.people["claire"].password)
    expect(page.get_by_text("Vous êtes de nouveau connecté")).to_be_visible()
    expect(box).to_be_checked(checked=wished)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Les services sont enregistrés")).to_be_visible()


def test_a_search_after_the_end_of_the_session_leads_to_sign_in_and_back(visit: Any, demo: Demonstration) -> None:
    page = visit("claire")
    page.goto(page.url + "clients/?regime=regime-general")
    here = page.url
    page.context.clear_cookies(name="session")
    page.keyboard.press("/")
    page.keyboard.type("s")
    expect(guide.heading(page)).to_have_text("Connexion")
    browsing.sign_in(page, demo.people["claire"].identifier, demo.people["claire"].password)
    expect(page).to_have_url(here)


def test_wrong_password(visit: Any, demo: Demonstration) -> None:
    page = visit()
    page.goto("/connexion/")
    browsing.sign_in(page, demo.people["julie"].identifier, "autre-chose")
    expect(page.get_by_role("group", name="Un point à corriger")).to_be_focused()
    expect(page.get_by_label("Identifiant")).to_have_value(demo.people["julie"].identifier)
    expect(page.get_by_label("Mot de passe")).to_have_value("")


def test_the_other_tab_ended_it(visit: Any, provable: Provable) -> None:
    client = provable.one(Regime.GENERAL)
    page = visit("antoine", expected={404})
    guide.designate(page, client)
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").click()
    guide.expect_window(page, client).get_by_role("button", name="OK").click()
    guide.open_pencil(page, client)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Résilier").click()
    other.get_by_role("dialog").get_by_role("button", name="OK").click()
    expect(other.get_by_role("button", name="Annuler cette résiliation")).to_be_visible()
    page.get_by_role("button", name="Enregistrer").click()
    expect(guide.heading(page)).to_have_text("Page introuvable")
