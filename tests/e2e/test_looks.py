"""Every page and state: axe finds nothing, nothing overflows, nothing is refused by the page's own policy."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from portefeuille.registry.models import Regime
from portefeuille.web import errors
from tests.e2e import browsing, guide
from tests.e2e.provable import Provable

Opening = Callable[[Any, Provable], Page]

# The rules that a tag chooses, those that are off by default included; only what axe itself gave up is left.
_EVERY_RULE = """
() => axe.run({runOnly: {type: "tag", values: [...new Set(axe.getRules().flatMap(rule => rule.tags))]
  .filter(tag => tag !== "deprecated")}, resultTypes: ["violations"]})
  .then(found => found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)}`)))
"""
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _public(path: str) -> Opening:
    def open_it(visit: Any, provable: Provable) -> Page:
        page: Page = visit()
        page.goto(path)
        return page

    return open_it


def _space(path: str, who: str = "claire", **options: Any) -> Opening:
    def open_it(visit: Any, provable: Provable) -> Page:
        page: Page = visit(who, **options)
        page.goto(page.url + path)
        return page

    return open_it


def _sign_in_refused(visit: Any, provable: Provable) -> Page:
    page: Page = visit()
    page.goto("/connexion/")
    browsing.sign_in(page, "personne@nulle-part.example", "rien")
    expect(page.get_by_role("group", name="Un point à corriger")).to_be_visible()
    return page


def _add_refused(visit: Any, provable: Provable) -> Page:
    page = _space("ajouter/", "antoine")(visit, provable)
    page.get_by_label("Siren ou numéro de compte").fill("12")
    page.get_by_role("button", name="Inscrire").click()
    expect(page.get_by_role("group", name="Un point à corriger")).to_be_visible()
    return page


def _enrol(visit: Any, provable: Provable) -> Page:
    page: Page = visit("claire")
    guide.designate(page, visit.demo.cases[1][0])
    return page


def _enrol_by_account(visit: Any, provable: Provable) -> Page:
    page: Page = visit("claire")
    guide.designate(page, next(client for client in visit.demo.cases[3] if not client.siren))
    return page


def _enrol_with_slips(visit: Any, provable: Provable) -> Page:
    page = _enrol(visit, provable)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("group", name="2 points à corriger")).to_be_visible()
    return page


def _enrol_refused(visit: Any, provable: Provable) -> Page:
    page: Page = visit("antoine")
    client = provable.one(Regime.LIBERAL)
    guide.designate(page, client)
    guide.fact_field(page, client).fill("1 85 05 78 006 084 91")
    page.get_by_label("Numéro de compte").fill(client.number)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("group", name="Ces informations ne permettent pas")).to_be_visible()
    return page


def _just_added(visit: Any, provable: Provable) -> Page:
    page: Page = visit("antoine")
    client = provable.one(Regime.CRAFT_TRADE)
    guide.designate(page, client)
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").click()
    guide.expect_window(page, client)
    return page


def _new_row(visit: Any, provable: Provable) -> Page:
    page = _just_added(visit, provable)
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    return page


def _change(visit: Any, provable: Provable, who: str = "claire", query: str = "") -> Page:
    page = _space(f"clients/{query}", who)(visit, provable)
    page.get_by_role("link", name=re.compile("^(Modifier|Voir) ")).first.click()
    expect(guide.heading(page)).to_be_visible()
    return page


def _question(visit: Any, provable: Provable) -> Page:
    page = _change(visit, provable)
    page.get_by_role("button", name="Résilier").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def _question_page(visit: Any, provable: Provable) -> Page:
    page = _change(visit, provable)
    page.goto(page.url + "resilier/")
    return page


def _several_picked(visit: Any, provable: Provable) -> Page:
    page = _space("clients/?etat=suspendu")(visit, provable)
    for place in (0, 1):
        guide.rows(page).nth(place).get_by_role("checkbox").check()
    expect(page.get_by_text("2 clients choisis")).to_be_visible()
    return page


def _several_asked(visit: Any, provable: Provable) -> Page:
    page = _several_picked(visit, provable)
    page.get_by_role("button", name="Résilier la sélection").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def _ended(visit: Any, provable: Provable) -> Page:
    page = _new_row(visit, provable)
    guide.rows(page).first.get_by_role("button", name=re.compile("^Résilier ")).click()
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    expect(page.get_by_role("button", name="Annuler cette résiliation")).to_be_visible()
    return page


def _email(visit: Any, provable: Provable) -> Page:
    page = _public("/courriels/")(visit, provable)
    page.get_by_role("cell").filter(has=page.get_by_role("link")).first.get_by_role("link").click()
    expect(page.locator(".letter")).to_be_visible()
    return page


def _contest(visit: Any, provable: Provable) -> Page:
    _just_added(visit, provable)
    page = _email(visit, provable)
    page.locator(".letter a[href*='/contester/']").click()
    expect(guide.heading(page)).to_have_text("Contester une inscription")
    return page


def _contested(visit: Any, provable: Provable) -> Page:
    page = _contest(visit, provable)
    page.get_by_role("button", name="Contester cette inscription").click()
    expect(guide.heading(page)).to_have_text("L'inscription est suspendue")
    return page


def _contested_list(visit: Any, provable: Provable) -> Page:
    _contested(visit, provable)
    return _change(visit, provable, "antoine", "?etat=conteste")


def _missing(visit: Any, provable: Provable) -> Page:
    page: Page = visit("claire", expected={404})
    page.goto(page.url + "clients/00000000-0000-4000-8000-000000000000/")
    return page


def _refused_form(visit: Any, provable: Provable) -> Page:
    """A form without its key, as an old or foreign page would send it."""
    page: Page = visit(expected={403})
    page.goto("/connexion/")
    page.context.clear_cookies()
    page.route("**/connexion/", lambda route: route.continue_(headers={"sec-fetch-site": "cross-site"}))
    page.evaluate("document.querySelector('main form').submit()")
    return page


def _rendered(answer: Callable[[HttpRequest], HttpResponse]) -> Opening:
    """A page that the running program shows on no request of ours, as its own function makes it."""

    def open_it(visit: Any, provable: Provable) -> Page:
        response = answer(RequestFactory().post("/connexion/", {"identifiant": "732829320"}))
        page: Page = visit(expected={response.status_code})
        page.route(
            "**/rendu/",
            lambda route: route.fulfill(status=response.status_code, body=response.content, content_type="text/html"),
        )
        page.goto("/rendu/")
        return page

    return open_it


STATES: dict[str, Opening] = {
    "home": _public("/"),
    "create a space": _public("/creer-votre-espace/"),
    "verify a certificate": _public("/verifier-une-attestation/"),
    "sign in": _public("/connexion/"),
    "sign in refused": _sign_in_refused,
    "sign out": _space("../../deconnexion/"),
    "my firms": _space("../../mon-espace/?choisir=1"),
    "dashboard": _space(""),
    "add": _space("ajouter/?etablissement=SARL"),
    "add refused": _add_refused,
    "add, nothing found": _space("ajouter/?etablissement=999999999"),
    "enrol": _enrol,
    "enrol by account": _enrol_by_account,
    "enrol with slips": _enrol_with_slips,
    "enrol refused": _enrol_refused,
    "just added": _just_added,
    "new row": _new_row,
    "list": _space("clients/?page=3"),
    "list searched": _space("clients/?q=bou&tri=-depuis"),
    "list, nothing found": _space("clients/?q=introuvable&etat=radie"),
    "struck off": _space("clients/?etat=radie"),
    "several picked": _several_picked,
    "several asked": _several_asked,
    "ended": _ended,
    "change": _change,
    "change, employer": lambda visit, provable: _change(visit, provable, query="?regime=regime-general"),
    "look only": lambda visit, provable: _change(visit, provable, "julie"),
    "question": _question,
    "question page": _question_page,
    "e-mails": _public("/courriels/"),
    "one e-mail": _email,
    "contest": _contest,
    "contested": _contested,
    "contested list": _contested_list,
    "404": _missing,
    "contest expired": lambda visit, provable: _not_found(visit, "/contester/rien/"),
    "404 stranger": lambda visit, provable: _not_found(visit, "/rien/"),
    "403 form": _refused_form,
    "400": _rendered(lambda request: errors.bad_request(request, SuspiciousOperation())),
    "403": _rendered(lambda request: errors.permission_denied(request, PermissionDenied())),
    "500": _rendered(errors.server_error),
    "503": _rendered(lambda request: errors.outage(request, OperationalError())),
}


def _not_found(visit: Any, path: str) -> Page:
    page: Page = visit(expected={404})
    page.goto(path)
    return page


EMPTY = {"empty dashboard": "", "empty list": "clients/", "empty add": "ajouter/"}


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_overflows(visit: Any, provable: Provable, state: str) -> None:
    _look(STATES[state](visit, provable))


@pytest.mark.parametrize("state", EMPTY)
def test_the_same_for_a_firm_without_clients(visit: Any, provable: Provable, newcomer: str, state: str) -> None:
    _look(_space(EMPTY[state], newcomer)(visit, provable))


def _look(page: Page) -> None:
    """Light and dark, wide and narrow, and as wide as 1280 px look at 200 %."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    title = page.get_by_role("heading", level=1).inner_text()
    assert page.title().startswith(title.split("\n")[0].removesuffix(" (Radié)")), (page.title(), title)
    found: list[str] = []
    page.evaluate(Axe().axe_script)
    for width, scheme in ((1280, "light"), (1280, "dark"), (320, "light"), (320, "dark"), (640, "")):
        page.set_viewport_size({"width": width, "height": 1200})
        if scheme:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{width} {scheme}: {said}" for said in page.evaluate(_EVERY_RULE)]
        if page.evaluate(_TOO_WIDE) > 0:
            found.append(f"{width}: scrolls sideways")
    assert found == []


@pytest.mark.parametrize("path", ["clients/", "clients/?etat=radie", ""])
def test_paper_shows_the_clients_and_not_the_buttons(
    visit: Any, provable: Provable, path: str, tmp_path: Path
) -> None:
    page = _space(path)(visit, provable)
    page.emulate_media(media="print")
    expect(guide.heading(page)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_count(0)
    for button in page.get_by_role("button").all():
        expect(button).to_be_hidden()
    if path:
        expect(guide.rows(page).first).to_be_visible()
    assert len(page.pdf()) > 5000
