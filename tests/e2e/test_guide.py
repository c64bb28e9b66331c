"""The guide of the seed, followed word for word: the three cases and the removal, with and without JavaScript."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portefeuille.registry.models import Regime
from tests.e2e import guide
from tests.e2e.demonstration import Demonstration, Shown
from tests.e2e.provable import Provable

REMOVALS = {
    Regime.GENERAL: "Siren",
    Regime.CRAFT_TRADE: "Siret",
    Regime.LIBERAL: "compte",
    Regime.REGULATED_LIBERAL: "Siren",
    Regime.MAJORITY_MANAGER: "compte",
}


def _add(page: Page, client: Shown) -> None:
    guide.designate(page, client)
    guide.tick(page)
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").click()
    guide.expect_window(page, client).get_by_role("button", name="OK").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    guide.expect_on_top(page, client)


def _remove(page: Page, client: Shown, by: str) -> None:
    guide.find_mine(page, client, by=by)
    guide.open_pencil(page, client)
    for column in guide.COLUMNS:
        expect(page.get_by_role("group", name=column)).to_be_visible()
    expect(page.get_by_label("Situation des comptes")).to_be_checked()
    expect(page.get_by_label("Avis de mise à disposition d'attestations")).to_be_checked()
    page.get_by_role("button", name="Résilier").click()
    guide.expect_question(page, client)
    page.get_by_role("button", name="OK").click()
    guide.expect_gone(page, client)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("case", [1, 2, 3])
def test_the_clients_that_the_demonstration_prints_can_be_added_and_removed(
    visit: Any, demo: Demonstration, case: int, place: int
) -> None:
    client = demo.cases[case][place]
    page = visit()
    guide.sign_in(page, demo.people["samir"])
    _add(page, client)
    _remove(page, client, "Siren" if client.siren else "compte")


@pytest.mark.parametrize("regime", list(Regime))
def test_the_guide_without_javascript(visit: Any, demo: Demonstration, provable: Provable, regime: Regime) -> None:
    client = provable.one(regime)
    page = visit(java_script_enabled=False)
    guide.sign_in(page, demo.people["antoine"])
    _add(page, client)
    _remove(page, client, REMOVALS[regime])


@pytest.mark.parametrize("javascript", [True, False])
def test_the_cross_asks_the_same_question(visit: Any, provable: Provable, javascript: bool) -> None:
    client = provable.one(Regime.GENERAL)
    page = visit("antoine", java_script_enabled=javascript)
    _add(page, client)
    guide.find_mine(page, client, by="Siren")
    page.get_by_role("button", name=f"Résilier {client.name}").click()
    guide.expect_question(page, client)
    page.get_by_role("button", name="Annuler").click()
    expect(page.get_by_text("Veuillez confirmer")).to_have_count(0)
    page.goto("/mon-espace/")
    guide.find_mine(page, client, by="Siren")
    page.get_by_role("button", name=f"Résilier {client.name}").click()
    page.get_by_role("button", name="OK").click()
    guide.expect_gone(page, client)


def test_the_new_client_is_marked_and_takes_the_focus(visit: Any, provable: Provable) -> None:
    client = provable.one(Regime.LIBERAL)
    page = visit("antoine")
    guide.designate(page, client)
    guide.tick(page)
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").click()
    window = guide.expect_window(page, client)
    expect(window.get_by_role("button", name="OK")).to_be_focused()
    window.get_by_role("button", name="OK").click()
    row = guide.expect_on_top(page, client)
    expect(row).to_contain_text("Ajouté à l'instant")
    expect(row.get_by_role("link", name=client.name, exact=True)).to_be_focused()
    page.reload()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(guide.rows(page).first).to_contain_text(client.name)
    expect(page.get_by_text("Ajouté à l'instant")).to_have_count(0)


def test_a_parent_box_ticks_its_children(visit: Any, provable: Provable) -> None:
    client = provable.one(Regime.GENERAL)
    page = visit("antoine")
    guide.designate(page, client)
    services = page.get_by_role("group", name=guide.COLUMNS[0])
    services.get_by_label("Déclaration d'embauche", exact=True).check()
    expect(services.get_by_label("DPAE", exact=True)).to_be_checked()
    expect(services.get_by_label("DPAE service Plus")).to_be_checked()
    services.get_by_label("Tout cocher").check()
    expect(services.get_by_role("checkbox", checked=False)).to_have_count(0)
    services.get_by_label("Tout cocher").uncheck()
    expect(services.get_by_role("checkbox", checked=True)).to_have_count(0)
