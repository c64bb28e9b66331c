"""What all identifiers have in common: the marks that come along when people paste, and the refusals."""

import unicodedata

# Far more than any identifier or amount with its blanks: what is longer was not meant for the field.
LONGEST = 100

NARROW_SPACE = "\u202f"

# Hyphen, non-breaking hyphen, figure dash, en dash, em dash, minus, and the dots that people group digits with.
_SEPARATORS = frozenset("-.\u00ad\u00b7\u2010\u2011\u2012\u2013\u2014\u2212")

TOO_LONG = f"La saisie est trop longue : {LONGEST} caractères au plus."
OTHER_DIGITS = "Saisissez les chiffres du clavier, de 0 à 9."
UNREADABLE = "La saisie contient un caractère illisible : saisissez-la de nouveau au clavier."


class Malformed(ValueError):
    """The text cannot be what was asked for. ``str()`` is a French sentence that says what is wrong and what to do."""


def visible(text: str) -> str:
    """``text`` without invisible marks (direction marks, zero-width, byte order mark), every blank an ASCII space.

    Refuses more than ``LONGEST`` characters, control characters (NUL…), lone surrogates, and digits that are not
    ASCII: «٣», «³» or «３» are not what the keyboard of the person types.
    """
    if len(text) > LONGEST:
        raise Malformed(TOO_LONG)
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = []
    for character in text:
        if character.isascii():
            if character.isspace():
                kept.append(" ")
            elif not character.isprintable():
                raise Malformed(UNREADABLE)
            else:
                kept.append(character)
        elif character.isspace():
            kept.append(" ")
        elif character.isnumeric():
            raise Malformed(OTHER_DIGITS)
        else:
            category = unicodedata.category(character)
            if category in ("Cc", "Cs", "Cn", "Co"):
                raise Malformed(UNREADABLE)
            if category != "Cf":
                kept.append(character)
    return "".join(kept).strip()


def compact(text: str) -> str:
    """``visible(text)`` without blanks, dots and hyphens: what people group digits with."""
    if text.isascii() and text.isalnum() and len(text) <= LONGEST:
        return text  # as files hold them, by the million
    return "".join(character for character in visible(text) if character != " " and character not in _SEPARATORS)


def digits_only(text: str, *, empty: str, letters: str) -> str:
    """``compact(text)`` where only ASCII digits are left; ``empty`` and ``letters`` are the sentences of refusal."""
    kept = compact(text)
    if not kept:
        raise Malformed(empty)
    if not (kept.isascii() and kept.isdigit()):
        raise Malformed(letters)
    return kept


def grouped(text: str, *sizes: int) -> str:
    """``text`` cut into groups of the given sizes by narrow no-break spaces; the last size goes on to the end."""
    groups, start = [], 0
    for size in sizes[:-1]:
        groups.append(text[start : start + size])
        start += size
    groups.extend(text[place : place + sizes[-1]] for place in range(start, len(text), sizes[-1]))
    return NARROW_SPACE.join(filter(None, groups))
