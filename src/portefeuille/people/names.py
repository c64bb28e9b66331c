"""What people call themselves and their things, kept so that a name can neither pass for another nor break a line."""

import unicodedata

from portefeuille.identifiers.cleaning import Malformed

NO_LETTER = "Saisissez un nom avec au moins une lettre."
MIXED = "Ce nom mêle plusieurs alphabets dans un même mot. Saisissez-le de nouveau au clavier."
# Alphabets whose letters are drawn like ours.
_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}


def parse(text: str) -> str:
    """The name composed (NFC), on one line, without control and direction marks.

    Refuses what has no letter, and a word that mixes alphabets whose letters look alike.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(
        " " if c.isspace() else c for c in composed if c.isspace() or not unicodedata.category(c).startswith("C")
    )
    words = kept.split()
    if not any(c.isalpha() for c in kept):
        raise Malformed(NO_LETTER)
    if any(len(_alphabets(word)) > 1 for word in words):
        raise Malformed(MIXED)
    return " ".join(words)


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(c, "").partition(" ")[0] for c in word if c.isalpha()} & _ALIKE
