"""What a check or a load tells, and the file of refused lines. Neither ever holds a value of the files."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

REJECTS = "rejects.csv"


@dataclass(slots=True)
class FileReport:
    """One file. ``refusal`` says, in French, why the whole file was refused; it is "" when the file was accepted.

    ``lines`` are those after the header, blank ones apart. ``withheld`` are facts that anybody could guess (R3): right
    but not stored. Only a load fills ``inserted``, ``changed`` and ``same``.
    """

    name: str
    lines: int = 0
    inserted: int = 0
    changed: int = 0
    same: int = 0
    withheld: int = 0
    refused: int = 0
    ignored_columns: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(slots=True)
class FeedReport:
    """One folder. ``problem`` says, in French, why nothing could be read at all."""

    files: list[FileReport] = field(default_factory=list)
    problem: str = ""
    rejects: Path | None = None

    @property
    def is_clean(self) -> bool:
        """Whether every line of every file was accepted."""
        return not self.problem and all(not file.refusal and not file.refused for file in self.files)

    @property
    def is_accepted(self) -> bool:
        """Whether no file was refused whole."""
        return not self.problem and not any(file.refusal for file in self.files)


class RejectsUnwritable(Exception):
    """The refusals cannot be written down, so that nothing should be refused: choose another folder."""


class Rejects:
    """``rejects.csv`` in a folder: fichier, ligne, colonne, motif. It is only made when there is something to say."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / REJECTS
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def path(self) -> Path | None:
        """Where the refusals are, None when there are none."""
        return self._path if self._file is not None else None

    def add(self, file: str, line: int, column: str, reason: str) -> None:
        """``line`` 0: the file as a whole."""
        try:
            if self._file is None:
                self._file = self._path.open("w", encoding="utf-8", newline="")
                self._writer = csv.writer(self._file)
                self._writer.writerow(["fichier", "ligne", "colonne", "motif"])
            self._writer.writerow([file, line or "", column, reason])
        except OSError as error:
            raise RejectsUnwritable(f"{self._path}: {error.strerror}") from error
