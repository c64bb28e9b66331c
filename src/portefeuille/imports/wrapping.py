"""What people and programs write around a number in its cell: «RCS Lyon 732 829 320», «="0117…"». Pure."""

import re
from collections.abc import Collection

from portefeuille.identifiers.cleaning import LONGEST, Malformed, compact

_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
#: Words, then digits with their blanks, then words; either words may be missing.
_AMONG_WORDS = re.compile(r"(?:[^\W\d_][^\d]*[\s:.°])?([0-9][0-9 ./\-\u00a0\u202f]*[0-9])(?:[\s,;(][^\d]*)?")
#: «FR 12 732 829 320», a number for VAT: two digits of key, then the Siren.
_VAT = re.compile(r"FR ?[0-9]{2} ?([0-9]{3} ?[0-9]{3} ?[0-9]{3})", re.IGNORECASE)
#: A NIR whose key stands apart: «… 125/08», «… 125 clé 08», «… 125 (08)».
_KEY_APART = re.compile(r"([0-9][0-9AB .]{12,24}?)(?: ?/ ?| cl[eé] ?:? ?| ?\()([0-9]{2})\)?", re.IGNORECASE)
_CURRENCY_FIRST = re.compile(r"^(?:€|EUR) ?(?=[0-9])")
_APOSTROPHES = re.compile(r"(?<=[0-9])['’](?=[0-9]{3})")


def kept_as_text(cell: str) -> str:
    """The text of «="00117"», as programs write a number from which a spreadsheet shall take no zero."""
    found = _KEPT_AS_TEXT.fullmatch(cell)
    return found[1] if found else cell


def number_among_words(text: str, lengths: Collection[int]) -> str:
    """The only number of ``text``, without its words, where it has one of ``lengths`` digits; else ``text``."""
    if (text.isascii() and text.isdigit()) or len(text) > LONGEST:
        return text
    found = _VAT.fullmatch(text) or _AMONG_WORDS.fullmatch(text)
    if not found:
        return text
    try:
        digits = compact(found[1].replace("/", ""))
    except Malformed:
        return text
    return digits if len(digits) in lengths else text


def nir_with_its_key(text: str) -> str:
    """A NIR whose key stands apart, in one piece; any other text as it is."""
    found = _KEY_APART.fullmatch(text)
    return found[1] + found[2] if found else text


def plain_amount(text: str) -> str:
    """An amount without a currency before it nor apostrophes between its thousands."""
    return _APOSTROPHES.sub("", _CURRENCY_FIRST.sub("", text))
