"""What agents keep and correct, in Chromium: flat rates, each other's rights, tries given back; with a script and
without."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portefeuille.registry.models import Regime
from tests.e2e import browsing, guide
from tests.e2e.provable import Provable
from tests.e2e.test_back_office import look, search
from tests.e2e.test_opening import office, set_up_second_factor

__all__ = ["office"]

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


def section(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()


def question(page: Page, scripts: bool) -> Any:
    """Where it is asked: in a window, or on a page."""
    return page.get_by_role("dialog") if scripts else page.get_by_role("main")


@SCRIPTS
def test_a_flat_rate_is_added_and_removed(office: Any, scripts: bool) -> None:
    page = office(java_script_enabled=scripts)
    label, amount = ("Forfait d'essai", "412,37") if scripts else ("Forfait sans script", "412,38")
    section(page, "Forfaits")
    page.get_by_role("button", name="Ajouter un forfait").click()
    page.get_by_label("Montant").fill("beaucoup")
    page.get_by_label("Libellé").fill(label)
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("group", name="Un point à corriger")).to_be_visible()
    expect(page.get_by_label("Libellé")).to_have_value(label)
    if scripts:
        look(page)
    page.get_by_label("Montant").fill(amount)
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("status")).to_contain_text("Ce montant ne prouvera plus rien d'ici une minute.")
    expect(page.get_by_role("row").filter(has_text=label)).to_contain_text("412,3")
    if scripts:
        look(page)
    page.get_by_role("button", name=f"Retirer {label}").click()
    question(page, scripts).get_by_role("button", name="Retirer").click()
    expect(page.get_by_role("status")).to_contain_text(f"{label} est retiré.")
    expect(page.get_by_role("row").filter(has_text=label)).to_have_count(0)


@SCRIPTS
def test_an_agent_is_allowed_to_act_and_no_more(office: Any, visit: Any, signed_in: Any, scripts: bool) -> None:
    """Marc looks; he may act at his next page, and no more at the one after."""
    if "marc" not in signed_in:
        first = visit()
        first.goto("/organisme/")
        browsing.sign_in(first, visit.demo.people["marc"].identifier, visit.demo.people["marc"].password)
        set_up_second_factor(first)
        expect(guide.heading(first)).to_have_text("À traiter")
        signed_in["marc"] = first.context.storage_state()
    marc = visit("marc", java_script_enabled=scripts)
    acts = "Ajouter un forfait"

    def may_act(number: int) -> None:
        marc.goto("/organisme/forfaits/")
        expect(marc.get_by_role("button", name=acts)).to_have_count(number)

    may_act(0)
    page = office(java_script_enabled=scripts)
    for act, number in (("Laisser agir", 1), ("Laisser consulter", 0)):
        section(page, "Agents")
        page.get_by_role("row").filter(has_text="Marc Petit").get_by_role("link", name=act).click()
        if scripts:
            look(page)
        question(page, scripts).get_by_role("button", name=act).click()
        expect(page.get_by_role("status")).to_contain_text("C'est fait pour Marc Petit, dès sa prochaine page.")
        may_act(number)


@SCRIPTS
def test_tries_that_were_spent_are_given_back(office: Any, visit: Any, provable: Provable, scripts: bool) -> None:
    client = provable.one(Regime.GENERAL)
    firm = visit("antoine", java_script_enabled=scripts)
    guide.designate(firm, client)
    for left in ("2 essais", "1 essai", "plus d'essai"):
        guide.fact_field(firm, client).fill("17,31")
        firm.get_by_label("Numéro de compte").fill(client.number)
        firm.get_by_role("button", name="Enregistrer").click()
        expect(firm.get_by_role("main")).to_contain_text(left)
    page = office(java_script_enabled=scripts)
    search(page, client.number)
    page.get_by_role("link", name=client.name).first.click()
    page.get_by_role("heading", name="Essais ratés").wait_for()
    spent = page.get_by_role("link", name="Rendre les essais").count()
    assert spent
    for left in range(spent, 0, -1):
        expect(page.get_by_role("link", name="Rendre les essais")).to_have_count(left)
        page.get_by_role("link", name="Rendre les essais").first.click()
        if scripts and left == spent:
            look(page)
        page.get_by_label("Motif").fill("Le client a confirmé son erreur")
        page.get_by_role("button", name="Rendre les essais").click()
        expect(page.get_by_role("status")).to_contain_text("Les essais sont rendus")
    expect(page.get_by_role("heading", name="Essais ratés")).to_have_count(0)
    # The firm's own page, as it was left: the right facts pass now.
    guide.prove(firm, client)
    firm.get_by_role("button", name="Enregistrer").click()
    guide.expect_window(firm, client)
