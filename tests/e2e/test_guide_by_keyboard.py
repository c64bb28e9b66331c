"""The guide by keyboard alone, looking at each step at where the focus is."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from portefeuille.registry.models import Regime
from tests.e2e import guide
from tests.e2e.demonstration import Demonstration
from tests.e2e.provable import Provable

#: More stops than this on the way to the next thing to do is no way.
MOST_TABS = 45


def tab_to(page: Page, place: Locator) -> None:
    """Press Tab until ``place`` has the focus, which must then be seen."""
    expect(place).to_have_count(1)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if place.evaluate("(node) => node === document.activeElement"):
            outline = place.evaluate("(node) => getComputedStyle(node).outlineStyle")
            assert outline != "none", "nobody sees where the focus is"
            return
    raise AssertionError(f"{MOST_TABS} tabs do not reach {place}")


@pytest.mark.parametrize(
    "regime", [Regime.GENERAL, Regime.CRAFT_TRADE, Regime.REGULATED_LIBERAL, Regime.MAJORITY_MANAGER]
)
def test_the_guide_by_keyboard(visit: Any, demo: Demonstration, provable: Provable, regime: Regime) -> None:
    client, person = provable.one(regime), demo.people["antoine"]
    page = visit()
    keys = page.keyboard

    tab_to(page, page.get_by_role("button", name="Se connecter"))
    keys.press("Enter")
    expect(page.get_by_label("Identifiant")).to_be_focused()
    keys.type(person.identifier)
    keys.press("Tab")
    keys.type(person.password)
    keys.press("Enter")

    expect(guide.heading(page)).to_have_text("Tableau de bord tiers déclarant")
    tab_to(page, page.get_by_role("button", name="+ Ajouter un compte"))
    keys.press("Space")
    expect(page.get_by_label("Siren ou numéro de compte")).to_be_focused()
    keys.type(client.siren or client.number)
    keys.press("Enter")

    expect(guide.heading(page)).to_have_text("Gérer les établissements")
    for column in guide.COLUMNS:
        tab_to(page, page.get_by_role("group", name=column).get_by_label("Tout cocher"))
        keys.press("Space")
        expect(page.get_by_role("group", name=column).get_by_role("checkbox", checked=False)).to_have_count(0)
    fact = guide.fact_field(page, client)
    tab_to(page, fact)
    keys.press("Enter")
    # The summary of what is wrong has the focus, and leads to the field.
    summary = page.get_by_role("group", name=re.compile("points? à corriger"))
    expect(summary).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(guide.fact_field(page, client)).to_be_focused()
    expect(page.get_by_label("Situation des comptes")).to_be_checked()
    keys.type(client.fact)
    if client.siren:
        keys.press("Tab")
        expect(page.get_by_label("Numéro de compte")).to_be_focused()
        keys.type(client.number)
    tab_to(page, page.get_by_role("button", name="Enregistrer"))
    keys.press("Enter")

    ok = guide.expect_window(page, client).get_by_role("button", name="OK")
    expect(ok).to_be_focused()
    keys.press("Space")
    expect(page.get_by_role("dialog")).to_have_count(0)
    row = guide.expect_on_top(page, client)
    expect(row.get_by_role("link", name=client.name, exact=True)).to_be_focused()

    keys.press("Tab")
    expect(row.get_by_role("link", name=f"Modifier {client.name}")).to_be_focused()
    keys.press("Enter")
    expect(guide.heading(page)).to_have_text(f"Modifier {client.name}")
    end = page.get_by_role("button", name="Résilier")
    tab_to(page, end)
    keys.press("Enter")
    question = page.get_by_role("dialog")
    expect(question.get_by_role("button", name="OK")).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(end).to_be_focused()
    keys.press("Enter")
    guide.expect_question(page, client)
    expect(question.get_by_role("button", name="OK")).to_be_focused()
    keys.press("Enter")

    expect(page.get_by_role("status").first).to_contain_text("résiliée")
    keys.press("/")
    expect(page.get_by_role("searchbox", name="Trouver un client")).to_be_focused()
    keys.type(client.siren or client.number)
    expect(page.get_by_role("heading", name="Aucun client ne correspond")).to_be_visible()


def test_the_list_by_keyboard(visit: Any) -> None:
    page = visit("claire")
    page.goto(page.url + "clients/")
    keys = page.keyboard
    links = page.locator("tbody [data-open]")
    keys.press("j")
    expect(links.nth(0)).to_be_focused()
    keys.press("j")
    keys.press("ArrowDown")
    expect(links.nth(2)).to_be_focused()
    keys.press("k")
    keys.press("ArrowUp")
    keys.press("k")
    expect(links.nth(0)).to_be_focused()
    keys.press("x")
    keys.press("j")
    keys.press("x")
    expect(guide.rows(page).nth(1).get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_text("2 clients choisis")).to_be_visible()
    keys.press("x")
    expect(page.get_by_text("1 client choisi")).to_be_visible()
    name = links.nth(1).inner_text()
    keys.press("Enter")
    expect(guide.heading(page)).to_contain_text(name)


def test_the_first_stop_leads_past_the_frame(visit: Any) -> None:
    page = visit("claire")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_letters_typed_in_a_field_are_letters(visit: Any) -> None:
    page = visit("claire")
    page.goto(page.url + "clients/")
    page.keyboard.press("/")
    page.keyboard.type("j/kx")
    expect(page.get_by_role("searchbox", name="Trouver un client")).to_have_value("j/kx")
