"""Modèles: the pages of administrators, and what adding a client makes of them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.catalogue.templates import Kept, keep_template, templates
from portefeuille.enrolments.models import Enrolment
from portefeuille.registry.models import Regime
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, REGULATED, Cast
from tests.web.hostile import HOSTILE
from tests.web.reading import form_of, rows, soup, text


def address(cast: Cast, more: str = "") -> str:
    return f"/cabinets/{cast.firm_a.uid}/modeles/{more}"


def test_a_template_is_made_and_changed_from_the_pages(cast: Cast, browse: Any) -> None:
    browser = browse("alice")
    assert "Pas encore de modèle" in text(browser.get(address(cast)))
    form = {
        "nom": "  Paie   complète ",
        "services": ["attestations", "groupe:Déclaration d'embauche"],
        "avis": ["bis"],
        "regimes": ["regime-general", "rien"],
    }
    assert browser.post(address(cast, "nouveau/"), form).status_code == 302
    page = text(browser.get(address(cast)))
    assert "Le modèle « Paie complète » est enregistré." in page
    assert "Paie complète 3 1 avis Régime Général" in page
    (template,) = templates(cast.access("alice"))
    sent = form_of(browser.get(address(cast, f"{template.uid}/")))
    assert sent["nom"] == ["Paie complète"]
    assert sent["services"] == ["dpae", "dpae-service-plus", "attestations"]
    assert sent["regimes"] == ["regime-general"]
    browser.post(address(cast, f"{template.uid}/"), {**sent, "nom": "Paie", "tous_avis": "1"})
    (template,) = templates(cast.access("alice"))
    assert template.name == "Paie"
    assert template.selection.notices.bit_count() == len(catalogue().notices)
    assert "ne sera plus proposé" in text(browser.get(address(cast, f"{template.uid}/supprimer/")))
    browser.post(address(cast, f"{template.uid}/supprimer/"))
    assert templates(cast.access("alice")) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Donnez un nom à ce modèle."),
        (" \u00a0 ", "Donnez un nom à ce modèle."),
        ("paie", "Un autre modèle porte déjà ce nom"),
        ("x" * 61, "60 caractères au plus"),
        ("a\x00b", "un caractère qui n'en est pas un"),
        ("Paie\u202e", "un caractère qui n'en est pas un"),
    ],
)
def test_a_name_that_will_not_do_is_said_beside_it_and_nothing_is_lost(
    cast: Cast, browse: Any, name: str, said: str
) -> None:
    keep_template(access=cast.access("alice"), name="Paie", selection=Selection(1, 1))
    browser = browse("alice")
    before = rows()
    answer = browser.post(
        address(cast, "nouveau/"), {"nom": name, "services": ["attestations"], "regimes": "gerant-majoritaire"}
    )
    assert rows() == before
    page = soup(answer)
    assert said in page.select_one("#id_nom-erreur").get_text()  # type: ignore[union-attr]
    assert page.select_one("#erreurs a[href='#id_nom']") is not None
    assert form_of(answer)["services"] == ["attestations"]
    assert form_of(answer)["regimes"] == ["gerant-majoritaire"]


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_any_name_is_only_a_name(cast: Cast, browse: Any, name: str) -> None:
    browser = browse("alice")
    answer = browser.post(address(cast, "nouveau/"), {"nom": name})
    assert answer.status_code in (200, 302)
    page = browser.get(address(cast))
    assert page.status_code == 200
    assert len(soup(page).select("script")) == 2


def test_adding_begins_with_the_default_of_the_regime(cast: Cast, browse: Any) -> None:
    entries = catalogue()
    everything = Selection(sum(1 << one.bit for one in entries.services), sum(1 << one.bit for one in entries.notices))
    result = keep_template(
        access=cast.access("alice"), name="Paie", selection=everything, defaults=[Regime.CRAFT_TRADE]
    )
    assert isinstance(result, Kept)
    browser = browse("bob")
    add = f"/cabinets/{cast.firm_a.uid}/ajouter/siren/"
    usual = browser.get(f"{add}{INDEPENDENT.siren}/artisan-commercant/")
    assert soup(usual).select_one("#modele option[selected]")["value"] == str(result.uid)  # type: ignore[index]
    services = form_of(usual)["services"]
    assert services == [entry.code for entry in entries.offered_services(Regime.CRAFT_TRADE)]
    assert "services" not in form_of(browser.get(f"{add}{INDEPENDENT.siren}/artisan-commercant/?modele="))
    assert "services" not in form_of(browser.get(f"{add}{EMPLOYER.siren}/regime-general/"))


def test_the_default_tells_nothing_of_a_bare_account_number(cast: Cast, browse: Any) -> None:
    """Known or not, regulated or not: the same boxes are ticked."""
    keep_template(access=cast.access("alice"), name="Gérants", selection=Selection(1, 0),
                  defaults=[Regime.MAJORITY_MANAGER])  # fmt: skip
    keep_template(access=cast.access("alice"), name="Libéraux", selection=Selection(2, 0),
                  defaults=[Regime.REGULATED_LIBERAL])  # fmt: skip
    browser = browse("alice")
    seen = set()
    for number in (MANAGER.account, REGULATED.account, "937000009999999999"):
        answer = browser.post(f"/cabinets/{cast.firm_a.uid}/ajouter/", {"identifiant": number}, follow=True)
        seen.add(tuple(form_of(answer)["services"]))
    assert seen == {("dpae",)}


def test_keeping_what_was_ticked_never_changes_another_template(cast: Cast, browse: Any) -> None:
    keep_template(access=cast.access("alice"), name="Paie", selection=Selection(1, 1))
    where = f"/cabinets/{cast.firm_a.uid}/ajouter/siren/{EMPLOYER.siren}/regime-general/"
    form = {"fait": EMPLOYER.fact, "compte": EMPLOYER.account, "portefeuille": str(cast.employers.pk),
            "services": ["attestations"], "modele": "PAIE"}  # fmt: skip
    browser = browse("alice")
    answer = browser.post(where, form, follow=True)
    assert Enrolment.objects.count() == 1
    assert "Un modèle s'appelle déjà « PAIE » : il n'a pas changé." in text(answer)
    (template,) = templates(cast.access("alice"))
    assert template.selection == Selection(1, 1)


def test_more_templates_are_no_more_statements(cast: Cast, browse: Any) -> None:
    browser = browse("alice")
    counts = []
    for number in range(1, 4):
        keep_template(access=cast.access("alice"), name=f"M{number}", selection=Selection(1, 1))
        browser.get(address(cast))
        with CaptureQueriesContext(connection) as captured:
            browser.get(address(cast))
        counts.append(len(captured))
    assert counts == [4, 4, 4]
