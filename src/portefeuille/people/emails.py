"""The e-mail address that a person signs in with: what is taken, and how it is kept."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from portefeuille.identifiers.cleaning import Malformed

LONGEST = 254
EMPTY = "Saisissez une adresse électronique."
NOT_ONE = "Cette adresse n'est pas complète : elle ressemble à « prenom.nom@cabinet.fr »."
NOT_ASCII = "Saisissez l'adresse sans accent : seuls les lettres, chiffres et signes du clavier y sont admis."


def parse(text: str) -> str:
    """The address in lower case, without the blanks and invisible marks that come along when people paste.

    Only ASCII is taken, in the domain too (its «xn--» form where it has another): a letter that looks like another
    one would make two addresses of what people read as one.
    """
    kept = "".join(c for c in text[: LONGEST * 2] if unicodedata.category(c) != "Cf").strip().lower()
    if not kept:
        raise Malformed(EMPTY)
    if not kept.isascii():
        raise Malformed(NOT_ASCII)
    try:
        validate_email(kept)
    except ValidationError as error:
        raise Malformed(NOT_ONE) from error
    if len(text) > LONGEST:
        raise Malformed(f"L'adresse a {LONGEST} caractères au plus.")
    return kept
