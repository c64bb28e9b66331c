"""INSEE's stock files: what is taken of them, and the names that are kept out."""

import csv
import gzip
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from portefeuille.registry import queries
from portefeuille.registry.feeds import FeedReport, load_sirene
from portefeuille.registry.models import Company, Establishment, Touched
from tests.registry.files import EMPLOYER, OFFICE, SHOP, load_quietly, refusals, right_files, siren, touched, write

pytestmark = pytest.mark.django_db

PERSON, PERSON_OFFICE = "404833048", "40483304800022"


def companies() -> list[dict[str, str]]:
    company = {
        "siren": EMPLOYER, "statutDiffusionUniteLegale": "O", "unitePurgeeUniteLegale": "",
        "dateCreationUniteLegale": "2001-02-03", "sigleUniteLegale": "LO", "prenom1UniteLegale": "",
        "prenomUsuelUniteLegale": "", "etatAdministratifUniteLegale": "A", "nomUniteLegale": "",
        "nomUsageUniteLegale": "", "denominationUniteLegale": "L'ŒUVRE D'ÉLOÏSE",
        "categorieJuridiqueUniteLegale": "5499", "activitePrincipaleUniteLegale": "62.01Z", "dateDebut": "2015-01-01",
    }  # fmt: skip
    person = company | {
        "siren": PERSON, "denominationUniteLegale": "", "nomUniteLegale": "MARTIN", "nomUsageUniteLegale": "L'HÔTE",
        "prenomUsuelUniteLegale": "ÉLODIE", "etatAdministratifUniteLegale": "C", "dateDebut": "2024-05-06",
    }  # fmt: skip
    return [company, person]


def establishments() -> list[dict[str, str]]:
    office = {
        "siren": EMPLOYER, "nic": "00074", "siret": OFFICE, "statutDiffusionEtablissement": "O",
        "dateCreationEtablissement": "2001-02-03", "etablissementSiege": "true", "numeroVoieEtablissement": "1",
        "typeVoieEtablissement": "RUE", "libelleVoieEtablissement": "GAMBETTA", "codePostalEtablissement": "24420",
        "libelleCommuneEtablissement": "SAVIGNAC-LES-EGLISES", "dateDebut": "2015-01-01",
        "etatAdministratifEtablissement": "A", "enseigne1Etablissement": "L'ATELIER",
        "denominationUsuelleEtablissement": "", "activitePrincipaleEtablissement": "62.01Z",
    }  # fmt: skip
    shop = office | {"siret": SHOP, "nic": "00082", "etablissementSiege": "false", "dateDebut": "2023-01-02",
                     "etatAdministratifEtablissement": "F"}  # fmt: skip
    person = office | {"siren": PERSON, "siret": PERSON_OFFICE, "nic": "00022", "enseigne1Etablissement": "",
                       "denominationUsuelleEtablissement": "CHEZ ÉLODIE"}  # fmt: skip
    return [office, shop, person]


def published(folder: Path, ending: str = ".csv", **changed: Any) -> Path:
    folder.mkdir(exist_ok=True)
    tables = {"StockUniteLegale_utf8": companies(), "StockEtablissement_utf8": establishments()}
    for name, rows in (tables | changed).items():
        plain = folder / f"{name}.csv"
        with plain.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        if ending == ".zip":
            with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(plain, plain.name)
        elif ending == ".parquet":
            pyarrow.parquet.write_table(typed(rows), folder / f"{name}.parquet", compression="zstd")
        elif ending == ".csv.gz":
            (folder / f"{name}.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
        if ending != ".csv":
            plain.unlink()
    return folder


def typed(rows: list[dict[str, str]]) -> pyarrow.Table:
    """As INSEE types them: days, moments and truths are not texts, and what is missing is null."""
    table = pyarrow.Table.from_pylist([{name: value or None for name, value in row.items()} for row in rows])
    for rank, name in enumerate(table.column_names):
        kind = pyarrow.string()
        if name.startswith("date"):
            kind = pyarrow.timestamp("us") if name == "dateDebut" else pyarrow.date32()
        elif name == "etablissementSiege":
            kind = pyarrow.bool_()
        column = table.column(name)
        if pyarrow.types.is_timestamp(kind):
            column = column.cast(pyarrow.date32())
        table = table.set_column(rank, name, column.cast(kind))
    return table


def load(folder: Path) -> FeedReport:
    return load_sirene(folder, lambda _line: None, rejects=folder)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".zip", ".parquet"])
