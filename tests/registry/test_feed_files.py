"""Whole files: encodings, headers, compression, broken quoting; one wrong line in a hundred, and repeats."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portefeuille.registry.feeds import FeedReport, load
from portefeuille.registry.feeds import loading as loading_module
from portefeuille.registry.models import Account, Company
from tests.registry.files import Rows, check_quietly, load_quietly, refusals, right_files, siren, write

pytestmark = pytest.mark.django_db

HEADER = "siren,denomination,categorie_juridique,naf,date_creation,date_cessation,courriel"


def lines(number: int) -> list[str]:
    return [f"{siren(rank)},Nom {rank},,,,," for rank in range(number)]


def one_file(folder: Path, content: str | bytes, name: str = "entreprises.csv") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def only(report: FeedReport) -> Any:
    (file,) = report.files
    return file


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.replace("\n", "\n\n").encode(),
        lambda text: text.replace("Nom", '"Nom"').encode(),
    ],
    ids=["plain", "byte order mark", "CRLF", "no end of line at the end", "blank lines", "quoted"],
)
def test_the_same_text_in_other_clothes(encode: Callable[[str], bytes], tmp_path: Path) -> None:
    text = "\n".join([HEADER, *(f"{siren(rank)},Nom,,,,," for rank in range(3))]) + "\n"
    report = load_quietly(one_file(tmp_path / "feed", encode(text)))
    assert only(report).inserted == 3, refusals(report)
    assert set(Company.objects.values_list("name", flat=True)) == {"Nom"}


def test_columns_in_another_order_and_columns_beyond(tmp_path: Path) -> None:
    header = "remarque,denomination,siren,categorie_juridique,naf,date_creation,date_cessation,courriel"
    report = load_quietly(one_file(tmp_path / "feed", f"{header}\nx,Nom,{siren(1)},,,,,\n"))
    assert (only(report).inserted, only(report).ignored_columns) == (1, ("remarque",))


def test_a_compressed_file(tmp_path: Path) -> None:
    content = gzip.compress("\n".join([HEADER, *lines(3)]).encode())
    report = load_quietly(one_file(tmp_path / "feed", content, "entreprises.csv.gz"))
    assert (only(report).name, only(report).inserted) == ("entreprises.csv.gz", 3)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "vide"),
        ("\n", "vide"),
        ("\x00", "UTF-8"),
        ("\n".join(lines(3)), "siren"),
        (HEADER.replace(",", ";") + "\n", "virgules"),
        (HEADER.replace(",", "\t") + "\n", "virgules"),
        (HEADER + "\r" + "\r".join(lines(3)), "CR seul"),
        (HEADER.replace("naf,", "") + "\n", "naf"),
        (HEADER + ",siren\n", "deux fois"),
        (HEADER.upper() + "\n", "siren"),
        ((HEADER + "\n").encode("utf-16"), "UTF-8"),
        ('"' + HEADER + "\n", "illisible"),
    ],
)
def test_a_file_without_its_header_is_refused_whole(content: str | bytes, told: str, tmp_path: Path) -> None:
    report = load_quietly(one_file(tmp_path / "feed", content))
    assert told in only(report).refusal
    assert not report.is_accepted
    assert not Company.objects.exists()
    assert [(row[0], row[1]) for row in refusals(report)] == [("entreprises.csv", "")]


@pytest.mark.parametrize("cut", [lambda b: b[:-20], lambda b: b"not gzip", lambda b: b[:30] + b"\xff" * 20 + b[50:]])
def test_a_damaged_compressed_file_is_refused_whole(cut: Callable[[bytes], bytes], tmp_path: Path) -> None:
    content = cut(gzip.compress("\n".join([HEADER, *lines(5000)]).encode()))
    report = load_quietly(one_file(tmp_path / "feed", content, "entreprises.csv.gz"))
    assert "abîmé" in only(report).refusal
    assert not Company.objects.exists()


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    one_file(tmp_path / "feed", HEADER)
    one_file(tmp_path / "feed", gzip.compress(HEADER.encode()), "entreprises.csv.gz")
    assert "Gardez-en un" in only(load_quietly(tmp_path / "feed")).refusal


def test_a_folder_with_nothing_for_us(tmp_path: Path) -> None:
    assert load(tmp_path / "nowhere", print).problem == loading_module.NO_FOLDER
    assert load(tmp_path, print).problem == loading_module.NOTHING_FOUND
    assert not check_quietly(tmp_path).is_clean


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (f"{siren(900)},Nom,,,,", ""),
        (f"{siren(900)},Nom,,,,,,", ""),
        (f'{siren(900)},"Nom,,,,,', ""),
        (f'{siren(900)},"Nom" suite,,,,,', ""),
        (f"{siren(900)},{'x' * 20_000},,,,,", ""),
        (f"{siren(900)},{'x' * 500},,,,,", "denomination"),
        (f"{siren(900)},a\x00b,,,,,", "denomination"),
        (f"{siren(900)},a\rb,,,,,", "denomination"),
        (f"{siren(900)},,,,,,", "denomination"),
    ],
    ids=[
        "too few cells",
        "too many",
        "open quote",
        "text after a quote",
        "huge line",
        "long",
        "NUL",
        "lone CR",
        "empty",
    ],
)
def test_a_broken_line_costs_that_line_only(line: str, column: str, tmp_path: Path) -> None:
    content = "\n".join([HEADER, *lines(100), line, *lines(250)[100:]])
    report = load_quietly(one_file(tmp_path / "feed", content))
    assert [(row[1], row[2]) for row in refusals(report)] == [("102", column)]
    assert (only(report).lines, only(report).inserted, only(report).refused) == (251, 250, 1)
    assert report.is_accepted
    assert not report.is_clean


def test_a_line_that_is_not_utf8_costs_that_line_only(tmp_path: Path) -> None:
    content = "\n".join([HEADER, *lines(200)]).encode().replace(b"Nom 7,", b"No\xe9l,")
    report = load_quietly(one_file(tmp_path / "feed", content))
    assert [(row[1], row[2]) for row in refusals(report)] == [("9", "denomination")]
    assert "UTF-8" in refusals(report)[0][3]


def test_a_quotation_mark_inside_a_cell_is_text(tmp_path: Path) -> None:
    load_quietly(
        one_file(tmp_path / "feed", f'{HEADER}\n{siren(1)},SARL "Le Coin",,,,,\n{siren(2)},"a ""b"", c",,,,,\n')
    )
    assert set(Company.objects.values_list("name", flat=True)) == {'SARL "Le Coin"', 'a "b", c'}


@pytest.mark.parametrize(
    ("wrong", "total", "accepted"), [(1, 100, True), (2, 200, True), (2, 199, False), (1, 99, False)]
)
def test_one_line_in_a_hundred_may_be_wrong(wrong: int, total: int, accepted: bool, tmp_path: Path) -> None:
    content = "\n".join([HEADER, *lines(total - wrong), *(["x,,,,,,"] * wrong)])
    report = load_quietly(one_file(tmp_path / "feed", content))
    assert report.is_accepted == accepted
    assert only(report).refused == wrong
    assert Company.objects.count() == (total - wrong if accepted else 0)
    assert only(report).inserted == (total - wrong if accepted else 0)


def test_the_first_of_two_lines_with_one_key_stays(tmp_path: Path) -> None:
    content = "\n".join([HEADER, *lines(150), f"{siren(3)},Autre,,,,,"])
    report = load_quietly(one_file(tmp_path / "feed", content))
    assert [(row[1], row[2]) for row in refusals(report)] == [("152", "siren")]
    assert Company.objects.get(siren=siren(3)).name == "Nom 3"


def test_two_writings_of_one_account_number_are_one_key(files: dict[str, Rows], tmp_path: Path) -> None:
    files["comptes"].append(files["comptes"][0] | {"numero_compte": "117000001234567"})
    files["justificatifs"].append(files["justificatifs"][0] | {"numero_compte": "0117000001234567"})
    report = check_quietly(write(tmp_path / "feed", files))
    told = {(row[0], row[1], row[2]) for row in refusals(report) if row[1]}
    assert ("comptes.csv", "6", "numero_compte") in told
    # comptes.csv is refused whole (one line of five), so its accounts are not there for the facts.
    assert ("justificatifs.csv", "7", "numero_compte") in told


def test_a_refused_file_does_not_undo_the_others(files: dict[str, Rows], tmp_path: Path) -> None:
    files["etablissements"][0]["siege"] = "oui"
    report = load_quietly(write(tmp_path / "feed", files))
    refused = {file.name for file in report.files if file.refusal}
    assert refused == {"etablissements.csv"}
    assert Company.objects.count() == 1
    assert Account.objects.count() == 4


def test_a_check_leaves_the_register_as_it_is(files: dict[str, Rows], tmp_path: Path) -> None:
    told: list[str] = []
    folder = write(tmp_path / "feed", files)
    report = check_quietly(folder)
    assert report.is_clean
    assert report.rejects is None
    assert not (folder / "rejects.csv").exists()
    assert [file.lines for file in report.files] == [1, 1, 2, 4, 5]
    assert not Company.objects.exists()
    assert not Account.objects.exists()
    assert told == []


def test_a_check_looks_for_accounts_in_the_register_too(loaded: Path, files: dict[str, Rows], tmp_path: Path) -> None:
    facts = {"justificatifs": files["justificatifs"]}
    assert check_quietly(write(tmp_path / "facts", facts)).is_clean


def test_a_check_needs_no_key(files: dict[str, Rows], tmp_path: Path, settings: Any) -> None:
    settings.FACT_KEYS = {}
    assert check_quietly(write(tmp_path / "feed", files)).is_clean


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    load(write(tmp_path / "feed", right_files()), told.append, rejects=tmp_path)
    assert [text.split("\u202f:")[0] for text in told] == [
        "forfaits.csv",
        "entreprises.csv",
        "etablissements.csv",
        "comptes.csv",
        "justificatifs.csv",
    ]
    assert all("par seconde" in text for text in told)
