"""Reading a spreadsheet in the process that is shut in, against the raw reader of the same bytes in ours."""

import csv
import io
import time
from collections.abc import Callable
from statistics import median

from python_calamine import CalamineWorkbook

from tests.bench.ground import Ground
from tests.bench.report import Section

ROWS = 50_000
_HEADINGS = ["Siren", "Raison sociale", "Numéro de compte", "Montant", "Portefeuille"]


def sections(ground: Ground, rounds: int) -> list[Section]:
    from portefeuille.sheets.xlsx_out import xlsx_file

    rows = [
        [f"{n:09d}", f"Boulangerie du quartier n° {n}", f"827{n:015d}", f"{n % 9000},{n % 100:02d}", "Employeurs"]
        for n in range(1, ROWS + 1)
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([_HEADINGS, *rows])
    files: dict[str, tuple[bytes, Callable[[bytes], int]]] = {
        "CSV": (text.getvalue().encode(), _raw_csv),
        "XLSX": (b"".join(xlsx_file([_HEADINGS, *rows], title="Clients")), _raw_xlsx),
    }
    table = []
    for name, (content, raw) in files.items():
        times: list[tuple[float, float]] = []
        for _ in range(rounds):
            ours, theirs = _timed(_opened, content), _timed(raw, content)
            times.append((ours, theirs))
        table.append(
            [name, f"{len(content) / 1e6:.1f}", f"{median(a for a, _ in times):.2f}",
             f"{median(b for _, b in times):.2f}", f"{median(a / b for a, b in times):.1f}",
             f"{ROWS / median(a for a, _ in times):.0f}"]
        )  # fmt: skip
    return [
        Section(
            "opening",
            [f"{ROWS} rows of", "MB", "shut in, seconds", "raw reader, seconds", "ratio", "rows a second"],
            table,
        )
    ]


def _timed(read: Callable[[bytes], int], content: bytes) -> float:
    begin = time.monotonic()
    if read(content) != ROWS:
        raise RuntimeError("a row was lost")
    return time.monotonic() - begin


def _opened(content: bytes) -> int:
    from portefeuille.imports.opening import opened

    with opened(content) as (_, rows):
        return sum(1 for _ in rows)


def _raw_csv(content: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(content.decode()), delimiter=";")) - 1


def _raw_xlsx(content: bytes) -> int:
    return len(CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()) - 1
