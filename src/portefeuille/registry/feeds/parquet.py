"""A Parquet file as the lines of a CSV file, so that one reading serves both. pyarrow is an extra («parquet»)."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow.parquet
    from _typeshed import WriteableBuffer

_ROWS = 20_000


class Unreadable(Exception):
    """``str()`` is a French sentence that says why, and what to do."""


@contextmanager
def csv_of(path: Path, wanted: Sequence[str]) -> Iterator[IO[bytes]]:
    """The columns of the file that are ``wanted``, as CSV in UTF-8 with a header; days as 2026-10-15."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise Unreadable(
            "Pour lire le format Parquet, installez pyarrow. Sinon, prenez le fichier CSV de la même publication."
        ) from None
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            found = [name for name in file.schema_arrow.names if name in wanted]
            if not found:
                raise Unreadable(f"Le fichier Parquet n'a aucune des colonnes attendues : {wanted[0]}…")
            _refuse_what_is_no_text(file, found)
            yield io.BufferedReader(_Pieces(_lines(file, found)))
    except (pyarrow.ArrowException, OSError, ValueError):
        raise Unreadable("Le fichier Parquet est abîmé ou incomplet.") from None


def _refuse_what_is_no_text(file: "pyarrow.parquet.ParquetFile", columns: Sequence[str]) -> None:
    import pyarrow

    for name in columns:
        kind = file.schema_arrow.field(name).type
        if pyarrow.types.is_nested(kind) or pyarrow.types.is_binary(kind) or pyarrow.types.is_time(kind):
            raise Unreadable(
                f"La colonne {name} ne contient ni texte, ni nombre, ni date. "
                "Prenez le fichier CSV de la même publication."
            )


def _lines(file: "pyarrow.parquet.ParquetFile", columns: list[str]) -> Iterator[bytes]:
    import pyarrow
    from pyarrow.csv import WriteOptions, write_csv

    yield (",".join(columns) + "\n").encode()
    # Without threads of its own: processes that judge the lines are forked from this one.
    for batch in file.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False):
        days = pyarrow.schema(
            pyarrow.field(field.name, pyarrow.date32() if pyarrow.types.is_temporal(field.type) else field.type)
            for field in batch.schema
        )
        out = io.BytesIO()
        write_csv(batch.cast(days, safe=False), out, WriteOptions(include_header=False, quoting_style="needed"))
        yield out.getvalue()


class _Pieces(io.RawIOBase):
    """Bytes that come in pieces, as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = io.BytesIO()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        while not (taken := self._piece.readinto(buffer)):
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = io.BytesIO(piece)
        return taken
