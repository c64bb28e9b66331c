"""An agent's day in Chromium: the second factor first, then firms, people, letters; axe on each page of it."""

import io
import unicodedata
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from portefeuille.demo.people import APPLICANT
from portefeuille.people import totp
from tests.e2e import browsing
from tests.e2e.test_looks import _EVERY_RULE, _TOO_WIDE

AGENT = "odile"


@pytest.fixture
def office(visit: Any, signed_in: dict[str, Any]) -> Page:
    """The first page of the agent who acts, with the second factor that is compulsory; set up the first time."""
    if AGENT in signed_in:
        page: Page = visit(AGENT)
        return page
    page = visit()
    page.goto("/connexion/")
    person = visit.demo.people[AGENT]
    browsing.sign_in(page, person.identifier, person.password)
    page.get_by_role("button", name="Ajouter une application").click()
    secret = page.locator("code.secret").inner_text().replace("\u202f", "").replace(" ", "").replace("\u00a0", "")
    page.get_by_label("Saisissez le code à 6 chiffres").fill(totp.code_at(secret, totp.step_now()))
    page.get_by_role("button", name="Activer l'application").click()
    page.goto("/mon-espace/")
    expect(page.get_by_role("heading", level=1)).to_have_text("À traiter")
    signed_in[AGENT] = page.context.storage_state()
    return page


def look(page: Page) -> None:
    """Axe and the width, in the colours and widths that matter."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    found: list[str] = []
    for width, scheme in ((1280, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(Axe().axe_script)
        found += [f"{width} {scheme}: {said}" for said in page.evaluate(_EVERY_RULE)]
        if page.evaluate(_TOO_WIDE) > 0:
            found.append(f"{width}: scrolls sideways")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    assert found == [], page.url


def search(page: Page, words: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Chercher").click()
    page.get_by_label("Compte, cabinet ou personne").fill(words)
    page.get_by_role("main").get_by_role("button", name="Chercher").click()


def test_every_page_of_agents_is_accessible(office: Page) -> None:
    look(office)
    for section in ("Chercher", "Cabinets", "Lettres", "Courriels", "Catalogue", "Forfaits", "Agents"):
        office.get_by_role("navigation").get_by_role("link", name=section, exact=True).click()
        look(office)
    office.goto("/organisme/forfaits/ajouter/")
    office.get_by_role("button", name="Ajouter").click()
    look(office)
    office.goto("/organisme/catalogue/service/attestations/")
    look(office)


def test_a_firm_that_applied_is_admitted_suspended_and_reinstated(office: Page, visit: Any) -> None:
    office.get_by_role("link", name="à admettre").click()
    office.get_by_role("link", name="Fiduciaire Lenoir").click()
    look(office)
    office.get_by_role("button", name="Admettre").click()
    office.get_by_role("dialog").get_by_role("button", name="Admettre").click()
    expect(office.get_by_role("status")).to_contain_text("est admis")
    office.get_by_role("button", name="Suspendre").click()
    office.get_by_role("button", name="Suspendre").click()
    look(office)
    office.get_by_label("Motif").fill("Plainte d'un client")
    office.get_by_role("button", name="Suspendre").click()
    expect(office.get_by_role("status")).to_contain_text("est suspendu")
    expect(office.get_by_role("main")).to_contain_text("Motif : Plainte d'un client")
    office.get_by_role("button", name="Rétablir").click()
    office.get_by_role("dialog").get_by_role("button", name="Rétablir").click()
    expect(office.get_by_role("status")).to_contain_text("est rétabli")
    assert "/cabinets/" in visit.demo.mails.link("Votre espace en ligne est rétabli", APPLICANT.email)


def test_a_code_is_sent_and_its_letter_printed(office: Page, visit: Any) -> None:
    client = visit.demo.cases[1][0]
    search(office, client.number)
    look(office)
    office.get_by_role("link", name=client.name).first.click()
    look(office)
    office.get_by_role("button", name="Envoyer un code").click()
    look(office)
    office.get_by_label("Lettre").check()
    office.get_by_role("button", name="Envoyer le code").click()
    expect(office.get_by_role("status")).to_contain_text("parmi les lettres")
    office.get_by_role("navigation").get_by_role("link", name="Lettres").click()
    office.get_by_role("button", name="Imprimer les lettres").click()
    office.get_by_role("dialog").get_by_role("button", name="Imprimer").click()
    expect(office.get_by_role("status")).to_contain_text("le PDF est prêt")
    look(office)
    with office.expect_download() as download:
        office.get_by_role("link", name="Télécharger le PDF").first.click()
    with open(download.value.path(), "rb") as file:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(file.read())).pages]
    # Others may have asked for theirs today; to this client one letter goes. NFKC undoes the ligatures of print.
    plain = [" ".join(unicodedata.normalize("NFKC", page).split()) for page in pages]
    mine = [page for page in plain if "Votre code pour ouvrir votre espace" in page and client.name in page]
    assert len(mine) == 1


def test_somebody_is_found_and_helped(office: Page) -> None:
    search(office, "hélène")
    office.get_by_role("link", name="Hélène Lenoir").click()
    look(office)
    office.get_by_role("button", name="Fermer l'identifiant").click()
    look(office)
    office.get_by_label("Motif").fill("Départ annoncé par son cabinet")
    office.get_by_role("button", name="Fermer l'identifiant").click()
    expect(office.get_by_role("status")).to_contain_text("L'identifiant est fermé")
    office.get_by_role("button", name="Rouvrir l'identifiant").click()
    office.get_by_label("Motif").fill("Retour annoncé par son cabinet")
    office.get_by_role("button", name="Rouvrir l'identifiant").click()
    expect(office.get_by_role("status")).to_contain_text("L'identifiant est rouvert")


def test_without_a_script_too(office: Page, visit: Any) -> None:
    page = visit(AGENT, java_script_enabled=False)
    page.goto("/organisme/lettres/imprimer/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Imprimer les lettres")
    search(page, "lenoir")
    page.get_by_role("link", name="Fiduciaire Lenoir").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Fiduciaire Lenoir")
