"""What both kinds of files become: lines of short texts, with what was found and done on the way. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from portefeuille.imports import headings
from portefeuille.imports.wrapping import kept_as_text
from portefeuille.sheets.csv_out import unharmed

MOST_ROWS = 100_000
MOST_COLUMNS = 64
LONGEST_CELL = 512
#: Above the headings may stand a title, a date, an empty line.
HEADINGS_WITHIN = 25

#: Put before a number whose last digits the spreadsheet has lost: nobody can say them again.
LOST = "\ue000"


class Refused(Exception):
    """The file cannot be read: ``why`` is one of ``Why``."""

    def __init__(self, why: "Why") -> None:
        super().__init__(str(why))
        self.why = why


class Why(StrEnum):
    """The closed set of refusals of a whole file."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    EXPANDS = "expands"
    LOCKED = "locked"
    OLD_EXCEL = "old_excel"
    BINARY_EXCEL = "binary_excel"
    WEB_PAGE = "web_page"
    NO_SPREADSHEET = "no_spreadsheet"
    DAMAGED = "damaged"
    UNSAFE = "unsafe"
    NO_ROW = "no_row"
    TOO_HEAVY = "too_heavy"
    BUSY = "busy"


@dataclass(slots=True)
class Grid:
    """One sheet. ``rows`` are (line of the file, cells); a row may be shorter than the widest."""

    kind: str  # "csv", "xlsx" or "ods"
    rows: Iterable[tuple[int, list[str]]]
    sheet: str = ""
    other_sheets: list[str] = field(default_factory=list)
    encoding: str = ""
    separator: str = ""


@dataclass(slots=True)
class Found:
    """A grid whose headings were found. ``notes`` are codes of what the person should know."""

    headings: list[str]
    named: bool  # the headings stand in the file
    rows: Iterator[tuple[int, list[str]]]


def with_headings(grid: Grid) -> Found:
    """The row of headings among the first lines, and the rows under it. Empty rows are left out, lines keep their
    number. Refuses what has no row, too many rows or too many columns.
    """
    rows = _limited(grid.rows)
    first: list[tuple[int, list[str]]] = []
    for row in rows:
        first.append(row)
        if len(first) == HEADINGS_WITHIN:
            break
    if not first:
        raise Refused(Why.NO_ROW)
    scores = [headings.score(cells) for _, cells in first]
    best = max(scores)
    at = (
        scores.index(best)
        if best >= 2 or (best == 1 and headings.looks_like_headings(first[scores.index(1)][1]))
        else -1
    )
    if at < 0 and headings.looks_like_headings(first[0][1]) and len(first) > 1:
        at = 0
        # A title has fewer cells than the headings under it.
        while at + 2 < len(first) and _is_a_title(first[at][1], first[at + 1][1]):
            at += 1
    width = max(len(cells) for _, cells in first)
    told = list(first[at][1]) if at >= 0 else []
    named = told + [""] * (width - len(told))
    above = first[at - 1][1] if at > 0 else []
    if sum(map(bool, above)) > 1:  # headings on two lines; one cell alone is a title
        named = [name or (above[place] if place < len(above) else "") for place, name in enumerate(named)]

    def all_rows() -> Iterator[tuple[int, list[str]]]:
        for line, cells in chain(first[at + 1 :], rows):
            if best < 2 or cells != told:  # printed lists repeat their headings on each page
                yield line, cells

    return Found(headings=[name.removeprefix(LOST) for name in named], named=at >= 0, rows=all_rows())


def _is_a_title(cells: Sequence[str], under: Sequence[str]) -> bool:
    return sum(map(bool, cells)) < sum(map(bool, under)) and headings.looks_like_headings(under)


def _limited(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for line, cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise Refused(Why.TOO_MANY_COLUMNS)
        number += 1
        if number > MOST_ROWS + HEADINGS_WITHIN:
            raise Refused(Why.TOO_MANY_ROWS)
        yield line, [clean(cell) for cell in cells]


_CONTROL = dict.fromkeys([*range(9), *range(11, 13), *range(14, 32), 127], "�")


def clean(cell: str) -> str:
    """A cell without the marks around it, cut at ``LONGEST_CELL``. What cannot be shown stays visible as «\ufffd»."""
    if cell.isascii() and cell.isprintable() and len(cell) <= LONGEST_CELL:
        cell = cell.strip()
    else:
        cell = cell[: LONGEST_CELL * 2].translate(_CONTROL).strip(" \t\r\n\u00a0\u202f\ufeff\u200b")
        cell = cell.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate
        cell = cell[:LONGEST_CELL]
    # Our own files put it before what a spreadsheet would take for a formula; people do before a number.
    cell = cell[1:] if cell[:1] == "'" and cell[1:2].isdigit() else unharmed(cell)
    return kept_as_text(cell) if cell.startswith('="') else cell


def same_shape(rows: Sequence[Sequence[str]]) -> int:
    """The widest of some rows."""
    return max((len(row) for row in rows), default=0)
