"""The gestures of the seed's guide, with its words. One way works for the mouse with and without JavaScript."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.demonstration import Person, Shown

#: The two columns of the seed's page.
COLUMNS = ("Services en ligne", "Services de communication par courriel")


def sign_in(page: Page, person: Person) -> None:
    """Part 1 of the guide, from anywhere."""
    page.goto("/")
    connect = page.get_by_role("button", name="Se connecter")
    box = connect.bounding_box()
    assert box
    assert page.viewport_size
    assert box["x"] + box["width"] > page.viewport_size["width"] / 2
    assert box["y"] < 60, "«en haut à droite de votre écran»"
    connect.click()
    page.get_by_label("Identifiant").fill(person.identifier)
    page.get_by_label("Mot de passe").fill(person.password)
    page.get_by_role("button", name="Se connecter").click()
    expect(heading(page)).to_have_text("Tableau de bord tiers déclarant")


def heading(page: Page) -> Locator:
    return page.get_by_role("main").get_by_role("heading", level=1)


def designate(page: Page, client: Shown) -> None:
    """Part 2, actions 1 and 2: the Siren, or the account number of a gérant majoritaire."""
    page.get_by_role("button", name="+ Ajouter un compte").click()
    page.get_by_label("Siren ou numéro de compte").fill(client.siren or client.number)
    page.get_by_role("button", name="Inscrire").click()
    expect(heading(page)).to_have_text("Gérer les établissements")
    expect(page.get_by_role("main")).to_contain_text("Comptes à inscrire")


def tick(page: Page) -> None:
    """Two services and a notice; a parent ticks its children, at the latest when the form is received."""
    services, notices = (page.get_by_role("group", name=name) for name in COLUMNS)
    expect(services).to_be_visible()
    if services.get_by_label("Déclaration d'embauche", exact=True).count():
        services.get_by_label("Déclaration d'embauche", exact=True).check()
    services.get_by_label("Situation des comptes").check()
    notices.get_by_label("Avis de mise à disposition d'attestations").check()


def fact_field(page: Page, client: Shown) -> Locator:
    """What the guide asks about in this case: the amount, or the «numéro de sécurité sociale»."""
    by_nir = client.regime in ("Artisan Commerçant", "Profession Libérale")
    return page.get_by_label("Numéro de sécurité sociale" if by_nir else "Montant à payer")


def prove(page: Page, client: Shown) -> None:
    """The cases of part 2: the fact and the account number, which stands there when it was typed to begin with."""
    fact_field(page, client).fill(client.fact)
    number = page.get_by_label("Numéro de compte")
    if client.siren:
        number.fill(client.number)
    else:
        expect(number).to_have_value(client.number)


def expect_window(page: Page, client: Shown) -> Locator:
    """Part 2, action 3: «une fenêtre s'ouvre»."""
    window = page.get_by_role("dialog")
    expect(window).to_be_visible()
    expect(window).to_contain_text(client.name)
    return window


def expect_on_top(page: Page, client: Shown) -> Locator:
    """Part 2, action 4: «Gérer les établissements» shows the new client first, marked. Its row."""
    expect(heading(page)).to_have_text("Gérer les établissements")
    first = rows(page).first
    expect(first).to_contain_text(client.name)
    expect(first).to_contain_text(client.regime)
    return first


def rows(page: Page) -> Locator:
    return page.locator("tbody").get_by_role("row")


def find_mine(page: Page, client: Shown, *, by: str) -> None:
    """Part 3, action 1: by ``Siren``, ``Siret`` or ``compte``."""
    page.get_by_role("button", name="+ Ajouter un compte").click()
    expect(page.get_by_text("Vous pouvez administrer ici les options associées à l'abonnement")).to_be_visible()
    if by == "compte":
        page.get_by_role("textbox", name="Numéro de compte", exact=True).fill(client.number)
    else:
        typed = client.siren if by == "Siren" else client.siren + " 00012"
        page.get_by_label("Siren/Siret de l'établissement").fill(typed)
    page.get_by_role("button", name="Rechercher").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text(client.name)


def open_pencil(page: Page, client: Shown) -> None:
    """Part 3, action 2."""
    page.get_by_role("link", name=f"Modifier {client.name}").click()
    expect(heading(page)).to_have_text(re.compile(f"Modifier {re.escape(client.name)}"))


def expect_question(page: Page, client: Shown) -> None:
    """Part 3, action 4: the question names what ends."""
    question = page.get_by_text("Veuillez confirmer la suppression immédiate de l'inscription")
    expect(question).to_be_visible()
    expect(question).to_contain_text(client.regime)
    if client.siren:
        expect(question).to_contain_text(f"du Siren {client.siren}")


def expect_gone(page: Page, client: Shown) -> None:
    expect(page.get_by_role("status").first).to_contain_text("résiliée")
    expect(page.get_by_role("button", name="Annuler cette résiliation")).to_be_visible()
    page.get_by_role("searchbox", name="Trouver un client").fill(client.siren or client.number)
    page.get_by_role("button", name="Trouver").click()
    expect(page.get_by_role("heading", name="Aucun client ne correspond")).to_be_visible()
