"""Many clients at once in Chromium: export, change, bring back, models; axe, 320 px, and without JavaScript."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import guide
from tests.e2e.test_looks import _look


def _open(visit: Any, path: str, who: str = "claire") -> Page:
    page: Page = visit(who)
    page.goto(page.url + path)
    return page


def _drawn(visit: Any) -> Page:
    page = _open(visit, "clients/modifier/?tout=liste&etat=suspendu")
    page.get_by_role("button", name="Résilier ces clients").click()
    expect(guide.heading(page)).to_have_text(re.compile("^Résilier "))
    return page


def _model(visit: Any) -> Page:
    page = _open(visit, "modeles/nouveau/")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("group", name="Un point à corriger")).to_be_visible()
    return page


STATES: dict[str, Callable[[Any], Page]] = {
    "export": lambda visit: _open(visit, "clients/exporter/?etat=radie"),
    "models": lambda visit: _open(visit, "modeles/"),
    "new model, slips": _model,
    "change many": lambda visit: _open(visit, "clients/modifier/?tout=liste"),
    "drawn up": _drawn,
    "bring back": lambda visit: _open(visit, "clients/rapporter/"),
}


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_overflows(visit: Any, state: str) -> None:
    _look(STATES[state](visit))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_list_leaves_is_changed_and_comes_back(visit: Any, tmp_path: Path, scripts: bool) -> None:
    page: Page = visit("claire", java_script_enabled=scripts)
    space = page.url
    page.goto(space + "clients/?etat=radie")
    page.get_by_role("link", name="Exporter cette liste").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger le fichier CSV").click()
    file = tmp_path / "clients.csv"
    download.value.save_as(file)
    header, *rows = file.read_text(encoding="utf-8-sig").splitlines()
    place = header.split(";").index("Service : Attestations")
    cells = rows[0].split(";")
    cells[place] = "non" if cells[place] == "oui" else "oui"
    file.write_text("\n".join([header, ";".join(cells)]), encoding="utf-8")
    page.get_by_role("link", name="le rapporter ici").click()
    page.get_by_label("Fichier modifié").set_input_files(file)
    page.get_by_role("button", name="Voir ce qui va changer").click()
    page.get_by_role("button", name="Modifier 1 client").click()
    expect(guide.heading(page)).to_have_text("Modification terminée")
    expect(page.get_by_text("1 client modifié")).to_be_visible()
