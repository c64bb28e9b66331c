"""XLSX and ODS, as if whoever made the file meant harm. Pure, and only run inside ``reading``'s process.

The archive is unpacked within limits first, and only the parts that hold cells are given to the reader, in an archive
of ours: what was checked is what is read. Formulas, macros, pictures and links to other files are left out.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from portefeuille.imports import headings
from portefeuille.imports.grids import HEADINGS_WITHIN, LOST, MOST_COLUMNS, MOST_ROWS, Grid, Refused, Why

MOST_EXPANDED = 50 * 1024 * 1024
MOST_RATIO = 50
#: A small file of equal rows may shrink more; it harms nobody.
_RATIO_MATTERS = 2 * 1024 * 1024
MOST_ENTRIES = 400
_PIECE = 256 * 1024

_XLSX = re.compile(
    r"^(\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/sharedStrings\.xml"
    r"|xl/styles\.xml|xl/worksheets/[^/]+\.xml)$",
    re.IGNORECASE,
)
_ODS = re.compile(r"^(mimetype|content\.xml|META-INF/manifest\.xml|styles\.xml|settings\.xml)$")
_DEFINITION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
#: Numbers of more digits than a spreadsheet keeps.
_DIGITS_KEPT = 15


def read(content: bytes) -> Grid:
    """The one sheet that holds clients. Refuses what is locked, damaged, of another kind or out of proportion."""
    try:
        kind, parts = _unpacked(content)
        return _sheet(kind, parts)
    except PasswordError:
        raise Refused(Why.LOCKED) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, KeyError) as error:
        raise Refused(Why.DAMAGED) from error
    except CalamineError as error:
        raise Refused(Why.DAMAGED) from error


def _unpacked(content: bytes) -> tuple[str, dict[str, bytes]]:
    """ "xlsx" or "ods", and the parts that hold cells, expanded within limits."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise Refused(Why.EXPANDS)
    names = [entry.filename.replace("\\", "/") for entry in entries]
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(Why.LOCKED)
    lowered = {name.lower() for name in names}
    if len(lowered) != len(names):  # spreadsheets find their parts whatever the case
        raise Refused(Why.DAMAGED)
    if "xl/workbook.bin" in lowered:
        raise Refused(Why.BINARY_EXCEL)
    kind, wanted = ("xlsx", _XLSX) if "xl/workbook.xml" in lowered else ("ods", _ODS)
    if kind == "ods" and "content.xml" not in lowered:
        raise Refused(Why.NO_SPREADSHEET)
    parts: dict[str, bytes] = {}
    room = MOST_EXPANDED
    for entry, name in zip(entries, names, strict=True):
        if not wanted.match(name):
            continue
        expanded = _expand(archive, entry, room)
        room -= len(expanded)
        if name.lower().endswith((".xml", ".rels")):
            _refuse_definitions(expanded)
        parts[name] = expanded
    if kind == "ods":
        if b"spreadsheet" not in parts.get("mimetype", b"spreadsheet"):
            raise Refused(Why.NO_SPREADSHEET)
        if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
            raise Refused(Why.LOCKED)
        parts.setdefault("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")
        _refuse_repeats(parts["content.xml"])
    return kind, parts


def _expand(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    """One part, counted while it expands: what the archive says of its size is not believed."""
    pieces, size = [], 0
    with archive.open(entry) as packed:
        while piece := packed.read(_PIECE):
            size += len(piece)
            if size > room or (size > _RATIO_MATTERS and size > MOST_RATIO * max(entry.compress_size, 1)):
                raise Refused(Why.EXPANDS)
            pieces.append(piece)
    return b"".join(pieces)


def _refuse_definitions(part: bytes) -> None:
    """No spreadsheet program writes document types or entities; whoever does wants them expanded."""
    if part[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in part[:64]:
        raise Refused(Why.UNSAFE)
    if _DEFINITION.search(part):
        raise Refused(Why.UNSAFE)


def _refuse_repeats(content: bytes) -> None:
    """ODS says «this row, a million times» in a line. Programs end their sheets so, with empty cells: these are cut.

    What repeats cells with something in them beyond our limits is refused.
    """
    for found in re.finditer(
        rb'<table:table-cell(?=[^>]*office:value)[^>]*number-columns-repeated="([0-9]{1,9})"', content
    ):
        if int(found[1]) > MOST_COLUMNS:
            raise Refused(Why.TOO_MANY_COLUMNS)


def _repacked(parts: dict[str, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(parts, key=lambda name: name != "mimetype"):
            archive.writestr(zipfile.ZipInfo(name), parts[name])
    packed.seek(0)
    return packed


def _sheet(kind: str, parts: dict[str, bytes]) -> Grid:
    packed = _repacked(parts)
    parts.clear()
    with CalamineWorkbook.from_filelike(packed) as book:
        visible = [about.name for about in book.sheets_metadata if about.visible == SheetVisibleEnum.Visible]
        chosen, rows, others = "", None, []
        best = -1
        for name in visible[:20]:
            sheet = book.get_sheet_by_name(name)
            if not sheet.height or sheet.end is None:
                continue
            if sheet.end[0] - (sheet.start or (0, 0))[0] > MOST_ROWS + HEADINGS_WITHIN:
                raise Refused(Why.TOO_MANY_ROWS)
            first = [[_text(value) for value in row] for row in sheet.to_python(nrows=HEADINGS_WITHIN)]
            score = max((headings.score(row) for row in first), default=0)
            others.append(name)
            if score > best:
                chosen, rows, best = name, sheet, score
        if rows is None:
            raise Refused(Why.NO_ROW)
        others.remove(chosen)
        start = rows.start or (0, 0)
        merged = _merged_down(rows.merged_cell_ranges or [], start)
        return Grid(kind, _lines(rows.to_python(), start[0], merged), sheet=chosen, other_sheets=others)


def _merged_down(
    ranges: list[tuple[tuple[int, int], tuple[int, int]]], start: tuple[int, int]
) -> dict[tuple[int, int], tuple[int, int]]:
    """The cells that a merge leaves empty under its first cell: the value stands for each of its rows."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, right) in ranges[:5000]:
        if left != right:  # across columns: a title
            continue
        for row in range(top + 1, min(bottom, top + 5000) + 1):
            found[row - start[0], left - start[1]] = (top - start[0], left - start[1])
    return found


def _lines(
    values: list[list[Any]], first: int, merged: dict[tuple[int, int], tuple[int, int]]
) -> Iterator[tuple[int, list[str]]]:
    for (row, column), (top, left) in merged.items():
        if 0 <= row < len(values) and 0 <= top < len(values) and column < len(values[row]) and left < len(values[top]):
            values[row][column] = values[top][left]
    for number, line in enumerate(values):
        yield first + number + 1, [_text(value) for value in line]


def _text(value: object) -> str:
    """A cell as a person reads it; numbers with the fifteen digits that spreadsheets keep."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else ""


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if value.is_integer():
        whole = str(int(value)) if abs(value) < 1e22 else f"{value:.15g}"
        return LOST + whole if len(whole.lstrip("-")) > _DIGITS_KEPT else whole
    return f"{value:.15g}"