def test_the_files_are_read_as_they_are_published(tmp_path: Path, ending: str) -> None:
    report = load(published(tmp_path / "stock", ending))
    assert report.is_clean
    assert [(file.inserted, file.changed) for file in report.files] == [(2, 0), (3, 0)]
    company, person = Company.objects.order_by("-siren")
    assert (company.name, company.legal_category, company.naf) == ("L'ŒUVRE D'ÉLOÏSE", "5499", "62.01Z")
    assert (str(company.created_on), company.ceased_on) == ("2001-02-03", None)
    assert (person.name, str(person.ceased_on)) == ("ÉLODIE L'HÔTE", "2024-05-06")
    office, shop = Establishment.objects.filter(siren=EMPLOYER).order_by("siret")
    assert (office.sign, office.address, office.town) == ("L'ATELIER", "1 RUE GAMBETTA", "SAVIGNAC-LES-EGLISES")
    assert (office.is_head_office, office.closed_on) == (True, None)
    assert (shop.is_head_office, str(shop.closed_on)) == (False, "2023-01-02")
    assert Establishment.objects.get(siren=PERSON).sign == "CHEZ ÉLODIE"


def test_loading_twice_changes_nothing(tmp_path: Path) -> None:
    folder = published(tmp_path / "stock")
    load(folder)
    report = load(folder)
    assert [(file.inserted, file.changed, file.same) for file in report.files] == [(0, 0, 2), (0, 0, 3)]


@pytest.mark.parametrize("status", ["P", "N"])
def test_who_asked_not_to_be_published_has_no_name_here_nor_keeps_one(tmp_path: Path, status: str) -> None:
    load_quietly(write(tmp_path / "feed", right_files()))  # accounts, so that somebody may have to follow
    load(published(tmp_path / "before"))
    Touched.objects.all().delete()
    hidden = [row | {"statutDiffusionUniteLegale": status} for row in companies()]
    closed = [row | {"statutDiffusionEtablissement": status} for row in establishments()]
    load(published(tmp_path / "after", StockUniteLegale_utf8=hidden, StockEtablissement_utf8=closed))
    assert touched() == ({EMPLOYER, PERSON}, set())
    assert set(Company.objects.values_list("name", flat=True)) == {""}
    assert set(Establishment.objects.values_list("sign", "address", "postcode", "town")) == {("", "", "", "")}
    assert not queries.company_name(PERSON)


def test_masked_cells_are_no_names(tmp_path: Path) -> None:
    masked = [row | {"nomUniteLegale": "[ND]", "nomUsageUniteLegale": "", "prenomUsuelUniteLegale": "[ND]",
                     "dateCreationUniteLegale": "[ND]"} for row in companies()[1:]]  # fmt: skip
    load(published(tmp_path / "stock", StockUniteLegale_utf8=masked))
    person = Company.objects.get(siren=PERSON)
    assert (person.name, person.created_on) == ("", None)


def test_the_bodys_own_addresses_stay(tmp_path: Path) -> None:
    load_quietly(write(tmp_path / "feed", right_files()))
    load(published(tmp_path / "stock"))
    assert Company.objects.get(siren=EMPLOYER).email == "contact@example.org"
    assert Company.objects.get(siren=EMPLOYER).name == "L'ŒUVRE D'ÉLOÏSE"


def test_what_cannot_be_read_is_refused_with_a_word(tmp_path: Path) -> None:
    folder = tmp_path / "stock"
    folder.mkdir()
    assert "StockUniteLegale_utf8" in load(folder).problem
    (folder / "StockUniteLegale_utf8.parquet").write_bytes(b"PAR1")
    (folder / "StockEtablissement_utf8.zip").write_bytes(b"PK\x03\x04rien")
    first, second = load(folder).files
    assert first.refusal == "Le fichier Parquet est abîmé ou incomplet."
    assert "abîmé" in second.refusal
    with zipfile.ZipFile(folder / "StockEtablissement_utf8.zip", "w") as archive:
        archive.writestr("lisez-moi.txt", "rien")
    assert "un fichier CSV, et un seul" in load(folder).files[1].refusal
    assert not Company.objects.exists()


def test_a_parquet_file_is_refused_and_read_line_by_line_as_the_csv(tmp_path: Path) -> None:
    """Many lines, of which some are wrong: the same refusals at the same lines."""
    many = [companies()[0] | {"siren": siren(rank)} for rank in range(300)]
    many[7]["siren"] = "123456789"
    many[299]["etatAdministratifUniteLegale"] = "Z"
    told = []
    for ending in (".csv", ".parquet"):
        folder = published(tmp_path / ending[1:], ending, StockUniteLegale_utf8=many)
        report = load(folder)
        assert report.files[0].refused == 2
        told.append([refusal[1:] for refusal in refusals(report)])
    assert told[0] == told[1]
    assert Company.objects.count() == 298


