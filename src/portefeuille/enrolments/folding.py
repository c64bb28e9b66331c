"""Text as it is searched and sorted: without accents, case, ligatures or punctuation."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """«L'Œuvre d'Été, S.A.R.L.» → «l oeuvre d ete s a r l»."""
    if text.isascii():  # most names: nothing to take apart
        return _NOT_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_WORD.sub(" ", plain.casefold().translate(_LIGATURES)).strip()
