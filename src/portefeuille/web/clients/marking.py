"""Marking in a name what a search found."""

import re
from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from portefeuille.enrolments.folding import fold

_OPEN, _CLOSE = "<mark>", "</mark>"
_NOT_WORD = re.compile("[^0-9a-z]")
#: A character folded: a few hundred differ in all the names of a country.
_fold_one = lru_cache(maxsize=1024)(fold)


def mark(name: str, words: Sequence[str]) -> Markup:
    """``name`` with each found word in ``<mark>``, accents and case set aside; as it is when nothing was sought."""
    text, origin = _folded(name)
    spans: list[tuple[int, int]] = []
    for word in words:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            spans.append((origin[start], origin[end - 1] + 1))
            start = text.find(word, end)
    return _render(name, spans) if spans else escape(name)


@lru_cache(maxsize=4096)  # most of the rows of one key are those of the next
def _folded(name: str) -> tuple[str, Sequence[int]]:
    """The name as it is searched and, for each of its characters, the place in the name that it comes from."""
    if name.isascii():
        return _NOT_WORD.sub(" ", name.lower()), range(len(name))
    folded: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(name):
        plain = _fold_one(character) or " "
        folded.append(plain)
        origin.extend([place] * len(plain))
    return "".join(folded), origin


def _render(name: str, spans: list[tuple[int, int]]) -> Markup:
    """``spans`` may overlap: what two words found is marked once."""
    pieces: list[str] = []  # each is HTML already
    done = 0
    open_from = 0
    for start, end in sorted(spans):
        if start > done or not pieces:
            pieces += (escape(name[open_from:done]), _CLOSE) if pieces else ()
            pieces += (escape(name[done:start]), _OPEN)
            open_from = start
        done = max(done, end)
    return Markup("".join([*pieces, escape(name[open_from:done]), _CLOSE, escape(name[done:])]))  # noqa: S704
