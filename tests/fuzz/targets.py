"""What is fuzzed: every parser that reads what strangers sent. Each takes bytes and lets nothing out but a failure.

A refusal of ours is an answer; any other exception is a defect, and so is what the assertions say.
"""

import io
import json
import zipfile
from collections.abc import Callable, Mapping

from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments.folding import by_name
from portefeuille.identifiers import account_number, amount, designation, nir, siren, siret
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.imports import opening
from portefeuille.imports.delimited import read as read_text
from portefeuille.imports.grids import LONGEST_CELL, LOST, MOST_COLUMNS, Grid, Refused, with_headings
from portefeuille.imports.headings import Column, proposed, regime_words
from portefeuille.imports.lines import Faulty, Meaning, _read
from portefeuille.imports.reading import grid_of
from portefeuille.registry.feeds import sirene
from portefeuille.registry.feeds.reading import FileRefused, Table
from portefeuille.registry.feeds.schema import FEEDS
from tests.imports.files import csv_text, ods, xlsx, xlsx_parts
from tests.imports.hostile import TABLE
from tests.registry.files import right_files

_FEEDS = (*FEEDS, sirene.COMPANIES, sirene.ESTABLISHMENTS)
_EVERY_COLUMN = tuple(Column)
_MEANING = Meaning(_EVERY_COLUMN, 1, Selection(), by_name([("Employeurs", 1)]), by_name([("Complet", Selection())]))
_PARSERS: tuple[Callable[[str], object], ...] = (
    siren.parse,
    siret.parse,
    nir.parse,
    account_number.parse,
    designation.parse,
)
_OF_KIND: Mapping[designation.Kind, Callable[[str], str]] = {
    designation.Kind.SIREN: siren.parse,
    designation.Kind.SIRET: siret.parse,
    designation.Kind.PROVISIONAL_SIRET: siret.parse,
    designation.Kind.ACCOUNT_NUMBER: account_number.parse,
}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape" if data[:1] == b"\xed" else "replace")


def _grid(make: Callable[[bytes], Grid], data: bytes) -> None:
    try:
        found = with_headings(make(data))
        rows = list(found.rows)
    except Refused:
        return
    assert len(proposed(found.headings, [cells for _, cells in rows[:40]])) == len(found.headings)
    before = 0
    for line, cells in rows:
        assert line > before
        before = line
        assert len(cells) <= MOST_COLUMNS
        assert all(len(cell) <= LONGEST_CELL + len(LOST) for cell in cells)
    json.dumps(rows)


def delimited(data: bytes) -> None:
    _grid(read_text, data)


def reading(data: bytes) -> None:
    """A whole file, whatever it is."""
    _grid(grid_of, data)


def workbooks(data: bytes) -> None:
    """A sound archive with one part that is not: the first byte says which."""
    place, content = (data[0], data[1:]) if data else (0, b"")
    parts = xlsx_parts({"Clients": "<worksheet/>"})
    names = [*parts, "xl/sharedStrings.xml", "content.xml"]
    name = names[place % len(names)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        if name == "content.xml":
            archive.writestr(name, content)
        else:
            for one, held in {**parts, "xl/worksheets/sheet1.xml": _SHEET, name: content}.items():
                archive.writestr(one, held)
    _grid(grid_of, packed.getvalue())


_SHEET = xlsx_parts({"Clients": "<worksheet/>"})["xl/worksheets/sheet1.xml"]


def headings(data: bytes) -> None:
    rows = [line.split("\x1f") for line in _text(data).split("\n")]
    found = proposed(rows[0], rows[1:])
    named = [column for column in found if column]
    assert len(found) == len(rows[0])
    assert len(named) == len(set(named))
    assert regime_words(rows[0][0]) in (None, "RG", "AC", "PL", "PLR", "GM")


def lines(data: bytes) -> None:
    try:
        read = _read(_MEANING, _text(data).split("\x1f"))
    except Faulty:
        return
    assert read.account.isascii()
    assert read.account.isdigit()


def identifiers(data: bytes) -> None:
    """What a parser accepts is canonical: parsed again, it is itself."""
    text = _text(data)
    for parse in _PARSERS:
        try:
            value = parse(text)
        except Malformed:
            continue
        if isinstance(value, designation.Designation):  # its length may have told the kind: zeros before a number
            parse, value = _OF_KIND[value.kind], value.value
        assert str(value).isascii()
        assert parse(str(value)) == value


def amounts(data: bytes) -> None:
    try:
        value = amount.parse(_text(data))
    except Malformed:
        return
    assert value >= 0
    assert amount.parse(amount.canonical(value)) == value
    assert amount.parse(amount.show(value)) == value


def feeds(data: bytes) -> None:
    """Lines of one of the files of the register: the first byte says which, its header is right."""
    feed = _FEEDS[data[0] % len(_FEEDS)] if data else _FEEDS[0]
    header = ",".join(column.name for column in feed.columns).encode() + b"\n"
    raw = io.BytesIO((data[1:] if data[:1] > b"\x7f" else header + data[1:]) if data else b"")
    refused: list[tuple[int, str, str]] = []
    try:
        table = Table(io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="\n"), feed)
        blocks = list(table.blocks(100))
        rows = [row for block in blocks for row in table.rows(block, lambda *told: refused.append(told))]
    except FileRefused:
        return
    assert len(rows) + len(refused) == sum(map(len, blocks))
    assert len({len(row) for _, row in rows}) < 2
    assert all(sentence.endswith(".") for _, _, sentence in refused)


