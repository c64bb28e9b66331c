"""From a file to a temporary table by COPY, without what the file itself shows to be wrong.

A temporary table is private to the connection and is not written to the log of the database.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection

from portefeuille.registry.feeds.judging import Convert, judged
from portefeuille.registry.feeds.reading import FileRefused, Table
from portefeuille.registry.feeds.reporting import FileReport, Rejects
from portefeuille.registry.feeds.schema import Feed

TELL_EVERY = 50_000
REPEATED = "Cette clé figure déjà plus haut dans le fichier."


@dataclass(slots=True)
class Incoming:
    """A file on its way in: its description, what is told of it, and where its refusals go."""

    feed: Feed
    report: FileReport
    rejects: Rejects
    tell: Callable[[str], None]

    @property
    def staging(self) -> str:
        return f"pg_temp.feed_{self.feed.name}"

    def refuse(self, line: int, column: str, reason: str) -> None:
        self.report.refused += 1
        self.rejects.add(self.report.name, line, column, reason)

    def refuse_all(self, lines: Iterable[tuple[int]], column: str, reason: str) -> None:
        for (line,) in lines:
            self.refuse(line, column, reason)

    def refuse_when_too_many(self) -> None:
        """More than one refused line in a hundred: something is wrong with the file, not with its lines."""
        if self.report.refused * 100 > self.report.lines:
            raise FileRefused(
                f"{self.report.refused} {'lignes refusées' if self.report.refused > 1 else 'ligne refusée'}"
                f" sur {self.report.lines}, soit plus de 1 % : "
                "le fichier est refusé en entier."
            )


def copy_in(incoming: Incoming, table: Table, convert: Convert | None) -> None:
    """COPY the right lines into the staging table, which exists; ``convert`` makes a staged row of a line's values."""
    report, feed = incoming.report, incoming.feed
    report.ignored_columns = table.ignored_columns
    columns = ", ".join(("line", *feed.fields))
    started, told, lines = time.monotonic(), 0, 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {incoming.staging} ({columns}) FROM STDIN") as copy:
        for rows, many, refused in judged(table, convert):
            copy.write(rows)
            for refusal in refused:
                incoming.refuse(*refusal)
            lines += many
            if lines - told >= TELL_EVERY:
                told = lines
                incoming.tell(_progress(report.name, lines, time.monotonic() - started))
    report.lines = lines
    incoming.tell(_progress(report.name, lines, time.monotonic() - started))


def refuse_repeats(incoming: Incoming) -> None:
    """The first of several lines with one key stays, the others are refused."""
    key = ", ".join(incoming.feed.key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM {incoming.staging} WHERE line IN (
                SELECT line FROM (
                    SELECT line, row_number() OVER (PARTITION BY {key} ORDER BY line) AS rank FROM {incoming.staging}
                ) ranked WHERE rank > 1
            ) RETURNING line
            """  # noqa: S608 (names of ours, no data)
        )
        incoming.refuse_all(sorted(cursor.fetchall()), incoming.feed.key_column, REPEATED)


def _progress(name: str, lines: int, seconds: float) -> str:
    speed = f"{int(lines / seconds) if seconds > 0 else lines:,}".replace(",", "\u202f")
    told = f"{lines:,}".replace(",", "\u202f")
    return f"{name} : {told} {'lignes lues' if lines > 1 else 'ligne lue'}, {speed} par seconde."
