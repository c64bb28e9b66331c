"""Which columns of a firm's own file say what a client is called: lines are shown by it, nothing else. Pure."""

import re
from collections.abc import Sequence

from portefeuille.imports.headings import Column, words_of

#: The first that any heading fits wins.
_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(raison sociale|denomination|nom\b)",
        r"^(clients?|societes?|entreprises?|enseigne|exploitant|employeurs?|cotisants?|intitule|libelle|dossiers?)$",
        r"^(assures?|praticiens?|titulaires?|travailleurs?( independants?)?)$",
    )
)
_OF_SOMETHING_ELSE = re.compile(
    r"\b(collaborat|responsable|gestionnaire|contact|comptable|fichier|banque|ville|voie|rue)"
)
_FIRST_NAME = re.compile(r"^prenoms?\b")
_WORD = re.compile(r"[^\W\d_]{2}")


def name_places(headings: Sequence[str], columns: Sequence[Column | None], rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns of a name, in the order in which it is said: one, or a surname and its first name; maybe none.

    A column that is something else, or that holds no word in any of ``rows`` (codes of clients), is none.
    """
    free = {
        place: words_of(heading)
        for place, heading in enumerate(headings)
        if place < len(columns) and columns[place] is None and any(_is_worded(row, place) for row in rows)
    }
    for pattern in _NAMES:
        for place, words in free.items():
            if pattern.search(words) and not _OF_SOMETHING_ELSE.search(words):
                first = next((other for other, said in free.items() if _FIRST_NAME.search(said)), None)
                return [place] if first is None or not words.startswith("nom") else [place, first]
    return []


def _is_worded(row: Sequence[str], place: int) -> bool:
    return place < len(row) and bool(_WORD.search(row[place]))
