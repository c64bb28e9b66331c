"""The pictures of the users' guide: one function for each page of ``docs/guide/``, whose name its pictures begin with.

``guide_screens.py`` is the program that takes them.
"""

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from portefeuille.people import totp
from portefeuille.registry.models import Regime
from tests.e2e import browsing, guide
from tests.e2e.conftest import Visits
from tests.e2e.demonstration import Demonstration, Shown
from tests.e2e.provable import Provable
from tests.e2e.screens import MOST_BYTES
from tests.e2e.test_client_space import open_space
from tests.e2e.test_signing_in import authenticator
from tests.e2e.test_team import INVITED, OPENING, become

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "guide" / "images"
#: Width, and the least and the greatest height: a picture is as high as its page between them.
WIDE, NARROW = (1280, 440, 860), (360, 480, 780)
BOTH = (WIDE, NARROW)
#: A long list, or a window over it: lower, since it weighs.
LIST = ((1280, 440, 600),)


class Camera:
    """A demonstration, who visits it, and the pictures taken on the way."""

    def __init__(self, demo: Demonstration, visit: Visits, provable: Provable) -> None:
        self.demo, self.visit, self.provable = demo, visit, provable

    def take(self, page: Page, name: str, *, sizes: tuple[tuple[int, int, int], ...] = (WIDE,), down: int = 0) -> None:
        """``down``: how far the page is scrolled, in pixels."""
        for width, least, most in sizes:
            page.set_viewport_size({"width": width, "height": least})
            content = page.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
            page.set_viewport_size({"width": width, "height": max(least, min(most, content))})
            page.evaluate(f"scrollTo(0, {down})")
            page.mouse.move(width - 2, least // 2)  # off what was clicked last
            path = FOLDER / f"{name}-{width}.png"
            page.screenshot(path=path, animations="disabled", caret="hide")
            print(f"{path.name}  {path.stat().st_size / 1024:.0f} KB", flush=True)
            if path.stat().st_size > MOST_BYTES:
                raise RuntimeError(f"{path.name} is over {MOST_BYTES // 1024} KB")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate("scrollTo(0, 0)")


def open_a_firm(camera: Camera) -> None:
    """ouvrir-un-espace: the request, and what its message opens."""
    email = "nora.blanc@cabinet-blanc.example"
    page = camera.visit()
    page.get_by_role("link", name="Créer votre espace en ligne").click()
    page.get_by_label("Siren de votre cabinet").fill(camera.demo.cases[1][0].siren)
    page.get_by_label("Adresse électronique professionnelle").fill(email)
    camera.take(page, "ouvrir-un-espace-demande", sizes=BOTH)
    page.get_by_role("button", name="Recevoir le courriel").click()
    page.goto(camera.demo.mails.link(OPENING, email))
    become(page, "Nora Blanc")
    camera.take(page, "ouvrir-un-espace-formulaire")
    page.get_by_role("button", name="Demander l'ouverture").click()
    camera.take(page, "ouvrir-un-espace-attente")


def sign_in(camera: Camera) -> None:
    """se-connecter: the account of a person, the second factor, and the door it keeps."""
    page, elsewhere, person = camera.visit("samir"), camera.visit(), camera.demo.people["samir"]
    elsewhere.goto("/connexion/")
    browsing.sign_in(elsewhere, person.identifier, person.password)
    page.goto("/mon-compte/sessions/")
    camera.take(page, "se-connecter-sessions")
    page.goto("/mon-compte/")
    camera.take(page, "se-connecter-mon-compte", sizes=BOTH)
    page.get_by_role("link", name="Activer la double authentification").click()
    camera.take(page, "se-connecter-double-authentification")
    _add_application(page, lambda: camera.take(page, "se-connecter-application"))
    camera.take(page, "se-connecter-codes-de-secours")
    page.get_by_role("button", name="J'ai gardé mes codes").click()
    authenticator(page)
    page.get_by_role("button", name="Ajouter une clé d'accès").click()
    camera.take(page, "se-connecter-cle")
    page.get_by_role("button", name="Ajouter la clé").click()
    expect(guide.heading(page)).to_have_text("Double authentification")
    camera.take(page, "se-connecter-moyens")
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto("/connexion/")
    browsing.sign_in(page, person.identifier, person.password)
    camera.take(page, "se-connecter-second-facteur", sizes=BOTH)


def _add_application(page: Page, shown: Callable[[], None] = lambda: None) -> None:
    """From the page of the second factor to the recovery codes."""
    page.get_by_role("button", name="Ajouter une application").click()
    shown()
    secret = "".join(page.locator("code.secret").inner_text().split())
    page.get_by_label("Saisissez le code à 6 chiffres").fill(totp.code_at(secret, totp.step_now()))
    page.get_by_role("button", name="Activer l'application").click()
    expect(guide.heading(page)).to_have_text("Vos codes de secours")


def add_a_client(camera: Camera) -> None:
    """ajouter-un-client: several regimes under one Siren, and the code of a letter."""
    page = camera.visit("antoine")
    page.get_by_role("button", name="+ Ajouter un compte").click()
    page.get_by_label("Siren ou numéro de compte").fill(_with_several_regimes(camera.demo))
    page.get_by_role("button", name="Inscrire").click()
    camera.take(page, "ajouter-un-client-regimes")
    page = camera.visit("antoine")
    guide.designate(page, camera.provable.one(Regime.REGULATED_LIBERAL))
    page.get_by_role("link", name="Demander un code par courrier").click()
    camera.take(page, "ajouter-un-client-courrier")
    page.get_by_role("button", name="Demander la lettre").click()
    page.get_by_label("Code de la lettre").scroll_into_view_if_needed()
    camera.take(page, "ajouter-un-client-code", down=page.evaluate("Math.round(scrollY)"))


def _with_several_regimes(demo: Demonstration) -> str:
    regimes: dict[str, set[str]] = defaultdict(set)
    with (demo.folder / "registry" / "comptes.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["siren"] and row["etat"] == "actif":
                regimes[row["siren"]].add(row["regime"])
    return max(regimes, key=lambda siren: (len(regimes[siren]), siren))


def client_space(camera: Camera) -> None:
    """espace-du-client: opened with a code; one firm acts, another waits for a yes."""
    client = camera.provable.one(Regime.GENERAL, reached=True)
    firm = camera.visit("antoine")
    _add_with_services(firm, client)
    guide.expect_window(firm, client)
    steps = iter(("demande", "courriel", "code"))

    def look(page: Page) -> None:
        if name := next(steps, ""):
            camera.take(page, f"espace-du-client-{name}")

    space = open_space(camera.visit, client, "marie@client.example", look)
    home = space.url
    space.get_by_role("link", name="Nouveaux cabinets").click()
    space.get_by_label("Attendre mon accord").check()
    camera.take(space, "espace-du-client-nouveaux-cabinets")
    space.get_by_role("button", name="Enregistrer").click()
    other = camera.visit("claire")
    _add_with_services(other, client)
    expect(other.get_by_role("dialog")).to_contain_text("Votre client doit donner son accord")
    camera.take(other, "ajouter-un-client-accord", sizes=LIST)
    space.goto(home)
    camera.take(space, "espace-du-client-accueil", sizes=BOTH)
    space.get_by_role("link", name="Paie Brun Conseil").click()
    camera.take(space, "espace-du-client-cabinet", sizes=BOTH)
    space.get_by_role("button", name="Contester").click()
    expect(space.get_by_role("dialog")).to_be_visible()
    camera.take(space, "espace-du-client-contester", sizes=LIST)
    space.get_by_role("dialog").get_by_role("button", name="Contester cette inscription").click()
    space.get_by_role("link", name="Ce qui a été fait").click()
    camera.take(space, "espace-du-client-historique")
    open_space(camera.visit, client, "paul@client.example")
    space.get_by_role("link", name="Personnes").click()
    camera.take(space, "espace-du-client-personnes")
    firm.goto("/mon-espace/")
    expect(firm.get_by_role("main")).to_contain_text("conteste l'inscription")
    camera.take(firm, "espace-du-client-decision")


def _add_with_services(page: Page, client: Shown) -> None:
    guide.designate(page, client)
    guide.tick(page)
    guide.prove(page, client)
    page.get_by_role("button", name="Enregistrer").click()


def add_many(camera: Camera) -> None:
    """en-nombre: the file of a firm, its columns, what will happen, and what happened."""
    rows = [["N° Siren", "Nom du client", "Compte URSSAF", "Montant déclaré"]]
    rows += [
        [one.siren, one.name, one.number, one.fact] for one in (camera.provable.one(Regime.GENERAL) for _ in "12345")
    ]
    rows += [rows[1], ["123 456 789", "Garage Petit", rows[2][2], "1 250,00"]]
    text = "\n".join(";".join(row) for row in rows).replace("\u202f", " ")
    page = camera.visit("antoine")
    page.get_by_role("button", name="+ Ajouter un compte").click()
    page.get_by_role("link", name="Ajouter en nombre").click()
    page.get_by_label("Fichier de vos clients").set_input_files(
        {"name": "clients.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}
    )
    page.get_by_role("button", name="Envoyer le fichier").click()
    expect(guide.heading(page)).to_have_text("Colonnes du fichier")
    camera.take(page, "en-nombre-colonnes")
    page.get_by_role("button", name="Vérifier les lignes").click()
    expect(guide.heading(page)).to_have_text("Ce qui va se passer")
    camera.take(page, "en-nombre-verification", sizes=BOTH)
    page.get_by_role("button", name="Ajouter 5 clients").click()
    expect(guide.heading(page)).to_have_text("Résultat de l'ajout")
    camera.take(page, "en-nombre-resultat")


def manage(camera: Camera) -> None:
    """gerer-ses-clients: search, a selection, moving, and who sees a client."""
    page = camera.visit("claire")
    base = page.url
    page.goto(base + "clients/?q=bou")
    camera.take(page, "gerer-ses-clients-recherche", sizes=BOTH)
    page.goto(base + "clients/?regime=artisan-commercant")
    for nth in range(3):
        page.locator("[data-pick]").nth(nth).check()
    camera.take(page, "gerer-ses-clients-selection", sizes=LIST)
    page.get_by_role("button", name="Déplacer").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    camera.take(page, "gerer-ses-clients-deplacer", sizes=LIST)
    page.get_by_role("dialog").get_by_role("button", name="Annuler").click()
    page.get_by_role("button", name="Modifier", exact=True).click()
    page.get_by_label("Le retirer de ce que ces clients ont").check()
    page.get_by_label("Attestations", exact=True).check()
    camera.take(page, "en-nombre-modifier")
    page.get_by_role("button", name="Voir ce qui va changer").click()
    camera.take(page, "en-nombre-changements")
    page.goto(base + "clients/?regime=regime-general&tri=-nom")
    page.locator("[data-open]").nth(3).click()
    page.get_by_role("link", name="Qui voit ce client").click()
    page.get_by_label("par les personnes choisies seulement").check()
    page.get_by_label("Samir Haddad").check()
    camera.take(page, "gerer-ses-clients-reserver")


def templates(camera: Camera) -> None:
    """modeles: a selection of services with a name."""
    page = camera.visit("claire")
    page.get_by_role("link", name="Modèles").click()
    page.get_by_role("button", name="Créer un modèle").click()
    page.get_by_label("Nom").fill("Paie complète")
    services, notices = (page.get_by_role("group", name=name) for name in guide.COLUMNS)
    for label in ("Déclaration de cotisations", "Paiement des cotisations", "Situation des comptes", "Attestations"):
        services.get_by_label(label, exact=True).check()
    notices.get_by_label("Avis de mise à disposition d'attestations").check()
    page.get_by_role("group", name="Cocher d'avance").get_by_label("Régime Général").check()
    camera.take(page, "modeles-modifier")
    page.get_by_role("button", name="Enregistrer").click()
    camera.take(page, "modeles-liste")


def export(camera: Camera) -> None:
    """export: the list as it is filtered."""
    page = camera.visit("claire")
    page.goto(page.url + "clients/?etat=radie")
    page.get_by_role("link", name="Exporter cette liste").click()
    camera.take(page, "export-liste")
    page.get_by_role("link", name="le rapporter ici").click()
    camera.take(page, "export-rapporter", sizes=((1280, 440, 480),))  # above what the browser says in English


def team(camera: Camera) -> None:
    """equipe: who is in it, an invitation, rights, portfolios, a departure."""
    page = camera.visit("claire")
    page.get_by_role("link", name="Équipe").click()
    camera.take(page, "equipe-liste", sizes=BOTH)
    here = page.url
    page.get_by_role("button", name="Inviter une personne").click()
    page.get_by_label("Adresse électronique professionnelle").fill("tom.durand@cabinet-delorme.example")
    page.get_by_label("Employeurs").select_option("Gérer")
    camera.take(page, "equipe-inviter")
    stranger = camera.visit()
    stranger.goto(camera.demo.mails.link(INVITED, "lea.petit@cabinet-delorme.example"))
    camera.take(stranger, "equipe-rejoindre", sizes=BOTH)
    page.goto(here)
    page.get_by_role("main").get_by_role("link", name="Inès Caron").click()
    camera.take(page, "equipe-membre")
    page.get_by_role("button", name="Modifier les droits").click()
    camera.take(page, "equipe-droits")
    page.get_by_role("link", name="Changer : Employeurs").click()
    camera.take(page, "equipe-services")
    page.goto(here)
    page.get_by_role("main").get_by_role("link", name="Samir Haddad").click()
    page.get_by_role("button", name="Retirer de l'équipe").click()
    page.get_by_label("Qui reprend").select_option("Julie Marchand")
    camera.take(page, "equipe-depart")
    page.goto(here)
    page.get_by_role("button", name="Portefeuilles").click()
    camera.take(page, "equipe-portefeuilles")
    page.get_by_role("main").get_by_role("link", name="Indépendants", exact=True).click()
    camera.take(page, "equipe-portefeuille")


def journal(camera: Camera) -> None:
    """journal: who did what, and its proof."""
    page = camera.visit("claire")
    page.get_by_role("link", name="Tout le journal").click()
    # Debian's Chromium speaks English only: the date fields as they are in a browser that speaks French.
    page.evaluate(
        "document.querySelectorAll('[type=date]')"
        ".forEach(e => { [e.type, e.size, e.value] = ['text', 12, 'jj/mm/aaaa'] })"
    )
    camera.take(page, "journal-liste", sizes=BOTH)
    page.get_by_role("button", name="Exporter").click()
    camera.take(page, "journal-exporter")


def office(camera: Camera) -> None:
    """organisme: an agent's day."""
    page = camera.visit()
    page.goto("/connexion/")
    person = camera.demo.people["odile"]
    browsing.sign_in(page, person.identifier, person.password)
    _add_application(page)
    page.goto("/organisme/")
    camera.take(page, "organisme-a-traiter", sizes=BOTH)
    page.get_by_role("link", name="à admettre").click()
    page.get_by_role("link", name="Fiduciaire Lenoir").click()
    camera.take(page, "organisme-cabinet")
    _find(page, camera.demo.cases[1][0].number)
    page.get_by_role("link", name=camera.demo.cases[1][0].name).first.click()
    camera.take(page, "organisme-compte")
    page.get_by_role("button", name="Envoyer un code").click()
    page.get_by_label("Lettre").check()
    camera.take(page, "organisme-code")
    page.get_by_role("button", name="Envoyer le code").click()
    _find(page, "hélène")
    page.get_by_role("link", name="Hélène Lenoir").click()
    camera.take(page, "organisme-personne")
    for section in ("Lettres", "Catalogue", "Forfaits"):
        page.get_by_role("navigation").get_by_role("link", name=section).click()
        camera.take(page, f"organisme-{section.lower()}")


def _find(page: Page, words: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Chercher").click()
    page.get_by_label("Compte, cabinet ou personne").fill(words)
    page.get_by_role("main").get_by_role("button", name="Chercher").click()


SUBJECTS: dict[str, Callable[[Camera], None]] = {
    "ouvrir-un-espace": open_a_firm,
    "ajouter-un-client": add_a_client,
    "espace-du-client": client_space,
    "en-nombre": add_many,
    "gerer-ses-clients": manage,
    "modeles": templates,
    "export": export,
    "equipe": team,
    "journal": journal,
    "organisme": office,
    "se-connecter": sign_in,
}
