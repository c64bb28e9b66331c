"""What people and programs write around a number in its cell: «RCS Lyon 732 829 320», «="0117…"». Pure."""

import re
from collections.abc import Collection

from portefeuille.identifiers.cleaning import Malformed, compact

_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
#: Words, then digits with their blanks, then words; either words may be missing.
_AMONG_WORDS = re.compile(r"(?:[^\W\d_][^\d]*[\s:.°])?([0-9][0-9 .\-\u00a0\u202f]*[0-9])(?:[\s,;(][^\d]*)?")


def kept_as_text(cell: str) -> str:
    """The text of «="00117"», as programs write a number from which a spreadsheet shall take no zero."""
    found = _KEPT_AS_TEXT.fullmatch(cell)
    return found[1] if found else cell


def number_among_words(text: str, lengths: Collection[int]) -> str:
    """The only number of ``text``, without its words, where it has one of ``lengths`` digits; else ``text``."""
    if text.isascii() and text.isdigit():
        return text
    found = _AMONG_WORDS.fullmatch(text)
    if not found:
        return text
    try:
        digits = compact(found[1])
    except Malformed:
        return text
    return digits if len(digits) in lengths else text