def test_a_parquet_file_that_lacks_a_column_or_ends_too_soon_changes_nothing(tmp_path: Path) -> None:
    lacking = [{name: value for name, value in row.items() if name != "dateDebut"} for row in companies()]
    folder = published(tmp_path / "stock", ".parquet", StockUniteLegale_utf8=lacking)
    broken = folder / "StockEtablissement_utf8.parquet"
    content = bytearray(broken.read_bytes())
    content[40:400] = bytes(360)
    broken.write_bytes(content)
    first, second = load(folder).files
    assert "La colonne dateDebut manque" in first.refusal
    assert second.refusal == "Le fichier Parquet est abîmé ou incomplet."
    assert not Company.objects.exists()
    assert not Establishment.objects.exists()


def test_without_pyarrow_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = published(tmp_path / "stock", ".parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert {file.refusal for file in load(folder).files} == {
        "Pour lire le format Parquet, installez pyarrow. Sinon, prenez le fichier CSV de la même publication."
    }


def _turned(archive: bytes, places: dict[bytes, int], value: int) -> bytes:
    turned = bytearray(archive)
    for mark, place in places.items():
        turned[turned.find(mark) + place] = value
    return bytes(turned)


def _locked(archive: bytes) -> bytes:
    return _turned(archive, {b"PK\1\2": 8, b"PK\3\4": 6}, 1)


def _as_windows_does(archive: bytes) -> bytes:
    """Deflate64, which Windows takes for files of several gigabytes."""
    return _turned(archive, {b"PK\1\2": 10, b"PK\3\4": 8}, 9)


def _spoilt(archive: bytes) -> bytes:
    at = len(archive) // 3
    return archive[:at] + bytes(byte ^ 255 for byte in archive[at : at + 40]) + archive[at + 40 :]


@pytest.mark.parametrize(
    ("method", "spoil", "told"),
    [
        (zipfile.ZIP_DEFLATED, _locked, "mot de passe"),
        (zipfile.ZIP_DEFLATED, _as_windows_does, "Décompressez-la"),
        (zipfile.ZIP_DEFLATED, _spoilt, "abîmé"),
        (zipfile.ZIP_LZMA, _spoilt, "abîmé"),
    ],
)
def test_an_archive_that_cannot_be_opened_is_told(
    tmp_path: Path, method: int, spoil: Callable[[bytes], bytes], told: str
) -> None:
    folder = published(tmp_path / "stock")
    plain = folder / "StockUniteLegale_utf8.csv"
    path = plain.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.write(plain, plain.name)
    plain.unlink()
    path.write_bytes(spoil(path.read_bytes()))
    of_companies, of_places = load(folder).files
    assert told in of_companies.refusal
    assert not of_places.refusal
    assert not Company.objects.exists()


def test_what_a_mac_adds_to_an_archive_is_passed_over(tmp_path: Path) -> None:
    folder = published(tmp_path / "stock", ".zip")
    with zipfile.ZipFile(folder / "StockUniteLegale_utf8.zip", "a") as archive:
        archive.writestr("__MACOSX/._StockUniteLegale_utf8.csv", b"Mac OS X")
    assert load(folder).is_clean


def with_sirens(folder: Path, values: pyarrow.Array) -> Path:
    table = typed(companies())
    table = table.set_column(table.column_names.index("siren"), "siren", values)
    pyarrow.parquet.write_table(table, folder / "StockUniteLegale_utf8.parquet")
    return folder


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (pyarrow.array([{"a": "x"}] * 2), "La colonne siren"),
        (pyarrow.array([["x"]] * 2), "La colonne siren"),
        (pyarrow.array([b"\xff"] * 2), "La colonne siren"),
        (pyarrow.array([5520176, 5520177]), "2 lignes refusées"),
    ],
)
def test_a_column_of_an_odd_type_is_told(tmp_path: Path, values: pyarrow.Array, told: str) -> None:
    folder = published(tmp_path / "stock", ".parquet")
    assert told in load(with_sirens(folder, values)).files[0].refusal
    assert not Company.objects.exists()


def test_a_parquet_file_of_something_else_is_told(tmp_path: Path) -> None:
    folder = published(tmp_path / "stock", ".parquet")
    pyarrow.parquet.write_table(pyarrow.table({"x": [1]}), folder / "StockUniteLegale_utf8.parquet")
    assert "aucune des colonnes attendues" in load(folder).files[0].refusal


@pytest.mark.parametrize("number", [int, float])
def test_numbers_that_are_numbers_are_read(tmp_path: Path, number: type) -> None:
    values = pyarrow.array([number(row["siren"]) for row in companies()])
    assert load(with_sirens(published(tmp_path / "stock", ".parquet"), values)).is_clean


def test_last_months_file_beside_this_months_is_told(tmp_path: Path) -> None:
    folder = published(published(tmp_path / "stock", ".zip"), ".parquet")
    report = load(folder)
    assert "StockUniteLegale_utf8.zip et StockUniteLegale_utf8.parquet. Gardez-en un." in report.problem
    assert not report.is_accepted
    assert not Company.objects.exists()
