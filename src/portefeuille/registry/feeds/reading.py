"""Reading one file of a feed: header, lines, cells. Nothing here knows the database.

A line of the file is a line of the table: a line break inside a cell is refused, so that one lost quotation mark costs
one line and not the rest of the file.
"""

import csv
import gzip
import io
import lzma
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, TextIO

from portefeuille.identifiers.cleaning import Malformed
from portefeuille.registry.feeds import parquet
from portefeuille.registry.feeds.schema import MISSING, CellRefused, Feed

# Longer than any right line of any file: a longer one is skipped without being held in memory.
LONGEST_LINE = 8192

NOT_UTF8 = "Le texte n'est pas en UTF-8."
INVISIBLE = "La cellule contient un caractère de contrôle ou invisible."
UNCLOSED = "Un guillemet n'est pas fermé ou une cellule contient un saut de ligne."
DECOMPRESS = "Décompressez-la, et chargez le fichier CSV."
LINE_TOO_LONG = f"La ligne est trop longue : {LONGEST_LINE} caractères au plus."

_NOT_TEXT = frozenset(("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"))

_LACKING = object()  # stands for an obligatory cell that is empty

Refuse = Callable[[int, str, str], None]
#: A line and its number in the file; None for one that is too long.
Numbered = tuple[int, str | None]


