"""A client reserved for one person, moved to another portfolio, and the journal that tells it, with its proof."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_looks import _look


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_administrator_reserves_a_client_then_opens_it_again(visit: Any, script: bool) -> None:
    page: Page = visit("claire", java_script_enabled=script)
    page.goto(page.url + "clients/?regime=regime-general&tri=-nom")
    link = page.locator("[data-open]").nth(2 if script else 3)
    name, address = link.inner_text(), link.get_attribute("href") or ""
    link.click()
    page.get_by_role("link", name="Qui voit ce client").click()
    if script:
        _look(page)
    page.get_by_label("par les personnes choisies seulement").check()
    page.get_by_label("Samir Haddad").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status").first).to_contain_text(f"{name} est réservé à 1 personne")
    samir = visit("samir")
    assert samir.goto(address).status == 200
    ines = visit("inès", expected={404})
    assert ines.goto(address).status == 404
    page.get_by_label("par tous ceux qui ont son portefeuille").check()
    page.get_by_role("button", name="Enregistrer").click()
    assert ines.goto(address).status == 200


@pytest.mark.parametrize("width", [1280, 320])
def test_clients_move_to_another_portfolio_and_back(visit: Any, width: int) -> None:
    page: Page = visit("claire", viewport={"width": width, "height": 800})
    page.goto(page.url + "clients/?regime=artisan-commercant")
    picks = page.locator("[data-pick]")
    picks.nth(0).check()
    picks.nth(1).check()
    for portfolio in ("Employeurs", "Indépendants"):
        page.get_by_role("button", name="Déplacer").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Déplacer 2 clients")
        _look(page)
        dialog.get_by_label("Nouveau portefeuille").select_option(label=portfolio)
        dialog.get_by_role("button", name="Déplacer").click()
        expect(page.get_by_role("status").first).to_contain_text(f"2 clients sont déplacés vers « {portfolio} »")
        page.goto(page.url.partition("?")[0] + "?regime=artisan-commercant")
        page.locator("[data-pick]").nth(0).check()
        page.locator("[data-pick]").nth(1).check()


@pytest.mark.parametrize("width", [1280, 320])
def test_the_journal_leaves_with_its_proof(visit: Any, tmp_path: Path, width: int) -> None:
    page: Page = visit("claire", viewport={"width": width, "height": 800})
    page.get_by_role("link", name="Tout le journal").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Journal")
    _look(page)
    page.get_by_label("Sujet").select_option(label="Équipe")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.locator(".feed")).to_contain_text("a ajouté à l'équipe Samir Haddad")
    page.get_by_role("link", name="Voir tout le journal").click()
    page.get_by_role("button", name="Exporter").click()
    _look(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger le journal et sa preuve").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", tmp_path / "verify_journal.py"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout[:8]) == (0, "INTACT :")
