"""Files that leave while they are read."""

import logging
from collections.abc import Iterable, Iterator, Sequence

log = logging.getLogger(__name__)

INCOMPLETE = "FICHIER INCOMPLET : une panne l'a interrompu ici. Téléchargez-le de nouveau."


def in_full(rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The rows of a file, which says so in its last row when something breaks before its end.

    The answer has begun by then, and the server ends it as if it were whole: a list that lacks clients would look like
    any other.
    """
    try:
        yield from rows
    except Exception as error:  # noqa: BLE001 - whatever it is, the file must not look whole
        # Never its words: they may repeat what a row holds.
        log.error("a file was cut short (%s)", type(error).__name__)
        yield (INCOMPLETE,)
