"""A day on the list: searching while typing, filters in the address, acts on several, what Julie may not do."""

import csv
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from portefeuille.enrolments.folding import fold
from tests.e2e import guide
from tests.e2e.demonstration import Demonstration

_READ = """
rows => rows.map(row => ({
  name: row.querySelector("[data-open]").textContent,
  regime: row.querySelector(".line").firstChild.textContent.trim(),
  identifier: row.querySelector(".line small").textContent,
  siret: (row.querySelector(".id.wide") || {textContent: ""}).textContent,
}))
"""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    regime: str
    identifier: str
    siret: str


def read(page: Page) -> list[Row]:
    return [Row(**found) for found in guide.rows(page).evaluate_all(_READ)]


def clients(visit: Any, query: str = "", who: str = "claire", **options: Any) -> Page:
    page: Page = visit(who, **options)
    page.goto(page.url + "clients/" + query)
    return page


def search_box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Trouver un client")


def bare(shown: str) -> str:
    return re.sub(r"\s", "", shown)


def employer_with_accent(page: Page) -> Row:
    return next(
        row
        for row in read(page)
        if row.siret and row.name.lower() != fold(row.name) and len(fold(row.name).split()) > 1
    )


def account_of(demo: Demonstration, row: Row) -> str:
    with (demo.folder / "registry" / "comptes.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(
            account["numero_compte"]
            for account in csv.DictReader(file)
            if account["siret"] == bare(row.siret) and row.regime.startswith(_REGIMES.get(account["regime"], "?"))
        )


_REGIMES = {"RG": "Régime Général", "AC": "Artisan", "PL": "Profession Libérale", "PLR": "Profession Libérale régl"}
_WAYS = ["Siren", "Siren without blanks", "Siret", "account", "padded account", "part of the name", "two words"]


