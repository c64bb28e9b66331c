"""Reading files in the process that is shut in: what harms is refused, what is only untidy is read."""

import json
import resource
import subprocess
import sys
from typing import Any

import pytest

from portefeuille.identifiers import nir
from portefeuille.imports import opening, reading
from portefeuille.imports.grids import LONGEST_CELL, LOST, MOST_ROWS, Refused, Why
from portefeuille.imports.headings import Column
from portefeuille.imports.opening import SENTENCES, About, opened
from tests.imports import hostile
from tests.imports.files import csv_text, ods, packed, sheet, xlsx, xlsx_parts
from tests.imports.hostile import HEAD, READ, ROW, TABLE

PART = 8


def read(content: bytes) -> tuple[About, list[tuple[int, list[str]]]]:
    with opened(content) as (about, rows):
        return about, [(line, cells) for line, cells in rows]


def what_comes_of(content: bytes) -> str:
    try:
        read(content)
    except Refused as refused:
        return str(refused.why)
    return READ


def cells(content: bytes) -> list[list[str]]:
    return [row for _, row in read(content)[1]]


def test_the_corpus_is_as_large_as_we_say() -> None:
    names = [name for name, _, _ in hostile.every()]
    assert len(names) == len(set(names)) >= 300


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PART))
def test_no_hostile_file_does_more_than_it_may(part: int) -> None:
    """A refusal that is ours, or rows: never another exception here, and never more memory than the limit there."""
    for number, (name, content, allowed) in enumerate(hostile.every()):
        if number % PART == part:
            assert what_comes_of(content) in allowed, name
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < 600 * 1024 * 1024


def test_every_refusal_is_told_in_french() -> None:
    assert set(SENTENCES) == set(Why)
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
        assert all(len(part.split()) <= 20 for part in sentence.split("."))


def inside(statement: str) -> Any:
    """What a statement says in a process that is shut in as the reading is."""
    program = f"from portefeuille.imports.reading import shut_in; shut_in()\nimport json, sys\n{statement}"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, env={}, cwd="/", check=False)
    return done.returncode, done.stdout.decode().strip()


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.create_connection(('127.0.0.1', 1))",
        "open('/etc/passwd').read()",
        "open('/tmp/x', 'w')",
        "import os; os.pipe()",
        "bytearray(700 * 1024 * 1024)",
    ],
)
def test_the_process_can_open_nothing_nor_grow(attempt: str) -> None:
    code, said = inside(
        f"try:\n    {attempt}\nexcept (OSError, MemoryError, ImportError):\n    print('no')\nelse:\n    print('yes')"
    )
    assert (code, said) == (0, "no")


def test_the_process_has_no_secret_in_its_surroundings() -> None:
    done = subprocess.run(
        [*opening._COMMAND[:2], "-c", "import os; print(len(os.environ))"], capture_output=True, env={}, check=True
    )
    assert int(done.stdout) <= 1  # LC_CTYPE, which Python sets itself


def test_it_knows_neither_django_nor_the_database() -> None:
    _, said = inside("print(sorted(name for name in sys.modules if name.split('.')[0] in ('django', 'psycopg')))")
    assert said == "[]"


