"""A firm's own file in real Chromium: sent, understood, corrected, added by the real worker, script or not."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portefeuille.registry.models import Regime
from tests.e2e.provable import Provable
from tests.e2e.test_looks import _look

#: How often a page without a script is asked anew while the worker works.
_PATIENCE = 120


def wait_for(page: Page, title: str, *, script: bool) -> None:
    """The page that follows when the worker is done: by itself, or by «Actualiser»."""
    heading = page.get_by_role("heading", level=1, name=title)
    if not script:
        for _ in range(_PATIENCE):
            if heading.count():
                break
            page.get_by_role("button", name="Actualiser").click()
    expect(heading).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("script", [True, False])
def test_a_file_from_sending_to_the_report(
    visit: Callable[..., Page], provable: Provable, tmp_path: Path, script: bool
) -> None:
    one, two = provable.one(Regime.GENERAL), provable.one(Regime.GENERAL)
    lines = ["SIREN;N° compte Urssaf;Montant dû", f"{one.siren};{one.number};{one.fact}"]
    lines += [f"{two.siren[:-1]};{two.number};{two.fact}"]
    file = tmp_path / "clients.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    options: dict[str, Any] = {} if script else {"java_script_enabled": False}
    page = visit(
        "claire", viewport={"width": 360, "height": 740} if script else {"width": 1280, "height": 800}, **options
    )

    def look() -> None:
        if script:
            _look(page)

    page.goto(page.url + "ajouter/")
    page.get_by_role("link", name="Ajouter en nombre").click()
    look()
    page.get_by_role("button", name="Envoyer le fichier").click()
    expect(page.get_by_role("heading", name="Un point à corriger")).to_be_visible()
    look()
    page.get_by_label("Fichier de vos clients").set_input_files(file)
    page.get_by_role("button", name="Envoyer le fichier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Colonnes du fichier")
    expect(page.get_by_label("Montant dû")).to_have_value("montant")
    look()
    if page.get_by_label("Portefeuille", exact=True).locator("option").count() > 1:
        page.get_by_label("Portefeuille", exact=True).select_option(index=1)
    page.get_by_role("button", name="Vérifier les lignes").click()
    wait_for(page, "Ce qui va se passer", script=script)
    look()
    page.get_by_role("link", name="Corriger la ligne 3").click()
    look()
    page.get_by_label("Siren").fill(two.siren)
    page.get_by_role("button", name="Enregistrer la ligne").click()
    page.get_by_role("button", name=re.compile("^Ajouter 2 clients")).click()
    wait_for(page, "Résultat de l'ajout", script=script)
    expect(page.get_by_role("main")).to_contain_text("2 clients ajoutés")
    look()
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger le résultat").click()
    report = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert report[0] == "SIREN;N° compte Urssaf;Montant dû;Résultat;Motif"
    assert [line.split(";")[-2] for line in report[1:]] == ["ajouté", "ajouté"]
    page.get_by_role("button", name="Voir vos clients").click()
    expect(page.get_by_role("main")).to_contain_text(one.name)
    expect(page.get_by_role("main")).to_contain_text(two.name)
