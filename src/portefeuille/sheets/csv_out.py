"""CSV as French spreadsheets open it: semicolons, UTF-8 with its mark, lines ended by CR LF."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

CONTENT_TYPE = "text/csv; charset=utf-8"
_ROWS_AT_ONCE = 200
#: What makes a spreadsheet compute a cell, or look past it at the next sign.
_ACTING = frozenset("=+-@\t\r\n|%")


def csv_file(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The file in pieces of some rows each."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    for place, row in enumerate(rows, start=1):
        writer.writerow([harmless(cell) for cell in row])
        if place % _ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def harmless(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet would take it for a formula.

    Looked at as a spreadsheet does: past blanks and signs that do not show, and with full-width signs as ASCII ones.
    """
    if not cell or cell[0].isalnum():
        return cell
    for character in cell:
        if character in _ACTING:
            return f"'{cell}"
        if character.isspace() or unicodedata.category(character) in ("Cf", "Cc"):
            continue
        return f"'{cell}" if unicodedata.normalize("NFKC", character)[:1] in _ACTING else cell
    return cell


def unharmed(cell: str) -> str:
    """What ``harmless`` was given, for a file that comes back."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece
