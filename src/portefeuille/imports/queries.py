"""Reads of a member's files. Each starts from an ``Access``: a file is its sender's only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils import timezone

from portefeuille.firms.access import Access
from portefeuille.imports import sealed
from portefeuille.imports.client_names import name_places
from portefeuille.imports.grids import LOST
from portefeuille.imports.headings import LABELS, Column, named
from portefeuille.imports.lines import Check, Outcome
from portefeuille.imports.models import BLOCK_ROWS, Block, Import

PAGE_SIZE = 25
#: The columns that tell lines apart on a page.
_WHO = (Column.SIREN, Column.SIRET, Column.ACCOUNT)
EXAMPLES = 3
RESULTS = {
    Outcome.ADDED: "ajouté",
    Outcome.OURS: "déjà à vous",
    Outcome.REFUSED: "refusé",
    Outcome.NOT_TRIED: "non essayé",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a page shows it. ``place`` counts from 0, ``number`` is the line of the file.

    ``name`` is what the file itself calls the client, or "": the register's is nobody's to read before a proof. Of a
    line that names no client, its first words.
    ``lost``: the cells of which a spreadsheet lost the last digits: what is shown of them is not to be believed.
    """

    place: int
    number: int
    cells: list[str]
    name: str
    sign: str
    column: str  # the ``Column`` at fault, or ""
    sentence: str
    lost: frozenset[int]


@dataclass(frozen=True, slots=True)
class LinesPage:
    lines: list[Line]
    number: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1 if self.lines else 0

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1 if self.lines else 0

    @property
    def is_named(self) -> bool:
        return any(line.name for line in self.lines)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check or a run is. ``per_second`` and ``seconds_left`` are None before the first block."""

    done: int
    rows: int
    per_second: int | None
    seconds_left: int | None


def imports(access: Access, most: int = 20) -> list[Import]:
    """The member's files, the latest first."""
    return list(
        Import.objects.filter(firm_id=access.firm_id, member_id=access.member_id).order_by("-created_at", "-pk")[:most]
    )


def found(access: Access, uid: UUID) -> Import | None:
    """One of the member's files."""
    return Import.objects.filter(firm_id=access.firm_id, member_id=access.member_id, uid=uid).first()


def checks(of: Import) -> dict[Check, int]:
    return {Check(sign): number for sign, number in _signs(of, "checked").items()}


def outcomes(of: Import) -> dict[Outcome, int]:
    return {Outcome(sign): number for sign, number in _signs(of, "outcomes").items()}


def _signs(of: Import, column: str) -> dict[str, int]:
    signs = {"checked": [*Check], "outcomes": [*Outcome]}[column]
    counted = ", ".join(
        f"coalesce(sum(length({column}) - length(replace({column}, '{sign}', ''))), 0)" for sign in signs
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counted} FROM imports_block WHERE of_id = %s", [of.pk])
        return dict(zip(signs, cursor.fetchone() or (), strict=True))


def lines(of: Import, signs: Sequence[Check | Outcome], page: int) -> LinesPage:
    """The lines that bear one of these signs, in the order of the file: three queries, however long it is."""
    column = "outcomes" if all(isinstance(sign, Outcome) for sign in signs) else "checked"
    total = sum(number for sign, number in _signs(of, column).items() if sign in signs)
    page = max(1, min(page, -(-total // PAGE_SIZE)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT b.number, s.place - 1, s.sign
            FROM imports_block b, unnest(string_to_array(b.{column}, NULL)) WITH ORDINALITY AS s (sign, place)
            WHERE b.of_id = %s AND s.sign = ANY(%s) ORDER BY b.number, s.place LIMIT {PAGE_SIZE} OFFSET %s
            """,
            [of.pk, [str(sign) for sign in signs], (page - 1) * PAGE_SIZE],
        )
        places = cursor.fetchall()
    blocks = {
        block.number: (sealed.rows_of(block.cells), block.remarks)
        for block in Block.objects.filter(of=of, number__in={number for number, _, _ in places}).order_by("number")
    }
    told = name_places(
        sealed.headings_of(of.headings), of.columns, [cells for rows, _ in blocks.values() for _, cells in rows]
    )
    shown = []
    for number, within, sign in places:
        rows, remarks = blocks[number]
        if within < len(rows):
            shown.append(
                _line(number * BLOCK_ROWS + within, rows[within], sign, remarks.get(str(within)), told, of.columns)
            )
    return LinesPage(shown, page, total)


def line(of: Import, place: int) -> Line | None:
    """One line, as it was checked."""
    number, within = divmod(place, BLOCK_ROWS)
    block = Block.objects.filter(of=of, number=number).first()
    rows = sealed.rows_of(block.cells) if block is not None else []
    if block is None or within >= len(rows):
        return None
    sign = block.checked[within : within + 1]
    told = name_places(sealed.headings_of(of.headings), of.columns, [cells for _, cells in rows])
    return _line(place, rows[within], sign, block.remarks.get(str(within)), told, of.columns)


def _line(
    place: int,
    row: tuple[int, list[str]],
    sign: str,
    remark: Sequence[str] | None,
    told: Sequence[int],
    columns: Sequence[str | None],
) -> Line:
    column, sentence = remark or ("", "")
    lost = frozenset(within for within, cell in enumerate(row[1]) if cell.startswith(LOST))
    cells = [cell.removeprefix(LOST) for cell in row[1]]
    name = " ".join(" ".join(cells[place].split()) for place in told if place < len(cells)).strip()
    if not name and not any(cell for cell, column in zip(cells, columns, strict=False) if column in _WHO):
        words = (cell for cell, column in zip(cells, columns, strict=False) if _is_words(cell, column))
        name = next(words, "")
    return Line(place, row[0], cells, name, sign, column, sentence, lost)


def _is_words(cell: str, column: str | None) -> bool:
    """Whether a cell may name a line: «Total du mois», never an amount nor a NIR."""
    return any(map(str.isalpha, cell)) and (column is None or not any(map(str.isdigit, cell)))


def headings(of: Import) -> list[str]:
    """The headings of the file; «Colonne 3» where it has none."""
    told = sealed.headings_of(of.headings)
    return [told[place] or f"Colonne {place + 1}" for place in range(len(of.columns))]


def examples(of: Import) -> list[list[str]]:
    """For each column the first values, ``EXAMPLES`` at most, none twice."""
    block = Block.objects.filter(of=of, number=0).first()
    rows = sealed.rows_of(block.cells) if block is not None else []
    values = [
        dict.fromkeys(cells[at].removeprefix(LOST) for _, cells in rows if at < len(cells) and cells[at])
        for at in range(len(of.columns))
    ]
    return [list(held)[:EXAMPLES] for held in values]


def source(of: Import) -> tuple[str, str]:
    """The name of the file that was sent, and of its sheet that is read; "" where there is none."""
    name, sheet = (*sealed.headings_of(of.source), "", "")[:2]
    return name, sheet


def who_columns(of: Import) -> list[tuple[int, str]]:
    """What tells lines apart on a page: the columns of Siren, Siret and account, with their labels."""
    return [(of.columns.index(column), LABELS[column]) for column in _WHO if column in of.columns]


def progress(of: Import) -> Progress:
    done = min(of.cursor * BLOCK_ROWS, of.rows)
    begun = of.started_at if of.state == Import.State.RUNNING else None
    if not done or begun is None:
        return Progress(done, of.rows, None, None)
    seconds = max((timezone.now() - begun).total_seconds(), 0.001)
    return Progress(done, of.rows, round(done / seconds), round((of.rows - done) * seconds / done))


def report(of: Import) -> Iterator[list[str]]:
    """The file as it was sent, with «Résultat» and «Motif»: headings first, then a line each. A block at a time."""
    told = sealed.headings_of(of.headings)
    width = len(of.columns)
    kept = [place for place in range(width) if not _of_a_report(told, place)]
    yield [*(told[place] or f"Colonne {place + 1}" for place in kept), "Résultat", "Motif"]
    for block in Block.objects.filter(of=of).order_by("number").iterator(chunk_size=5):
        for within, (_, cells) in enumerate(sealed.rows_of(block.cells)):
            held = [cells[place].removeprefix(LOST) if place < len(cells) else "" for place in kept]
            sign = block.outcomes[within : within + 1]
            _, sentence = block.remarks.get(str(within)) or ("", "")
            yield [*held, RESULTS[Outcome(sign)] if sign else "", sentence]


def _of_a_report(told: Sequence[str], place: int) -> bool:
    """Whether a column is that of an earlier report: a new one takes its place."""
    return place < len(told) and named(told[place]) in (Column.RESULT, Column.REASON)
