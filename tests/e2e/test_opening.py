"""From nothing to the first client's page: a firm asks, an agent admits it, its administrator begins to work."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portefeuille.people import totp
from tests.e2e import browsing, guide
from tests.e2e.demonstration import Demonstration, Person
from tests.e2e.test_looks import _look
from tests.e2e.test_team import OPENING, become

AGENT = Person("Agathe Guichet", "agathe.guichet@organisme.example", "tilleul-lanterne-verger-34")


def set_up_second_factor(page: Page) -> None:
    """From the page that a door leads to, to where one was going."""
    expect(guide.heading(page)).to_have_text("Double authentification")
    page.get_by_role("button", name="Ajouter une application").click()
    secret = "".join(page.locator("code.secret").inner_text().split())
    page.get_by_label("Saisissez le code à 6 chiffres").fill(totp.code_at(secret, totp.step_now()))
    page.get_by_role("button", name="Activer l'application").click()
    expect(guide.heading(page)).to_have_text("Vos codes de secours")
    page.get_by_role("button", name="J'ai gardé mes codes").click()


@pytest.fixture
def office(visit: Any, demo: Demonstration, signed_in: dict[str, Any]) -> Callable[..., Page]:
    """Opens the back office as an agent who acts; the first time, made by the command and given a second factor."""

    def at_work(**options: Any) -> Page:
        if "agathe" not in signed_in:
            command = [sys.executable, "-m", "portefeuille.cli", "agent", "create", "--may-act", "--password-stdin"]
            command += [f"--email={AGENT.identifier}", f"--name={AGENT.name}", f"--data={demo.folder}"]
            subprocess.run(command, input=AGENT.password, text=True, check=True, capture_output=True)
            first: Page = visit(**options)
            first.goto("/organisme/")
            browsing.sign_in(first, AGENT.identifier, AGENT.password)
            set_up_second_factor(first)
            expect(guide.heading(first)).to_have_text("À traiter")
            signed_in["agathe"] = first.context.storage_state()
        page: Page = visit("agathe", **options)
        return page

    return at_work


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_firm_asks_is_admitted_and_begins(visit: Any, demo: Demonstration, office: Any, scripts: bool) -> None:
    # Sirens of the register that no other test opens a firm with.
    siren = demo.cases[2 if scripts else 1][0].siren
    email = f"odette.{scripts}@cabinet-odette.example".lower()
    firm = visit(java_script_enabled=scripts)
    firm.get_by_role("link", name="Créer votre espace en ligne").click()
    firm.get_by_label("Siren de votre cabinet").fill(siren)
    firm.get_by_label("Adresse électronique professionnelle").fill(email)
    firm.get_by_role("button", name="Recevoir le courriel").click()
    firm.goto(demo.mails.link(OPENING, email))
    become(firm, "Odette Neuve")
    name = firm.locator(".facts dd").first.inner_text()
    firm.get_by_role("button", name="Demander l'ouverture").click()
    expect(firm.get_by_role("main")).to_contain_text("votre demande est à l'étude")

    agent = office(java_script_enabled=scripts)
    agent.get_by_role("link", name="à admettre").click()
    agent.get_by_role("link", name=name).first.click()
    agent.get_by_role("button", name="Admettre").click()
    question = agent.get_by_role("dialog") if scripts else agent.get_by_role("main")
    question.get_by_role("button", name="Admettre").click()
    expect(agent.get_by_role("status")).to_contain_text("est admis")

    # The person was signed in all along: the firm is there at the next page, and its door asks for more.
    firm.goto(demo.mails.link("Votre espace en ligne est ouvert", email))
    set_up_second_factor(firm)
    expect(guide.heading(firm)).to_have_text("Tableau de bord tiers déclarant")
    expect(firm.get_by_role("banner")).to_contain_text(name)
    if scripts:
        _look(firm)
        firm.set_viewport_size({"width": 1280, "height": 800})
    firm.get_by_role("button", name="+ Ajouter un compte").first.click()
    expect(guide.heading(firm)).to_have_text("Ajouter un compte")
