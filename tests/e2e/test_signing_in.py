"""Signing in safely, by a person of their own: an application, recovery codes, passkeys, a lost password, sessions."""

import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portefeuille.people import totp
from tests.e2e import browsing, later
from tests.e2e.demonstration import Demonstration, Person
from tests.e2e.test_looks import _look

HOME = "/mon-compte/double-authentification/"


@pytest.fixture
def solange(demo: Demonstration) -> Person:
    """The administrator of a firm that nothing else uses, admitted by the command."""
    number = len(demo.people)
    person = Person("Solange Seule", f"solange{number}@cabinet-seul.example", "quatre-mots-de-passe-18")
    command = [sys.executable, "-m", "portefeuille.cli", "firm", "create", f"--name=Cabinet Seul {number}"]
    command += ["--password-stdin", f"--admin-email={person.identifier}", f"--admin-name={person.name}"]
    command += [f"--data={demo.folder}"]
    subprocess.run(command, input=person.password, text=True, check=True, capture_output=True)
    demo.people[f"solange{number}"] = person
    return person


def enter(page: Page, person: Person, password: str = "") -> None:
    page.goto("/connexion/")
    browsing.sign_in(page, person.identifier, password or person.password)


def in_space(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Tableau de bord tiers déclarant")


def code(secret: str, off: int = 0) -> str:
    return totp.code_at(secret, totp.step_now() + off)


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without"])
def test_an_application_and_its_recovery_codes(visit: Any, solange: Person, scripted: bool) -> None:
    page = visit(java_script_enabled=scripted)
    enter(page, solange)
    page.get_by_role("link", name="Ajouter un moyen").click()
    page.get_by_role("button", name="Ajouter une application").click()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("Saisissez le code").fill(code(secret, -4))
    page.get_by_role("button", name="Activer").click()
    expect(page.get_by_role("main")).to_contain_text("l'heure de votre appareil n'est pas juste")
    if scripted:
        _look(page)
    page.get_by_label("Saisissez le code").fill(code(secret, -1))
    page.get_by_role("button", name="Activer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    if scripted:
        _look(page)
    page.get_by_role("button", name="J'ai gardé mes codes").click()
    in_space(page)
    page.get_by_role("button", name="Se déconnecter").click()
    enter(page, solange)
    expect(page.get_by_role("heading", level=1)).to_have_text("Double authentification")
    if scripted:
        _look(page)
    page.get_by_label("Code à 6 chiffres").fill(code(secret, 1))
    page.get_by_role("button", name="Continuer").click()
    in_space(page)
    page.get_by_role("button", name="Se déconnecter").click()
    enter(page, solange)
    page.get_by_role("link", name="Utiliser un code de secours").click()
    page.get_by_label("Code de secours").fill(codes[0].lower())
    page.get_by_role("button", name="Continuer").click()
    in_space(page)


def authenticator(page: Page) -> tuple[Any, str]:
    """Chromium's own, which checks its owner and is always at hand."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": kind})["authenticatorId"]


def test_a_passkey_as_second_factor_then_alone(visit: Any, solange: Person) -> None:
    page = visit()
    devtools, key = authenticator(page)
    enter(page, solange)
    in_space(page)
    page.goto(HOME)
    page.get_by_role("button", name="Ajouter une clé d'accès").click()
    _look(page)
    page.get_by_role("button", name="Ajouter la clé").click()
    page.get_by_role("button", name="J'ai gardé mes codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Double authentification")
    _look(page)
    page.get_by_role("button", name="Se déconnecter").click()
    enter(page, solange)
    page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    in_space(page)
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto("/connexion/")
    page.get_by_role("link", name="Se connecter avec une clé d'accès").click()
    _look(page)
    page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    in_space(page)
    page.get_by_role("button", name="Se déconnecter").click()
    # A key that has nothing for this site: the page says so, and offers to try again.
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": key})
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto("/connexion/cle/")
    page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    expect(page.get_by_role("alert")).to_contain_text("La clé n'a pas répondu")


def test_without_a_script_a_passkey_says_what_it_needs(visit: Any) -> None:
    page = visit(java_script_enabled=False)
    page.goto("/connexion/cle/")
    expect(page.get_by_role("main")).to_contain_text("demande JavaScript et un navigateur récent")


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without"])
def test_a_lost_password(visit: Any, solange: Person, scripted: bool) -> None:
    page = visit(java_script_enabled=scripted)
    page.goto("/connexion/")
    page.get_by_role("link", name="Mot de passe oublié ?").click()
    page.get_by_label("Identifiant").fill(solange.identifier)
    page.get_by_role("button", name="Envoyer le courriel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le courriel est parti")
    page.goto(visit.demo.mails.link("Votre mot de passe", solange.identifier))
    if scripted:
        _look(page)
    page.get_by_label("Nouveau mot de passe").fill("court")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("main")).to_contain_text("au moins 12 caractères")
    page.get_by_label("Nouveau mot de passe").fill("tuile-vague-orme-sentier-3")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("Votre mot de passe a changé")
    browsing.sign_in(page, solange.identifier, "tuile-vague-orme-sentier-3")
    in_space(page)


def test_a_browser_that_was_never_seen_is_told_to_its_owner(visit: Any, solange: Person) -> None:
    """Not the first one, nor one that comes back: the next."""
    here, there = visit(), visit()
    enter(here, solange)
    in_space(here)
    enter(there, solange)
    in_space(there)
    text = visit.demo.mails.read("Connexion depuis un nouvel appareil", solange.identifier)
    assert re.search(r"nouvel appareil\s:\sChrome sur \w+, le \d", text), text
    there.goto(re.findall(r"https?://\S+", text)[0])
    expect(there.get_by_role("heading", level=1)).to_have_text("Mot de passe oublié")


def test_sessions_are_seen_and_closed(visit: Any, solange: Person) -> None:
    here, there = visit(), visit()
    enter(here, solange)
    in_space(here)
    enter(there, solange)
    in_space(there)
    here.get_by_role("link", name="Mon compte : Solange Seule").click()
    _look(here)
    here.get_by_role("link", name="Voir mes sessions").click()
    expect(here.locator(".devices li")).to_have_count(2)
    _look(here)
    here.get_by_role("button", name="Fermer Chrome").click()
    expect(here.get_by_role("status")).to_contain_text("La session est fermée")
    there.reload()
    expect(there.get_by_role("heading", level=1)).to_have_text("Connexion")


@pytest.mark.parametrize("place", ["nom/", "identifiant/", "mot-de-passe/", "confirmer/"])
def test_the_pages_of_the_account_look_right(visit: Any, place: str) -> None:
    page = visit("samir")
    page.goto(f"/mon-compte/{place}")
    _look(page)


@pytest.mark.parametrize("by", ["password", "code", "passkey"])
def test_after_a_quarter_of_an_hour_the_question_comes(visit: Any, solange: Person, demo: Any, by: str) -> None:
    page = visit()
    secret = ""
    if by == "passkey":
        authenticator(page)
    enter(page, solange)
    in_space(page)
    page.goto(HOME)
    if by == "code":
        page.get_by_role("button", name="Ajouter une application").click()
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        page.get_by_label("Saisissez le code").fill(code(secret, -1))
        page.get_by_role("button", name="Activer").click()
    elif by == "passkey":
        page.get_by_role("button", name="Ajouter une clé d'accès").click()
        page.get_by_role("button", name="Ajouter la clé").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("Ajouter une clé d'accès")
    page.goto("/mon-compte/nom/")
    later.proved_long_ago(demo, solange)
    page.goto(HOME + ("cle/" if by == "password" else "codes/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirmer que c'est vous")
    _look(page)
    if by == "password":
        page.get_by_label("Mot de passe").fill(solange.password)
        page.get_by_role("button", name="Confirmer").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ajouter une clé d'accès")
        return
    if by == "code":
        page.get_by_label("Code à 6 chiffres").fill(code(secret))
        page.get_by_role("button", name="Confirmer avec ce code").click()
    else:
        page.get_by_role("button", name="Utiliser ma clé d'accès").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Confirmer que c'est vous")
    expect(page).to_have_url(HOME + "codes/")
