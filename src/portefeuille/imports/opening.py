"""From the bytes that somebody sent to rows, by way of the process that is shut in (``reading``)."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from portefeuille.imports.grids import LONGEST_CELL, LOST, MOST_COLUMNS, MOST_ROWS, Refused, Why
from portefeuille.imports.headings import Column
from portefeuille.imports.reading import MOST_BYTES

#: Longer than the processor time that the process may use: a machine under load is slow, not wrong.
WALL_SECONDS = 60
#: Files read at once by a process of the site, which has more threads: who sends heavy ones does not stop the pages.
_AT_ONCE = 2
#: How long a file waits for its turn; an honest one is read in less.
_TURN_SECONDS = 3.0
_turns = threading.BoundedSemaphore(_AT_ONCE)
_COMMAND = [sys.executable, "-I", "-m", "portefeuille.imports.reading"]
_LONGEST_LINE = MOST_COLUMNS * (LONGEST_CELL * 12 + 8) + 64

SENTENCES: Mapping[Why, str] = {
    Why.EMPTY: "Ce fichier est vide. Choisissez-en un autre.",
    Why.TOO_LARGE: "Ce fichier dépasse 10 Mo. Partagez-le en plusieurs fichiers.",
    Why.TOO_MANY_ROWS: "Ce fichier a plus de 100 000 lignes. Partagez-le en plusieurs fichiers.",
    Why.TOO_MANY_COLUMNS: "Ce fichier a plus de 64 colonnes. Gardez seulement celles de vos clients.",
    Why.EXPANDS: "Ce fichier est démesuré une fois ouvert. Enregistrez seulement la feuille des clients, en CSV.",
    Why.LOCKED: "Ce fichier est protégé par un mot de passe. Enlevez la protection, puis envoyez-le de nouveau.",
    Why.OLD_EXCEL: "Ce fichier est d'un ancien format d'Excel. Enregistrez-le au format XLSX ou CSV.",
    Why.BINARY_EXCEL: "Ce fichier est au format XLSB. Enregistrez-le au format XLSX ou CSV.",
    Why.WEB_PAGE: "Ce fichier est une page web. Ouvrez-le dans votre tableur et enregistrez-le au format XLSX ou CSV.",
    Why.NO_SPREADSHEET: "Ce fichier n'est pas un tableau. Envoyez un fichier CSV, XLSX ou ODS.",
    Why.DAMAGED: "Ce fichier est abîmé. Ouvrez-le dans votre tableur et enregistrez-le de nouveau.",
    Why.UNSAFE: "Ce fichier contient ce qu'aucun tableur n'écrit. Enregistrez vos clients dans un fichier CSV.",
    Why.NO_ROW: "Ce fichier n'a aucune ligne de client. Vérifiez que vous envoyez la bonne feuille.",
    Why.TOO_HEAVY: "Ce fichier est trop lourd à lire. Enregistrez seulement la feuille des clients, en CSV.",
    Why.BUSY: "Trop de fichiers sont lus en ce moment. Envoyez le vôtre de nouveau dans un instant.",
}


@dataclass(frozen=True, slots=True)
class About:
    """What was found in a file before its first row. ``named``: it has headings of its own."""

    kind: str
    sheet: str
    other_sheets: tuple[str, ...]
    encoding: str
    separator: str
    named: bool
    headings: tuple[str, ...]
    proposed: tuple[Column | None, ...]


Row = tuple[int, list[str]]


@contextlib.contextmanager
def opened(content: bytes) -> Iterator[tuple[About, Iterator[Row]]]:
    """The rows of a file, while the block lasts. Raises ``Refused``, at once or from the rows.

    A process that dies, talks nonsense or takes too long is a refusal: the file is at fault, whatever it did.
    """
    if len(content) > MOST_BYTES:
        raise Refused(Why.TOO_LARGE)
    if not _turns.acquire(timeout=_TURN_SECONDS):
        raise Refused(Why.BUSY)
    try:
        yield from _opened(content)
    finally:
        _turns.release()


def _opened(content: bytes) -> Iterator[tuple[About, Iterator[Row]]]:
    with subprocess.Popen(  # noqa: S603 - our own module, nothing of it was typed
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
    ) as process:
        timer = threading.Timer(WALL_SECONDS, process.kill)
        timer.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise Refused(Why.TOO_HEAVY)
            with contextlib.suppress(BrokenPipeError):  # it has refused already, or is dead
                process.stdin.write(content)
                process.stdin.close()
            yield _about(_line(process.stdout)), _rows(process.stdout)
        finally:
            timer.cancel()
            process.kill()
            with contextlib.suppress(BrokenPipeError):
                process.stdin and process.stdin.close()


def _line(out: IO[bytes]) -> Any:
    said = out.readline(_LONGEST_LINE)
    try:
        told = json.loads(said)
        why = Why(told["refused"]) if isinstance(told, dict) and "refused" in told else None
    except (ValueError, RecursionError):
        raise Refused(Why.TOO_HEAVY) from None
    if why is not None:
        raise Refused(why)
    return told


def _about(told: Any) -> About:
    """Nothing of what the process says is believed: a file that took it over could say anything."""
    try:
        return About(
            kind=str(told["kind"])[:4],
            sheet=str(told["sheet"])[:100],
            other_sheets=tuple(str(name)[:100] for name in told["other_sheets"][:10]),
            encoding=str(told["encoding"])[:12],
            separator=str(told["separator"])[:1],
            named=bool(told["named"]),
            headings=_cells(told["headings"]),
            proposed=tuple(Column(name) if name else None for name in told["proposed"][:MOST_COLUMNS]),
        )
    except (KeyError, TypeError, ValueError, IndexError):
        raise Refused(Why.TOO_HEAVY) from None


def _cells(told: Any) -> tuple[str, ...]:
    if not isinstance(told, list) or len(told) > MOST_COLUMNS:
        raise Refused(Why.TOO_HEAVY)
    return tuple(str(cell)[: LONGEST_CELL + len(LOST)] for cell in told)


def _rows(out: IO[bytes]) -> Iterator[Row]:
    number = 0
    while row := _line(out):
        number += 1
        if number > MOST_ROWS:
            raise Refused(Why.TOO_MANY_ROWS)
        if not isinstance(row, list) or len(row) != 2 or not isinstance(row[0], int):
            raise Refused(Why.TOO_HEAVY)
        yield row[0], list(_cells(row[1]))
