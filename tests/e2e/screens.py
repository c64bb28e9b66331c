"""``python -m tests.e2e.screens``: takes the pictures of ``docs/screens/`` again, of a demonstration of its own."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e import browsing, demonstration
from tests.e2e.demonstration import Demonstration, Shown

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
WIDTHS = {1280: 720, 360: 740}
MOST_BYTES = 200 * 1024


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demonstration.running() as demo, browsing.chromium() as browser:
        for width, height in WIDTHS.items():
            with _pages(browser, demo, width, height) as page:
                _journey(page, demo, width)
        with _pages(browser, demo, 1280, 720, scheme="dark") as page:
            _sign_in(page, demo)
            page.goto(page.url + "clients/?q=bou")
            _take(page, "liste-sombre-1280")
    return 0


@contextmanager
def _pages(browser: Browser, demo: Demonstration, width: int, height: int, scheme: str = "light") -> Iterator[Page]:
    viewport = {"width": width, "height": height}
    context, watch = browsing.open_context(
        browser, demo.address, viewport=viewport, color_scheme=scheme, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()
    if watch.troubles:
        raise RuntimeError("\n".join(watch.troubles))


def _journey(page: Page, demo: Demonstration, width: int) -> None:
    """The seven screens in the order of the guide, with what opens on the way."""

    def take(name: str) -> None:
        _take(page, f"{name}-{width}")

    page.goto("/")
    take("1-accueil")
    page.get_by_role("button", name="Se connecter").click()
    take("2-connexion")
    _sign_in(page, demo)
    space = page.url
    take("3-tableau-de-bord")
    page.get_by_role("button", name="+ Ajouter un compte").click()
    take("4-ajouter")
    client = demo.cases[1][list(WIDTHS).index(width)]
    _designate(page, client)
    take("5-inscrire")
    _wrong_proof(page, client, take)
    _prove(page, client)
    take("5-inscrire-ok")
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    take("6-nouveau")
    page.goto(space + "clients/")
    take("6-liste")
    page.goto(space + "clients/?q=introuvable")
    take("6-liste-vide")
    page.goto(space + "clients/?etat=radie")
    take("6-liste-radies")
    page.goto(space + "clients/")
    page.get_by_role("link", name="Modifier").nth(4).click()
    take("7-modifier")
    page.get_by_role("button", name="Résilier").scroll_into_view_if_needed()
    take("7-modifier-bas")
    page.get_by_role("button", name="Résilier").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    take("7-resilier")


def _sign_in(page: Page, demo: Demonstration) -> None:
    page.goto("/connexion/")
    person = demo.people["claire"]
    browsing.sign_in(page, person.identifier, person.password)
    expect(page.get_by_role("heading", level=1)).to_have_text("Tableau de bord tiers déclarant")


def _designate(page: Page, client: Shown) -> None:
    page.get_by_label("Siren ou numéro de compte").fill(client.siren)
    page.get_by_role("button", name="Inscrire").click()


def _wrong_proof(page: Page, client: Shown, take: Callable[[str], None]) -> None:
    page.get_by_label("Montant à payer").fill(client.fact.rstrip("\u202f €"))
    page.get_by_label("Numéro de compte").scroll_into_view_if_needed()
    take("5-justificatif")
    page.get_by_label("Montant à payer").fill("")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="2 points à corriger")).to_be_visible()
    take("5-erreurs")


def _prove(page: Page, client: Shown) -> None:
    for box in page.get_by_label("Tout cocher").all():
        box.check()
    page.get_by_label("Montant à payer").fill(client.fact)
    page.get_by_label("Numéro de compte").fill(client.number)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _take(page: Page, name: str) -> None:
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.name}  {size / 1024:.0f} KB")
    if size > MOST_BYTES:
        raise RuntimeError(f"{path.name} is over {MOST_BYTES // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
