"""CSV that French spreadsheets open as it is meant, and that computes nothing."""

import csv
import io
from itertools import count

import pytest

from portefeuille.sheets.csv_out import csv_file, harmless, unharmed
from tests.sheets.payloads import FORMULAS, HARMLESS


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_only_text(cell: str) -> None:
    assert harmless(cell) == "'" + cell
    assert unharmed(harmless(cell)) == cell


@pytest.mark.parametrize("cell", HARMLESS)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell
    assert unharmed(cell) == cell


def test_the_file_reads_back_cell_by_cell() -> None:
    rows = [["Nom", "Commune"], *([cell, 'a;b"c\nd'] for cell in [*FORMULAS, *HARMLESS])]
    file = b"".join(csv_file(rows))
    assert file.startswith(b"\xef\xbb\xbfNom;Commune\r\n")
    read = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [[unharmed(cell) for cell in row] for row in read] == rows


def test_pieces_leave_as_rows_come() -> None:
    rows = count()
    next(csv_file([f"{place}"] for place in rows))
    assert next(rows) < 1000