@pytest.mark.parametrize(
    "program",
    [
        "pass",
        "print('bonjour')",
        "print('{}'); import sys; sys.stdout.flush(); import os; os.abort()",
        "import os; os.kill(os.getpid(), 9)",
        "print('[' * 100000)",
        "while True: print('[1, [\"x\"]]')",
        "import sys; sys.stdin.read(); sys.exit(3)",
    ],
)
def test_a_process_that_dies_or_talks_nonsense_is_a_refusal(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_COMMAND", [sys.executable, "-c", program])
    assert what_comes_of(b"Siren\r\n732829320\r\n") == Why.TOO_HEAVY


def test_a_process_that_never_answers_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_COMMAND", [sys.executable, "-c", "import signal; signal.pause()"])
    monkeypatch.setattr(opening, "WALL_SECONDS", 0.2)
    assert what_comes_of(b"Siren\r\n732829320\r\n") == Why.TOO_HEAVY


def test_a_process_that_stops_in_the_middle_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    about = json.dumps(
        {"kind": "csv", "sheet": "", "other_sheets": [], "encoding": "", "separator": ";", "named": True,
         "headings": ["Siren"], "proposed": ["siren"]}
    )  # fmt: skip
    monkeypatch.setattr(opening, "_COMMAND", [sys.executable, "-c", f"print('''{about}'''); print('[2, [\"x\"]]')"])
    assert what_comes_of(b"x") == Why.TOO_HEAVY


def test_who_sends_heavy_files_leaves_the_site_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_TURN_SECONDS", 0.01)
    with opened(xlsx(TABLE)), opened(xlsx(TABLE)):
        assert what_comes_of(xlsx(TABLE)) == Why.BUSY
    for refused in (b"%PDF", b"Siren\r\n", b"x" * (reading.MOST_BYTES + 1)):  # each gives its turn back
        for _ in range(3):
            assert what_comes_of(refused) not in (READ, Why.BUSY)
    assert what_comes_of(xlsx(TABLE)) == READ


def test_nothing_over_the_limit_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_COMMAND", ["/nowhere"])
    assert what_comes_of(b"x" * (reading.MOST_BYTES + 1)) == Why.TOO_LARGE


def test_as_many_rows_as_we_say_and_no_more() -> None:
    for number in (1, 39, 40, 41, 1000):
        assert len(read(b"Siren\r\n" + b"1\r\n" * number)[1]) == number
    assert len(read(b"Siren\r\n" + b"1\r\n" * MOST_ROWS)[1]) == MOST_ROWS
    assert what_comes_of(b"Siren\r\n" + b"1\r\n" * (MOST_ROWS + 1)) == Why.TOO_MANY_ROWS


# --- what is only untidy ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman", "cp850"],
)
def test_any_encoding(encoding: str) -> None:
    rows = [["Siren", "Société", "Échéance"], ["732829320", "Œuvrard & Fils, à Château-l'Évêque", "1 234,56 €"]]
    if encoding in ("mac_roman", "cp850"):
        rows[1][1:] = ["Régime général, à Château-l'Évêque", "1234,56"]
    about, found = read(csv_text(rows).encode(encoding))
    assert list(about.headings) == rows[0]
    assert found == [(2, rows[1])]


@pytest.mark.parametrize("spoilt", [b"552100554;Mart\xe9n\n", b"552100554;No\xc3"], ids=["a byte", "a cut"])
def test_a_spoilt_byte_costs_its_own_cell_only(spoilt: bytes) -> None:
    about, found = read("Siren;Société\n732829320;Noël, Cité\n".encode() + spoilt)
    assert list(about.headings) == ["Siren", "Société"]
    assert [row[0] for _, row in found] == ["732829320", "552100554"]
    assert found[0][1][1] == "Noël, Cité"


@pytest.mark.parametrize("declared", ['sep="', "sep=", "sep=\r"])
def test_a_separator_that_cannot_be_one_is_found_all_the_same(declared: str) -> None:
    about, found = read(f"{declared}\r\nSiren;Nom\r\n732829320;Noël\r\n".encode())
    assert about.separator == ";"
    assert found[-1][1] == ["732829320", "Noël"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="005520176"', "005520176"),  # what other software writes to keep the zeros
        ("'005520176", "005520176"),
        ("'=2+2", "=2+2"),
        ("'% Est", "% Est"),
        ("'l'Est", "'l'Est"),
        ('="a"&"b"', '="a"&"b"'),
    ],
)
def test_marks_that_only_keep_a_cell_as_it_is(cell: str, text: str) -> None:
    assert cells(f"Siren;Groupe\n732829320;{cell}\n".encode()) == [["732829320", text]]


@pytest.mark.parametrize("separator", list(";\t,|"))
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_line_end(separator: str, end: str) -> None:
    rows = [["Siren", "Nom", "Montant"], ["732829320", "Noël", "1234.56"], ["404833048", "", "7"]]
    about, found = read(csv_text(rows, separator, end).encode())
    assert about.separator == separator
    assert found == [(2, rows[1]), (3, rows[2])]


def test_amounts_with_commas_do_not_pass_for_separators() -> None:
    about, found = read(b"Siren;Montant\n732829320;1 234,56\n404833048;12,5\n")
    assert about.separator == ";"
    assert found[0][1] == ["732829320", "1 234,56"]


def test_columns_that_blanks_keep_apart() -> None:
    text = "NOM                 SIREN        MONTANT\n" + "Noël et fils        732 829 320  1 234,56\n" * 3
    about, found = read((text + "Total                               3\n").encode())
    assert list(about.headings) == ["NOM", "SIREN", "MONTANT"]
    assert found[0][1] == ["Noël et fils", "732 829 320", "1 234,56"]
    assert cells(b"Siren,  Nom,  Montant\n732829320,  x,  1\n") == [["732829320", "x", "1"]]


def test_a_line_number_is_the_one_that_a_spreadsheet_shows() -> None:
    text = 'Clients;\n\nSiren;Note\n732829320;"sur\ndeux lignes"\n\n404833048;x\n'
    assert [line for line, _ in read(text.encode())[1]] == [4, 6]
    assert [line for line, _ in read(b"sep=;\n" + text.encode())[1]] == [4, 6]


