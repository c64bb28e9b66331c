"""The client's journeys in Chromium: e-mails as an SMTP server took them, letters as the demonstration keeps them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portefeuille.registry.models import Regime
from tests.e2e import guide, later
from tests.e2e.demonstration import Shown
from tests.e2e.provable import Provable
from tests.e2e.test_looks import _EVERY_RULE, _TOO_WIDE

PASSWORD = "quatre-mots-de-passe-19"
CODE = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b")
#: Each look at the letters is a page: the worker has answered long before.
LOOKS = 300


@pytest.fixture
def look() -> Callable[..., None]:
    """Axe, the width, one heading: on each page of a journey, in the colours and widths that matter."""

    def at(page: Page) -> None:
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

    return at


def latest_letter(kept: Page) -> str:
    """The address of the newest letter with a code for a firm, or ""."""
    kept.goto("/courriels/")
    link = kept.get_by_role("link", name=LETTER, exact=True)
    return link.first.get_attribute("href") or "" if link.count() else ""


def read_letter(kept: Page, before: str) -> str:
    """The text of the letter that has come since ``before``."""
    for _ in range(LOOKS):
        address = latest_letter(kept)
        if address != before:
            kept.goto(address)
            return kept.locator(".letter").inner_text()
    raise AssertionError("no letter")


LINK, SPACE_CODE, LETTER = "Ouvrir votre espace", "Votre code pour ouvrir votre espace", "Un code pour votre cabinet"


def link_and_code(visit: Any, client: Shown, email: str) -> tuple[str, str]:
    """What was sent to who asks, and to the client."""
    code = CODE.search(visit.demo.mails.read(SPACE_CODE, *visit.demo.addresses_of_record(client.siren)))
    assert code
    return visit.demo.mails.link(LINK, email), code[0]


def open_space(visit: Any, client: Shown, email: str, look: Any = None, **options: Any) -> Page:
    """A new person opens the space of a client with a Siren, from the home page."""
    page: Page = visit(**options)
    page.get_by_role("link", name="Ouvrir votre espace client").click()
    if look:
        look(page)
    page.get_by_label("Votre Siren").fill(client.siren)
    page.get_by_label("Votre adresse électronique").fill(email)
    page.get_by_role("button", name="Recevoir le code").click()
    expect(guide.heading(page)).to_have_text("Un courriel et un code vous attendent")
    if look:
        look(page)
    link, code = link_and_code(visit, client, email)
    page.goto(link)
    if look:
        look(page)
    for typed in ("AAAAA-AAAAA", code):
        page.get_by_label("Code reçu").fill(typed)
        page.get_by_label("Prénom et nom").fill("Marie Client")
        page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        page.get_by_label("J'accepte les conditions").check()
        page.get_by_role("button", name="Ouvrir l'espace").click()
        if typed != code:
            expect(page.get_by_role("group", name="Un point à corriger")).to_contain_text("Ce code ne convient pas")
            if look:
                look(page)
    expect(guide.heading(page)).to_have_text("Qui agit pour vous")
    return page


def answer(page: Page, act: str, button: str) -> None:
    """One act of the space: in a window with a script, on a page without."""
    page.get_by_role("button", name=act, exact=True).click()
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".notice").first).to_be_visible()


def add(page: Page, client: Shown) -> None:
    guide.designate(page, client)
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_client_opens_their_space_contests_and_the_firm_reads_it(
    visit: Any, provable: Provable, look: Any, script: bool
) -> None:
    client = provable.one(Regime.GENERAL, reached=True)
    firm = visit("antoine")
    add(firm, client)
    guide.expect_window(firm, client)
    email = f"marie-{'js' if script else 'nojs'}@client.example"
    page = open_space(visit, client, email, look if script else None, java_script_enabled=script)
    page.get_by_role("link", name="Paie Brun Conseil").click()
    if script:
        look(page)
    answer(page, "Contester", "Contester cette inscription")
    expect(page.get_by_role("main")).to_contain_text("Vous contestez cette inscription")
    page.get_by_role("link", name="Ce qui a été fait").click()
    expect(page.get_by_role("main")).to_contain_text("Paie Brun Conseil s'est inscrit pour agir pour vous")
    if script:
        look(page)
    firm.goto("/mon-espace/")
    expect(firm.get_by_role("main")).to_contain_text(f"{client.name} conteste l'inscription")
    firm.get_by_role("button", name=f"Marquer comme lu : {client.name}").first.click()
    expect(firm.get_by_text("Déjà lues")).to_be_visible()
    if script:
        look(firm)
    page.goto("/mon-espace/")
    page.get_by_role("link", name="Paie Brun Conseil").click()
    answer(page, "Mettre fin à l'inscription", "Mettre fin à l'inscription") if not script else _end(page)
    expect(page.get_by_role("main")).to_contain_text("Qui y a mis fin : vous")


def _end(page: Page) -> None:
    page.get_by_role("button", name="Mettre fin à l'inscription", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Mettre fin à l'inscription").click()
    expect(page.locator(".notice").first).to_be_visible()


def test_a_new_firm_waits_for_the_yes_of_the_client(visit: Any, provable: Provable, look: Any) -> None:
    client = provable.one(Regime.GENERAL, reached=True)
    page = open_space(visit, client, "yes@client.example")
    expect(page.get_by_text("Aucun cabinet n'agit pour vous")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Nouveaux cabinets").click()
    look(page)
    page.get_by_label("Attendre mon accord").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("main")).to_contain_text("Chaque nouveau cabinet attend votre accord.")
    firm = visit("antoine")
    add(firm, client)
    window = firm.get_by_role("dialog")
    expect(window).to_contain_text("Votre client doit donner son accord")
    look(firm)
    window.get_by_role("button", name="OK").click()
    expect(guide.rows(firm).first).to_contain_text("À confirmer")
    guide.rows(firm).first.get_by_role("link", name=re.compile("^(Modifier|Voir) ")).click()
    expect(firm.get_by_role("main")).to_contain_text("elle ne vous donne accès à rien")
    look(firm)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Paie Brun Conseil attend votre accord")
    look(page)
    page.get_by_role("button", name="Accepter Paie Brun Conseil").click()
    page.get_by_role("dialog").get_by_role("button", name="Accepter ce cabinet").click()
    expect(page.get_by_role("main")).to_contain_text("Paie Brun Conseil peut maintenant agir pour vous.")
    firm.goto("/mon-espace/")
    expect(firm.get_by_role("main")).to_contain_text(f"{client.name} a accepté l'inscription")


def test_the_link_of_a_message_answers_without_an_account(visit: Any, provable: Provable, look: Any) -> None:
    client = provable.one(Regime.GENERAL, reached=True)
    page = open_space(visit, client, "link@client.example")
    page.get_by_role("link", name="Nouveaux cabinets").click()
    page.get_by_label("Attendre mon accord").check()
    page.get_by_role("button", name="Enregistrer").click()
    add(visit("antoine"), client)
    stranger = visit()
    stranger.goto(
        visit.demo.mails.link("Un cabinet attend votre accord", *visit.demo.addresses_of_record(client.siren))
    )
    look(stranger)
    stranger.get_by_role("button", name="Refuser").click()
    expect(guide.heading(stranger)).to_have_text("L'inscription est refusée")
    look(stranger)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_firm_enrols_with_the_code_of_a_letter(visit: Any, provable: Provable, look: Any, script: bool) -> None:
    client = provable.one(Regime.REGULATED_LIBERAL if script else Regime.CRAFT_TRADE)
    kept = visit()
    page = visit("antoine", java_script_enabled=script)
    guide.designate(page, client)
    before = latest_letter(kept)
    page.get_by_role("link", name="Demander un code par courrier").click()
    if script:
        look(page)
    page.get_by_role("button", name="Demander la lettre").click()
    expect(page.get_by_role("main")).to_contain_text("Votre demande est notée.")
    if script:
        look(page)
    code = CODE.search(read_letter(kept, before))
    assert code
    page.get_by_label("Situation des comptes").check()
    page.get_by_label("Code de la lettre").fill(code[0])
    page.get_by_label("Numéro de compte").fill(client.number)
    page.get_by_role("button", name="Enregistrer").click()
    guide.expect_window(page, client)


def test_a_client_is_invited_in_one_click(visit: Any, look: Any) -> None:
    (client,) = visit.demo.clients
    page = visit("claire")
    page.goto(page.url + f"clients/?q={client.siren.replace(' ', '')}".replace("\u202f", ""))
    page.get_by_role("link", name=re.compile("^Modifier ")).first.click()
    look(page)
    page.get_by_role("button", name="Inviter à créer son espace").click()
    expect(page.get_by_role("main")).to_contain_text("est invité à créer son espace")
    subject = "Votre cabinet vous invite à ouvrir votre espace"
    assert "/espace-client/" in visit.demo.mails.link(subject, *visit.demo.addresses_of_record(client.siren))
    space = open_space(visit, client, "invited@client.example")
    expect(space.get_by_role("main")).to_contain_text("Cabinet Delorme & Associés")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Votre client a ouvert son espace")
    look(page)


def test_a_person_with_two_spaces_chooses(visit: Any, provable: Provable, look: Any) -> None:
    first, second = (provable.one(Regime.GENERAL, reached=True) for _ in range(2))
    email = "two@client.example"
    page = open_space(visit, first, email)
    page.goto("/espace-client/")
    page.get_by_label("Votre Siren").fill(second.siren)
    page.get_by_label("Votre adresse électronique").fill(email)
    page.get_by_role("button", name="Recevoir le code").click()
    link, code = link_and_code(visit, second, email)
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text(f"Vous gardez votre identifiant : {email}")
    look(page)
    page.get_by_label("Code reçu").fill(code)
    page.get_by_label("J'accepte les conditions").check()
    page.get_by_role("button", name="Ouvrir l'espace").click()
    expect(guide.heading(page)).to_have_text("Qui agit pour vous")
    page.goto("/mon-espace/")
    expect(guide.heading(page)).to_have_text("Vos espaces")
    look(page)
    page.get_by_role("link", name=first.name).click()
    expect(guide.heading(page)).to_have_text("Qui agit pour vous")


def test_one_person_of_a_space_removes_another_and_the_last_stays(visit: Any, provable: Provable, look: Any) -> None:
    later.the_next_day(visit.demo)
    client = provable.one(Regime.GENERAL, reached=True)
    first = open_space(visit, client, "first@people.example")
    second = open_space(visit, client, "second@people.example", expected={404})
    first.get_by_role("link", name="Personnes").click()
    expect(guide.heading(first)).to_have_text("Personnes de cet espace")
    expect(guide.rows(first)).to_have_count(2)
    look(first)
    first.get_by_role("link", name="Retirer Marie Client").click()
    look(first)
    first.get_by_role("dialog").get_by_role("button", name="Retirer de cet espace").click()
    expect(first.locator(".notice").first).to_contain_text("Marie Client ne tient plus cet espace.")
    expect(guide.rows(first)).to_have_count(1)
    assert "Une autre personne vous a retiré" in visit.demo.mails.read(
        "Vous ne tenez plus un espace client", "second@people.example"
    )
    second.reload()
    expect(guide.heading(second)).to_have_text("Page introuvable")
    first.get_by_role("link", name="Quitter cet espace").click()
    expect(first.locator(".notice").first).to_contain_text("Vous êtes seul à tenir cet espace.")
    look(first)


def test_a_person_leaves_a_space_without_a_script(visit: Any, provable: Provable) -> None:
    later.the_next_day(visit.demo)
    client = provable.one(Regime.GENERAL, reached=True)
    staying = open_space(visit, client, "staying@people.example")
    page = open_space(visit, client, "leaving@people.example", java_script_enabled=False)
    page.get_by_role("link", name="Personnes").click()
    page.get_by_role("link", name="Quitter cet espace").click()
    expect(guide.heading(page)).to_have_text("Quitter cet espace")
    page.get_by_role("button", name="Quitter cet espace").click()
    expect(page.locator(".notice").first).to_contain_text("Vous ne tenez plus l'espace client")
    assert "a quitté votre espace" in visit.demo.mails.read(
        "Une personne a quitté votre espace", "staying@people.example"
    )
    staying.get_by_role("link", name="Personnes").click()
    expect(guide.rows(staying)).to_have_count(1)
