"""Folders of feeds with one right line of everything, to be broken one cell at a time."""

import csv
from pathlib import Path

from stdnum import luhn

from portefeuille.registry.feeds import FeedReport, check, load
from portefeuille.registry.models import Touched

Rows = list[dict[str, str]]

EMPLOYER, OFFICE, SHOP = "732829320", "73282932000074", "73282932000082"
EMPLOYER_ACCOUNT, SHOP_ACCOUNT, MANAGER_ACCOUNT, LIBERAL_ACCOUNT = (
    "000117000001234567",
    "117000001234568",
    "117000001234569",
    "117000001234570",
)
NIR = "295109912611193"


def right_files() -> dict[str, Rows]:
    """An employer with two establishments, its liberal owner, a gérant majoritaire."""
    company = {
        "siren": EMPLOYER, "denomination": "L'Œuvre d'Éloïse", "categorie_juridique": "5499", "naf": "62.01Z",
        "date_creation": "2001-02-03", "date_cessation": "", "courriel": "contact@example.org",
    }  # fmt: skip
    office = {
        "siret": OFFICE, "siren": EMPLOYER, "enseigne": "L'Atelier", "adresse": "1 rue Gambetta",
        "code_postal": "24420", "commune": "Savignac-les-Églises", "naf": "62.01Z", "siege": "1",
        "date_ouverture": "2001-02-03", "date_fermeture": "",
    }  # fmt: skip
    shop = office | {"siret": SHOP, "enseigne": "La Boutique", "commune": "Périgueux", "siege": "0"}
    account = {
        "numero_compte": EMPLOYER_ACCOUNT, "regime": "RG", "organisme": "727", "siren": EMPLOYER, "siret": OFFICE,
        "titulaire": "L'Œuvre d'Éloïse", "code_postal": "24420", "commune": "Savignac-les-Églises", "etat": "actif",
        "date_etat": "2020-01-01", "courriel": "paie@example.org",
    }  # fmt: skip
    manager = account | {
        "numero_compte": MANAGER_ACCOUNT, "regime": "GM", "siren": "", "siret": "", "titulaire": "Éloïse Lebœuf",
        "courriel": "",
    }  # fmt: skip
    liberal = account | {"numero_compte": LIBERAL_ACCOUNT, "regime": "PL", "etat": "radie", "courriel": ""}
    amount = {
        "numero_compte": EMPLOYER_ACCOUNT, "nature": "montant_declaration", "echeance": "2026-10-15",
        "valeur": "1234.56",
    }  # fmt: skip
    return {
        "forfaits": [{"montant": "1128.00", "libelle": "Forfait"}],
        "entreprises": [company],
        "etablissements": [office, shop],
        "comptes": [
            account,
            account | {"numero_compte": SHOP_ACCOUNT, "siret": SHOP, "etat": "suspendu", "courriel": ""},
            manager,
            liberal,
        ],
        "justificatifs": [
            amount,
            amount | {"echeance": "2026-09-15", "valeur": "987.65"},
            amount | {"numero_compte": SHOP_ACCOUNT, "echeance": "2026-10-05", "valeur": "55.10"},
            amount | {"numero_compte": MANAGER_ACCOUNT, "nature": "montant_premiere_echeance", "valeur": "321.09"},
            {"numero_compte": LIBERAL_ACCOUNT, "nature": "nir", "echeance": "", "valeur": NIR},
        ],
    }


def write(folder: Path, files: dict[str, Rows]) -> Path:
    """Each file of ``files`` as CSV; every row has the columns of the first."""
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def siren(rank: int) -> str:
    """A right Siren for each whole number."""
    base = f"{rank + 40_000_000:08d}"
    return base + luhn.calc_check_digit(base)


def touched() -> tuple[set[str], set[str]]:
    """The Sirens, and the numbers of accounts without one, that are noted to be followed."""
    noted = Touched.objects.values_list("siren", "account_number")
    return {siren for siren, _ in noted if siren}, {number for _, number in noted if number}


def load_quietly(folder: Path) -> FeedReport:
    """``load``, its refusals beside the files."""
    return load(folder, lambda text: None, rejects=folder)


def check_quietly(folder: Path) -> FeedReport:
    return check(folder, lambda text: None, rejects=folder)


def refusals(report: FeedReport) -> list[tuple[str, str, str, str]]:
    """File, line, column, reason."""
    if report.rejects is None:
        return []
    with report.rejects.open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1], row[2], row[3]) for row in list(csv.reader(file))[1:]]