@pytest.mark.parametrize("way", _WAYS)
def test_the_one_box_finds_while_typing(visit: Any, demo: Demonstration, way: str) -> None:
    page = clients(visit)
    row = employer_with_accent(page)
    words = fold(row.name).split()
    typed = {
        "Siren": row.identifier.replace("\u202f", " "),
        "Siren without blanks": bare(row.identifier),
        "Siret": row.siret,
        "account": account_of(demo, row),
        "padded account": "00" + account_of(demo, row) + " ",
        "part of the name": words[0][:5],
        "two words": f"{words[1][:4]} {words[0][:4]}",
    }[way]
    page.keyboard.press("/")
    page.keyboard.insert_text(typed)
    expect(page.get_by_role("list", name="Filtres choisis")).to_contain_text(f"« {typed.strip()} »")
    expect(guide.rows(page).filter(has_text=row.name).filter(has_text=row.identifier)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q="))
    if way in ("part of the name", "two words"):
        marks = guide.rows(page).filter(has_text=row.name).first.locator("mark").all_inner_texts()
        assert {fold(text) for text in marks} >= set(typed.split())


def test_the_caret_stays_and_every_answer_is_todays(visit: Any) -> None:
    page = clients(visit)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if route.request.headers.get("hx-request") and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/clients/?*", hold_the_first)
    page.keyboard.press("/")
    with page.expect_event("requestfailed") as dropped:
        with page.expect_request(lambda request: "q=sarl" in request.url.lower()):
            page.keyboard.insert_text("sarl")
        # Typing goes on while the first answer is late: its request is dropped, so that it can never be shown.
        for _ in range(4):
            page.keyboard.press("ArrowLeft")
        page.keyboard.type("x")
    assert "q=sarl" in dropped.value.url
    assert dropped.value == held[0].request
    chips = page.get_by_role("list", name="Filtres choisis")
    expect(chips).to_contain_text("« xsarl »")
    expect(search_box(page)).to_be_focused()
    assert search_box(page).evaluate("box => [box.value, box.selectionStart]") == ["xsarl", 1]
    page.keyboard.press("Backspace")
    expect(chips).to_contain_text("« sarl »")
    assert search_box(page).evaluate("box => [box.value, box.selectionStart]") == ["sarl", 0]
    for name in page.locator("tbody [data-open]").all_inner_texts():
        assert "sarl" in fold(name)


@pytest.mark.parametrize("javascript", [True, False])
def test_filters_stand_in_the_address(visit: Any, javascript: bool) -> None:
    page = clients(visit, java_script_enabled=javascript)
    page.get_by_label("Régime", exact=True).select_option("Régime Général")
    if not javascript:
        page.get_by_role("button", name="Filtrer").click()
    expect(page).to_have_url(re.compile(r"regime=regime-general"))
    search_box(page).fill("sarl")
    if not javascript:
        search_box(page).press("Enter")
    expect(page).to_have_url(re.compile(r"q=sarl&(portefeuille=&)?regime=regime-general"))
    chips = page.get_by_role("list", name="Filtres choisis")
    expect(chips.get_by_role("listitem")).to_have_text(
        [re.compile(r"«\s*sarl\s*»"), re.compile("Régime Général"), "Tout retirer"]
    )
    here, seen = page.url, read(page)
    assert {row.regime for row in seen} == {"Régime Général"}

    page.reload()
    assert read(page) == seen
    guide.rows(page).first.get_by_role("link", name=seen[0].name, exact=True).click()
    expect(guide.heading(page)).to_contain_text(seen[0].name)
    page.go_back()
    expect(page).to_have_url(here)
    expect(search_box(page)).to_have_value("sarl")
    expect(page.get_by_label("Régime", exact=True)).to_have_value("regime-general")
    assert read(page) == seen
    bookmark = clients(visit, here.partition("clients/")[2])
    assert read(bookmark) == seen

    chips.get_by_role("link", name="Retirer le filtre « sarl »").click()
    expect(page).to_have_url(re.compile(r"clients/\?regime=regime-general$"))
    expect(search_box(page)).to_have_value("")
    chips.get_by_role("link", name="Retirer le filtre Régime Général").click()
    expect(chips).to_have_count(0)


def test_pages_follow_each_other(visit: Any) -> None:
    page = clients(visit)
    count = page.locator(".count")
    total = int(count.inner_text().split("sur")[1].split("·")[0])
    expect(count).to_contain_text(f"1 à 50 sur {total}")
    names = page.locator("tbody [data-open]").all_inner_texts()
    expect(page.get_by_role("link", name="Précédent")).to_be_disabled()
    page.get_by_role("link", name="Suivant").click()
    expect(count).to_contain_text(f"51 à 100 sur {total}")
    expect(page).to_have_url(re.compile("page=2"))
    page.reload()
    names += page.locator("tbody [data-open]").all_inner_texts()
    page.get_by_role("link", name="Suivant").click()
    expect(count).to_contain_text(f"101 à {total} sur {total}")
    names += page.locator("tbody [data-open]").all_inner_texts()
    expect(page.get_by_role("link", name="Suivant")).to_be_disabled()
    assert len(names) == total
    keys = [fold(name) for name in names]
    assert keys == sorted(keys)
    page.go_back()
    expect(count).to_contain_text(f"51 à 100 sur {total}")


def test_headers_sort(visit: Any) -> None:
    page = clients(visit)
    by_name, by_age = (page.get_by_role("columnheader", name=name) for name in ("Raison sociale", "Depuis"))
    expect(by_name).to_have_attribute("aria-sort", "ascending")
    first = read(page)[0]
    by_name.get_by_role("link").click()
    expect(by_name).to_have_attribute("aria-sort", "descending")
    keys = [fold(row.name) for row in read(page)]
    assert keys == sorted(keys, reverse=True)
    assert fold(first.name) < keys[-1]
    by_age.get_by_role("link").click()
    expect(by_age).to_have_attribute("aria-sort", "descending")
    expect(by_name).not_to_have_attribute("aria-sort", re.compile("."))
    expect(page).to_have_url(re.compile("tri=-depuis"))


def test_several_clients_end_together_and_come_back(visit: Any) -> None:
    page = clients(visit, "?regime=artisan-commercant")
    seen = read(page)
    expect(page.get_by_role("button", name="Résilier la sélection")).to_be_hidden()
    chosen = seen[1:4]
    for place in (1, 2, 3):
        guide.rows(page).nth(place).get_by_role("checkbox").check()
    expect(page.get_by_text("3 clients choisis")).to_be_visible()
    page.get_by_role("button", name="Résilier la sélection").click()
    question = page.get_by_role("dialog")
    expect(question.get_by_role("listitem")).to_have_count(3)
    for place, row in enumerate(chosen):
        expect(question.get_by_role("listitem").nth(place)).to_contain_text(row.name)
    question.get_by_role("button", name="OK").click()
    expect(page.get_by_role("status").first).to_contain_text("3 inscriptions")
    page.get_by_role("button", name="Annuler ces résiliations").click()
    expect(page.get_by_text("3 inscriptions sont rétablies")).to_be_visible()
    page.goto(re.sub(r"clients/.*", "clients/?regime=artisan-commercant", page.url))
    assert read(page) == seen


def test_ticking_the_header_ticks_the_page(visit: Any) -> None:
    page = clients(visit, "?etat=suspendu")
    number = guide.rows(page).count()
    page.get_by_label("Choisir tous les clients de cette page").check()
    expect(page.get_by_text(f"{number} clients choisis")).to_be_visible()
    # What is ticked does not outlive the rows that were ticked.
    search_box(page).fill("a")
    expect(page.get_by_role("list", name="Filtres choisis")).to_contain_text("« a »")
    expect(page.get_by_role("button", name="Résilier la sélection")).to_be_hidden()


@pytest.mark.parametrize("javascript", [True, False])
def test_struck_off_accounts_end_together(visit: Any, javascript: bool) -> None:
    page = visit("claire", java_script_enabled=javascript)
    dashboard = page.url
    counted = page.get_by_role("main").get_by_role("link", name=re.compile("comptes radiés"))
    number = int(counted.inner_text().split()[0])
    counted.click()
    expect(guide.rows(page)).to_have_count(number)
    for row in guide.rows(page).all():
        expect(row).to_contain_text("(Radié)")
    names = [row.name for row in read(page)]
    page.get_by_role("button", name="Résilier les comptes radiés").click()
    listed = page.get_by_role("main").get_by_role("listitem")
    expect(listed).to_have_count(number)
    for place, name in enumerate(names):
        expect(listed.nth(place)).to_contain_text(name)
    page.get_by_role("button", name="OK").click()
    page.goto(dashboard + "clients/?etat=radie")
    expect(page.get_by_role("heading", name="Aucun client avec ces filtres")).to_be_visible()
    page.goto(dashboard)
    page.get_by_role("button", name="Annuler cette résiliation").first.click()
    expect(page.get_by_text(f"{number} inscriptions sont rétablies")).to_be_visible()


def test_empty_states_say_why_and_what_next(visit: Any, newcomer: str) -> None:
    page = clients(visit, "?etat=conteste&q=zzz")
    expect(page.get_by_role("heading", name="Aucun client ne correspond à « zzz »")).to_be_visible()
    page.get_by_role("link", name="Chercher sans les filtres").click()
    expect(page).to_have_url(re.compile(r"\?q=zzz$"))
    page.get_by_role("link", name="Ajouter ce client").click()
    expect(guide.heading(page)).to_have_text("Ajouter un compte")

    page = visit(newcomer)
    expect(page.get_by_role("heading", name="Votre portefeuille est vide")).to_be_visible()
    page.goto(page.url + "clients/")
    expect(page.get_by_role("heading", name="Votre portefeuille est vide")).to_be_visible()
    page.get_by_role("button", name="+ Ajouter un compte").click()
    expect(page.get_by_text("Vous n'avez pas encore de compte")).to_be_visible()


def test_a_terminated_client_is_nowhere_until_it_comes_back(visit: Any) -> None:
    page = clients(visit, "?regime=profession-liberale", expected={404})
    row = read(page)[-1]
    page.get_by_role("link", name=f"Modifier {row.name}").last.click()
    expect(guide.heading(page)).to_contain_text(row.name)
    address = page.url
    page.get_by_role("button", name="Résilier").click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    expect(page.get_by_role("button", name="Annuler cette résiliation")).to_be_visible()
    other = visit("samir", expected={404})
    answer = other.goto(address)
    assert answer.status == 404
    expect(guide.heading(other)).to_have_text("Page introuvable")
    page.get_by_role("button", name="Annuler cette résiliation").click()
    expect(page.get_by_text("Cette inscription est rétablie")).to_be_visible()
    assert other.goto(address).status == 200


def test_who_may_only_look_sees_no_act(visit: Any) -> None:
    page = visit("julie")
    expect(page.get_by_role("button", name="+ Ajouter un compte")).to_have_count(0)
    page.goto(page.url + "clients/")
    expect(guide.rows(page)).not_to_have_count(0)
    expect(page.get_by_role("checkbox")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Résilier"))).to_have_count(0)
    assert all(row.regime != "Régime Général" for row in read(page))
    page.get_by_role("link", name=re.compile("^Voir ")).first.click()
    for name in ("Enregistrer", "Résilier", "+ Ajouter un compte"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    for box in page.get_by_role("checkbox").all():
        expect(box).to_be_disabled()