class FileRefused(Exception):
    """The file cannot be used at all; ``str()`` is a French sentence, ``column`` the one at fault or ""."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.column = column


def find(directory: Path, feed: Feed) -> Path | None:
    """``name.csv`` or ``name.csv.gz`` of the folder, None when there is neither."""
    paths = [path for path in (directory / f"{feed.name}.csv", directory / f"{feed.name}.csv.gz") if path.is_file()]
    if len(paths) > 1:
        raise FileRefused(f"Deux fichiers portent ce nom : {feed.name}.csv et {feed.name}.csv.gz. Gardez-en un.")
    return paths[0] if paths else None


@contextmanager
def opened(path: Path, feed: Feed) -> Iterator[TextIO]:
    """The text of a file, compressed or not. What is not UTF-8 comes as surrogates, refused line by line.

    Of a Parquet file, the columns that the feed knows.
    """
    try:
        with _unpacked(path, [column.name for column in feed.columns]) as raw:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="\n")
    except parquet.Unreadable as error:
        raise FileRefused(str(error)) from None
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError):
        raise FileRefused("Le fichier compressé est abîmé ou incomplet.") from None
    except NotImplementedError:  # as Windows compresses files of several gigabytes
        raise FileRefused(f"L'archive est compressée d'une façon que nous ne lisons pas. {DECOMPRESS}") from None
    except OSError:
        raise FileRefused("Le fichier ne peut pas être lu.") from None


@contextmanager
def _unpacked(path: Path, columns: list[str]) -> Iterator[IO[bytes]]:
    """The bytes of a file: as they are, gzipped, the one CSV of a ZIP archive, or made of a Parquet file."""
    if path.suffix == ".parquet":
        with parquet.csv_of(path, columns) as raw:
            yield raw
        return
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            inside = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".csv")]
            inside = [entry for entry in inside if not entry.filename.startswith("__MACOSX/")]
            if len(inside) != 1:
                raise FileRefused("L'archive doit contenir un fichier CSV, et un seul.")
            if inside[0].flag_bits & 1:
                raise FileRefused(f"L'archive est protégée par un mot de passe. {DECOMPRESS}")
            with archive.open(inside[0]) as raw:
                yield raw
        return
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw:
        yield raw  # type: ignore[misc]


class Table:
    """The lines of one opened file. Reads the header at once and raises ``FileRefused`` when a column is missing."""

    def __init__(self, file: TextIO, feed: Feed) -> None:
        self._file = file
        self._feed = feed
        header = self._header()
        self._width = len(header)
        self._positions = []
        for column in feed.columns:
            if column.name not in header:
                raise FileRefused(f"La colonne {column.name} manque dans l'en-tête.", column.name)
            self._positions.append(header.index(column.name))
        for name in header:
            if header.count(name) > 1:
                raise FileRefused("La colonne figure deux fois dans l'en-tête.", _safe(name))
        expected = {column.name for column in feed.columns}
        self.ignored_columns = tuple(_safe(name) for name in header if name not in expected)

    def blocks(self, size: int) -> Iterator[list[Numbered]]:
        """The lines after the header, ``size`` at a time and in their order."""
        numbered = self._numbered()
        while block := list(islice(numbered, size)):
            yield block

    def rows(self, block: list[Numbered], refuse: Refuse) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Number of the line in the file and values of each right line; the others are told to ``refuse``."""
        columns = [
            (position, column.parse, _LACKING if column.required else column.blank)
            for position, column in zip(self._positions, self._feed.columns, strict=True)
        ]
        join = self._feed.row
        for number, line in block:
            if line is None:
                refuse(number, "", LINE_TOO_LONG)
                continue
            try:
                cells = _cells(line)
                if len(cells) != self._width:
                    raise CellRefused("", f"La ligne a {len(cells)} cellules : l'en-tête en a {self._width}.")
                if not line.isprintable():
                    self._refuse_unprintable(cells)
                try:
                    values = [
                        parse(cell) if (cell := cells[position].strip()) else blank
                        for position, parse, blank in columns
                    ]
                except Malformed:
                    self._refuse_first(cells)
                    raise
                if _LACKING in values:
                    self._refuse_first(cells)
                row = join(values)
            except CellRefused as error:
                refuse(number, error.column, str(error))
                continue
            yield number, row

    def _refuse_first(self, cells: list[str]) -> None:
        """Raises what is wrong with the first cell that breaks its schema."""
        for position, column in zip(self._positions, self._feed.columns, strict=True):
            cell = cells[position].strip()
            if not cell and column.required:
                raise CellRefused(column.name, MISSING)
            try:
                if cell:
                    column.parse(cell)
            except Malformed as error:
                raise CellRefused(column.name, str(error)) from None

    def _header(self) -> list[str]:
        line = self._file.readline(LONGEST_LINE)
        if not line.strip():
            raise FileRefused("Le fichier est vide : il lui faut une ligne d'en-tête.")
        if "\0" in line:  # UTF-16
            raise FileRefused(f"{NOT_UTF8[:-1]} : enregistrez-le de nouveau dans cet encodage.")
        if "," not in line and (";" in line or "\t" in line):
            raise FileRefused("Les colonnes sont séparées par un autre signe : il faut des virgules.")
        if "\r" in line.rstrip("\r\n"):
            raise FileRefused("Les lignes finissent par CR seul : il faut LF, ou CR et LF.")
        try:
            return [cell.strip() for cell in _cells(line.rstrip("\r\n"))]
        except CellRefused:
            raise FileRefused("La ligne d'en-tête est illisible.") from None

    def _numbered(self) -> Iterator[Numbered]:
        """Each line without its end, None for one that is too long; blank lines are passed over."""
        number = 1
        readline = self._file.readline
        while line := readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and line[-1] != "\n":
                while (rest := readline(LONGEST_LINE)) and rest[-1] != "\n":
                    pass
                yield number, None
                continue
            line = line.rstrip("\r\n")
            if line:
                yield number, line

    def _refuse_unprintable(self, cells: list[str]) -> None:
        """Blanks that are not ASCII are fine in a name; what cannot be seen is not, in any column."""
        names = {position: column.name for position, column in zip(self._positions, self._feed.columns, strict=True)}
        for position, cell in enumerate(cells):
            categories = {unicodedata.category(character) for character in cell}
            if categories & _NOT_TEXT:
                raise CellRefused(names.get(position, ""), NOT_UTF8 if "Cs" in categories else INVISIBLE)


def _cells(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True))
    except (csv.Error, StopIteration):
        raise CellRefused("", UNCLOSED) from None


def _safe(name: str) -> str:
    """A column's name as it can be told: what is no name could be data in a file without its header."""
    return name[:40] if name.isidentifier() else "?"
