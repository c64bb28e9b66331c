"""A firm opens its space, and a team works in it: real mails, with scripts and without, and axe on what is met."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import guide
from tests.e2e.test_looks import _look

PASSWORD = "quatre-mots-pour-un-essai-41"
Visit = Callable[..., Page]

OPENING = "Créer votre espace en ligne"
INVITED = "Un cabinet vous invite dans son espace en ligne"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


def become(page: Page, name: str) -> None:
    """The form of a new person, filled."""
    page.get_by_label("Prénom et nom").fill(name)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("J'accepte les conditions d'utilisation").check()


@SCRIPTS
def test_a_firm_nobody_knows_opens_its_space(visit: Visit, demo: Any, scripts: bool) -> None:
    email = f"nora.{scripts}@cabinet-nora.example".lower()
    page = visit(java_script_enabled=scripts)
    page.get_by_role("link", name="Créer votre espace en ligne").click()
    siren = demo.cases[1 if scripts else 2][1].siren
    page.get_by_label("Siren de votre cabinet").fill(siren)
    page.get_by_label("Adresse électronique professionnelle").fill(email)
    page.get_by_role("button", name="Recevoir le courriel").click()
    expect(guide.heading(page)).to_have_text("Un courriel vous attend")
    page.goto(demo.mails.link(OPENING, email))
    expect(guide.heading(page)).to_have_text("Créer l'espace de votre cabinet")
    if scripts:
        _look(page)
    page.get_by_role("button", name="Demander l'ouverture").click()
    expect(page.get_by_role("heading", name="3 points à corriger")).to_be_visible()
    become(page, "Nora Neuve")
    page.get_by_role("button", name="Demander l'ouverture").click()
    expect(page.get_by_role("main")).to_contain_text("votre demande est à l'étude")
    if scripts:
        _look(page)
    # Who is known gets the same answer, and another message.
    page.goto("/creer-votre-espace/")
    page.get_by_label("Siren de votre cabinet").fill(siren)
    page.get_by_label("Adresse électronique professionnelle").fill(email)
    page.get_by_role("button", name="Recevoir le courriel").click()
    expect(guide.heading(page)).to_have_text("Un courriel vous attend")


def invite(page: Page, space: str, email: str) -> None:
    page.goto(f"{space}equipe/inviter/")
    page.get_by_label("Adresse électronique professionnelle").fill(email)
    page.get_by_label("Employeurs").select_option("Consulter")
    page.get_by_role("button", name="Envoyer l'invitation").click()
    expect(page.get_by_role("status")).to_contain_text(f"L'invitation est envoyée à {email}.")


@SCRIPTS
def test_a_team_from_the_invitation_to_the_departure(visit: Visit, demo: Any, scripts: bool) -> None:
    name = "Tom Avec" if scripts else "Tom Sans"
    email = f"tom.{scripts}@cabinet-delorme.example".lower()
    claire = visit("claire", java_script_enabled=scripts)
    space = claire.url
    claire.get_by_role("link", name="Équipe").click()
    invite(claire, space, email)
    # Sent again: the link before opens nothing any more.
    first = demo.mails.link(INVITED, email)
    claire.goto(f"{space}equipe/")
    claire.get_by_role("row").filter(has_text=email).get_by_role("link", name="Renvoyer").click()
    if scripts:
        expect(claire.get_by_role("dialog")).to_be_visible()
    claire.get_by_role("button", name="Renvoyer").click()
    expect(claire.get_by_role("status")).to_contain_text("est renvoyée")
    second = demo.mails.link(INVITED, email)

    tom = visit(java_script_enabled=scripts, expected={404})
    tom.goto(first)
    expect(guide.heading(tom)).to_have_text("Cette invitation n'est plus valable")
    tom.goto(second)
    become(tom, name)
    tom.get_by_role("button", name="Rejoindre ce cabinet").click()
    expect(tom.get_by_role("status")).to_contain_text("Bienvenue chez Cabinet Delorme & Associés.")
    tom.goto(f"{space}clients/")
    expect(tom.get_by_role("link", name=re.compile("^Voir ")).first).to_be_visible()
    expect(tom.get_by_role("button", name=re.compile("^Résilier "))).to_have_count(0)

    # His rights: copied from Samir, then narrowed; they take effect at his next page.
    claire.goto(f"{space}equipe/")
    claire.get_by_role("main").get_by_role("link", name=name).click()
    expect(claire.get_by_role("main")).to_contain_text("peut consulter")
    claire.get_by_role("button", name="Modifier les droits").click()
    claire.get_by_label("Copier les droits de").select_option("Samir Haddad")
    claire.get_by_role("button", name="Copier").click()
    expect(claire.get_by_label("Indépendants")).to_have_value("manage")
    claire.get_by_role("button", name="Enregistrer").click()
    expect(claire.get_by_role("status")).to_contain_text("Les droits sont enregistrés")
    tom.goto(f"{space}clients/")
    expect(tom.get_by_role("button", name=re.compile("^Résilier ")).first).to_be_visible()
    claire.get_by_role("button", name="Modifier les droits").click()
    claire.get_by_role("link", name="Limiter à des services : Employeurs").click()
    for box in claire.get_by_role("group", name="Services en ligne").get_by_role("checkbox").all():
        box.uncheck()
    claire.get_by_label("Attestations").check()
    claire.get_by_role("button", name="Enregistrer").click()
    expect(claire.get_by_role("main")).to_contain_text("pour Attestations")

    # He leaves; Julie takes over.
    tom.goto(f"{space}equipe/")
    tom.get_by_role("main").get_by_role("link", name=name).click()
    tom.get_by_role("button", name="Quitter ce cabinet").click()
    tom.get_by_label("Qui reprend").select_option("Julie Marchand")
    tom.get_by_role("button", name="Quitter ce cabinet").click()
    expect(tom.get_by_role("main")).to_contain_text("Vous avez quitté Cabinet Delorme & Associés.")
    assert tom.goto(f"{space}clients/").status == 404  # type: ignore[union-attr]
    claire.goto(f"{space}equipe/")
    expect(claire.get_by_role("row").filter(has_text="Julie Marchand")).to_contain_text("Employeurs")
    expect(claire.get_by_role("main")).not_to_contain_text(name)

    # Other tests know Julie as somebody who only looks.
    claire.get_by_role("main").get_by_role("link", name="Julie Marchand").click()
    claire.get_by_role("button", name="Modifier les droits").click()
    claire.get_by_label("Employeurs").select_option("Aucun accès")
    claire.get_by_label("Indépendants").select_option("Consulter")
    claire.get_by_role("button", name="Enregistrer").click()
    expect(claire.get_by_role("status")).to_contain_text("Les droits sont enregistrés")


def test_a_portfolio_from_its_creation_to_its_end(visit: Visit) -> None:
    page = visit("claire")
    space = page.url
    page.goto(f"{space}portefeuilles/")
    page.get_by_label("Nom du portefeuille").fill("Agence du Nord")
    page.get_by_role("button", name="Créer").click()
    expect(guide.heading(page)).to_have_text("Agence du Nord")
    page.get_by_role("button", name="Donner ou retirer ce portefeuille").click()
    _look(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_label("Inès Caron").select_option("Gérer")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("main")).to_contain_text("Inès Caron peut gérer.")
    page.get_by_role("button", name="Supprimer ce portefeuille").click()
    page.get_by_role("button", name="Supprimer ce portefeuille").click()
    expect(page.get_by_role("status")).to_contain_text("Le portefeuille « Agence du Nord » est supprimé.")


def test_the_last_administrator_is_told_that_they_stay(visit: Visit) -> None:
    page = visit("antoine")
    page.get_by_role("link", name="Équipe").click()
    page.get_by_role("main").get_by_role("link", name="Antoine Brun").click()
    page.get_by_role("button", name="Quitter ce cabinet").click()
    expect(page.get_by_role("main")).to_contain_text("Ce cabinet n'a qu'un administrateur.")
    _look(page)


PAGES = {
    "team": "equipe/",
    "invite": "equipe/inviter/",
    "portfolios": "portefeuilles/",
}
PUBLIC = {"terms": "/conditions/", "sent": "/creer-votre-espace/courriel/"}


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_in_the_pages_of_a_team(visit: Visit, page: str) -> None:
    shown = visit("claire")
    shown.goto(shown.url + PAGES[page])
    _look(shown)


@pytest.mark.parametrize("page", PUBLIC)
def test_axe_finds_nothing_in_the_pages_for_all(visit: Visit, page: str) -> None:
    shown = visit()
    shown.goto(PUBLIC[page])
    _look(shown)


def test_axe_finds_nothing_in_the_pages_of_a_member(visit: Visit) -> None:
    page = visit("claire")
    team = f"{page.url}equipe/"
    page.goto(team)
    page.get_by_role("link", name="Inès Caron").click()
    here = page.url
    for path in ("", "droits/", "role/", "depart/"):
        page.goto(here + path)
        _look(page)
    page.goto(f"{here}droits/")
    page.get_by_role("link", name="Changer : Employeurs").click()
    _look(page)


def test_an_invitation_for_another_person_says_so(visit: Visit, demo: Any) -> None:
    page = visit("samir")
    page.goto(demo.mails.link(INVITED, "lea.petit@cabinet-delorme.example"))
    expect(page.get_by_role("main")).to_contain_text("Vous êtes connecté avec un autre identifiant")
    _look(page)
