"""Text as it is searched and sorted: without accents, case, ligatures or punctuation."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """«L'Œuvre d'Été, S.A.R.L.» → «l oeuvre d ete s a r l»."""
    if text.isascii():  # most names: nothing to take apart
        return _NOT_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_WORD.sub(" ", plain.casefold().translate(_LIGATURES)).strip()


def written(name: str) -> str:
    """A name as somebody writes it twice: its case and its blanks count for nothing, all else does."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def by_name(named: Iterable[tuple[str, T]]) -> Callable[[str], T | None]:
    """Finds what a name stands for: that very name, else the only one that is alike but for case, accents and
    punctuation. «Paie» and «Paie +» are two names: neither is taken for the other, and «paie !» is nobody's.
    """
    levels = [(key, defaultdict[str, list[T]](list)) for key in (str.strip, written, fold)]
    for name, thing in named:
        for key, found in levels:
            found[key(name)].append(thing)

    def find(name: str) -> T | None:
        for key, found in levels:
            near = found.get(key(name), []) if key(name) else []
            if len(near) == 1:
                return near[0]
        return None

    return find