def child(data: bytes) -> None:
    """What the process that reads a file says, were it taken over by the file."""
    out = io.BytesIO(data)
    try:
        about = opening._about(opening._line(out))
        rows = list(opening._rows(out))
    except Refused:
        return
    assert len(about.headings) <= MOST_COLUMNS
    assert all(isinstance(line, int) and len(cells) <= MOST_COLUMNS for line, cells in rows)


#: Each with its share of a million executions.
TARGETS: Mapping[str, tuple[Callable[[bytes], None], int]] = {
    "identifiers": (identifiers, 250_000),
    "amounts": (amounts, 150_000),
    "headings": (headings, 100_000),
    "lines": (lines, 150_000),
    "delimited": (delimited, 120_000),
    "feeds": (feeds, 120_000),
    "child": (child, 50_000),
    "workbooks": (workbooks, 30_000),
    "reading": (reading, 30_000),
}


def seeds(target: str) -> list[bytes]:
    """What the fuzzer starts from: right input of each sort."""
    shown = ["732 829 320", "73282932000074", "1 82 03 75 123 456 91", "291062A00401233", "117000001234567890"]
    money = ["1 234,56 €", "1234.56", "1\u202f234,5", "0,00"]
    table = csv_text(TABLE)
    cells = "\x1f".join(["732829320", "", "117000001234567890", "RG", "1 234,56", "", "Employeurs", "complet"])
    sheet = str(xlsx_parts({"Clients": "<worksheet/>"})["xl/workbook.xml"])
    held: dict[str, list[str | bytes]] = {
        "identifiers": [*shown],
        "amounts": [*money],
        "headings": ["\n".join("\x1f".join(map(str, row)) for row in TABLE), "Siren\x1fN° compte\x1fMontant dû"],
        "lines": [cells, "\x1f".join(["7.32829320E+08", "", "1,17E+17", "PAM", "?12?345,00"])],
        "delimited": [table, table.encode("utf-16"), 'sep=|\r\na|"b\nc"|d\r\n', table.replace(";", "\t")],
        "feeds": [bytes([place]) + _feed_lines(place) for place in range(len(_FEEDS))],
        "child": [
            '{"kind":"csv","sheet":"","other_sheets":[],"encoding":"utf-8","separator":";","named":true,'
            '"headings":["Siren"],"proposed":["siren"]}\n[2,["732829320"]]\n[]\n',
            '{"refused":"empty"}\n',
        ],
        "workbooks": [bytes([place]) + sheet.encode() for place in range(8)],
        "reading": [xlsx(TABLE), ods(TABLE), table],
    }
    return [one.encode() if isinstance(one, str) else one for one in held[target]]


def _feed_lines(place: int) -> bytes:
    feed = _FEEDS[place]
    rows = right_files().get(feed.name, [])
    return "".join(",".join(row[column.name] for column in feed.columns) + "\n" for row in rows).encode()