def test_an_open_quote_does_not_swallow_clients() -> None:
    text = 'Siren;Nom\n732829320;"Œuvrard\n404833048;Martin\n552100554;Noël\n'
    assert [row[0] for row in cells(text.encode())] == ["732829320", "404833048", "552100554"]


def test_titles_above_the_headings_are_left_out() -> None:
    for make in (lambda rows: csv_text(rows).encode(), xlsx, ods):
        about, found = read(make([["Clients de paie", "", ""], ["", "", ""], ["au 12/10", "", ""], HEAD, ROW]))
        assert about.named
        assert list(about.headings) == HEAD
        assert found == [(5, ROW)]


def test_a_title_of_one_cell_is_no_heading() -> None:
    about, found = read(csv_text([["Nos clients au 1er novembre"], ["Nom", "Ville"], ["Noël", "Reims"]]).encode())
    assert list(about.headings) == ["Nom", "Ville"]
    assert found == [(3, ["Noël", "Reims"])]


def test_headings_on_two_lines_are_read_together() -> None:
    rows = [["Client", "", "Urssaf", "", "Remarque"], ["", "Siren", "Compte", "Montant"]]
    about, _ = read(csv_text([*rows, ["Noël", "732829320", "117000001234567890", "12,50", "rien"]]).encode())
    assert list(about.headings) == ["Client", "Siren", "Compte", "Montant", "Remarque"]


def test_a_title_above_a_column_without_heading_is_not_its_heading() -> None:
    about, _ = read(csv_text([["Cotisations 2026"], ["", "Siren", "Compte"], ["x", "732829320", "1"]]).encode())
    assert list(about.headings) == ["", "Siren", "Compte"]


def test_headings_that_come_again_on_each_page_are_left_out() -> None:
    rows = [["Siren", "Montant"], ["732829320", "12,50"], ["Siren", "Montant"], ["404833048", "7,00"]]
    assert [line for line, _ in read(csv_text(rows).encode())[1]] == [2, 4]


def test_a_number_that_a_program_kept_as_text() -> None:
    text = 'Siren,Compte\n="032829320","=""0117"""\n=2+3,=""\n'
    assert cells(text.encode()) == [["032829320", "0117"], ["=2+3", ""]]


def test_without_headings_the_values_tell() -> None:
    rows = [
        ["732829320", "1820375123456" + nir.key("1820375123456"), "827000007654321098", "12,50"],
        ["404833048", "2910675123451" + nir.key("2910675123451"), "827000007654321099", "1 000,00"],
    ]
    about, found = read(csv_text(rows).encode())
    assert not about.named
    assert about.proposed == (Column.SIREN, Column.NIR, Column.ACCOUNT, Column.AMOUNT)
    assert len(found) == 2


def test_the_sheet_of_clients_is_found_among_others() -> None:
    book = packed(
        xlsx_parts(
            {"Lisez-moi": sheet([["Bonjour"]]), "Base": sheet(TABLE), "Vieux": sheet([["x", "y"]]), "Z": sheet(TABLE)},
            hidden=["Z"],
        )
    )
    about, found = read(book)
    assert (about.sheet, about.other_sheets) == ("Base", ("Lisez-moi", "Vieux"))
    assert found == [(2, ROW)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (73282932000074.0, "73282932000074"),
        (732829320, "732829320"),
        (5880596, "5880596"),
        (1234.5, "1234.5"),
        (1234.5600000000002, "1234.56"),
        (0.1 + 0.2, "0.3"),
        (117000001234567890, LOST + "117000001234567888"),
        (1.17000001234568e17, LOST + "117000001234568000"),
        (-5, "-5"),
        ("date:46310", "2026-10-15"),
        ("\u00a0732\u202f829 320 ", "732\u202f829 320"),
        ("'0117", "0117"),
        ("=1+1", "=1+1"),
        ("x" * 600, "x" * LONGEST_CELL),
    ],
)
def test_what_a_cell_of_a_workbook_becomes(value: Any, text: str) -> None:
    assert cells(xlsx([HEAD, [value, "y"]]))[0][0] == text
    if not str(value).startswith("date:"):
        assert cells(ods([HEAD, [value, "y"]]))[0][0] == text


def test_a_merge_stands_for_each_of_its_rows() -> None:
    rows = [["Portefeuille", "Siren"], ["Paie", "732829320"], [None, "404833048"], [None, "552100554"], ["", "1"]]
    found = cells(xlsx(rows, after='<mergeCells><mergeCell ref="A2:A4"/></mergeCells>'))
    assert [row[0] for row in found] == ["Paie", "Paie", "Paie", ""]


def test_columns_a_sheet_begins_late() -> None:
    about, found = read(xlsx([[None, None, *HEAD], [None, None, *ROW]], first=4))
    assert list(about.headings) == HEAD
    assert found == [(5, ROW)]
