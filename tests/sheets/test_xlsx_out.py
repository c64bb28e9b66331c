"""XLSX whose every cell is text, written while it is read."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from portefeuille.sheets.xlsx_out import LONGEST_CELL, xlsx_file
from tests.sheets.payloads import FORMULAS, HARMLESS

_NS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def cells_of(file: bytes) -> list[list[str]]:
    """The sheet as text. A cell of any other type, or with a formula, fails."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))  # noqa: S314 - of our own making
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    assert sheet.find(".//s:f", _NS) is None
    found = []
    for row in sheet.iterfind("s:sheetData/s:row", _NS):
        cells = []
        for cell in row.iterfind("s:c", _NS):
            text = cell.find("s:is/s:t", _NS)
            assert text is None or cell.get("t") == "inlineStr"
            cells.append("" if text is None else text.text or "")
        found.append(cells)
    return found


def made(rows: list[list[str]]) -> bytes:
    return b"".join(xlsx_file(rows, title="Clients", widths=[10, 20]))


def test_every_cell_reads_back_as_text() -> None:
    rows = [["Nom", "Lieu"], *([cell.replace("\r", ""), "<b>&'\"</b>"] for cell in [*FORMULAS, *HARMLESS])]
    assert cells_of(made(rows)) == rows


def test_what_the_format_cannot_hold_is_left_out() -> None:
    (_, (control, escape, long)) = cells_of(made([["a"], ["a\x00\x1b\ufffeb\ud800", "_x0041_", "œ" * 40_000]]))
    assert control == "ab"
    assert escape == "_x005F_x0041_"  # Excel reads «_x0041_»
    assert len(long) == LONGEST_CELL


def test_a_title_is_only_a_title() -> None:
    file = b"".join(xlsx_file([["a"]], title='"><evil/>'))
    assert cells_of(file) == [["a"]]


def test_no_rows_make_a_file_that_opens() -> None:
    assert cells_of(made([])) == []


def rows_of(number: int) -> Iterator[list[str]]:
    for place in range(number):
        yield [f"Client {place}", "oui", "non", f"{place:014d}"] * 5


def peak(number: int) -> int:
    tracemalloc.start()
    try:
        for _piece in xlsx_file(rows_of(number), title="Clients"):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_file_takes_no_more_memory_than_a_short_one() -> None:
    short = peak(2_000)  # enough to fill what a process keeps of cells
    assert peak(20_000) < short * 1.2


def test_the_file_is_as_small_as_a_spreadsheet_program_would_make_it() -> None:
    file = made([["Nom", "Lieu"], *([f"Boulangerie {n}", "75001 Paris"] for n in range(2000))])
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    assert len(file) < 40_000
