"""The NIR, «numéro de sécurité sociale»: 13 characters and a key of 2 digits, 2A and 2B in Corsica.

Nothing here may put the number in a message: it is the one thing that no log may hold (R11).
"""

import re

from stdnum.fr import nir as checked

from portefeuille.identifiers.cleaning import Malformed, compact

LENGTH = 15
WITHOUT_KEY = 13
EMPTY = "Saisissez le numéro de sécurité sociale : 13 chiffres et la clé."
LETTERS = "Le numéro de sécurité sociale n'a que des chiffres, sauf 2A ou 2B en Corse."
WRONG_KEY = "La clé de ce numéro de sécurité sociale est fausse : vérifiez les 15 chiffres."
WRONG_START = "Le numéro de sécurité sociale commence par 1 ou 2 : vérifiez-le."

_SHAPE = re.compile(r"[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]*", re.ASCII)


def parse(text: str) -> str:
    """The 15 characters. A number typed without its key gets it. Refuses another length, other signs, a wrong key.

    The first digit may be 1 to 8: 3, 4, 7 and 8 begin the waiting numbers of people born abroad.
    """
    number = compact(text).upper()
    if not number:
        raise Malformed(EMPTY)
    digits = number.replace("A", "0").replace("B", "0")
    if not (digits.isascii() and digits.isdigit()):
        raise Malformed(LETTERS)
    if len(number) not in (WITHOUT_KEY, LENGTH):
        raise Malformed(
            f"Le numéro de sécurité sociale a 13 chiffres, 15 avec la clé : vous en avez saisi {len(number)}."
        )
    if not _SHAPE.fullmatch(number):
        raise Malformed(LETTERS)
    if number[0] in "09":
        raise Malformed(WRONG_START)
    if len(number) == WITHOUT_KEY:
        return number + key(number)
    if key(number[:WITHOUT_KEY]) != number[WITHOUT_KEY:]:
        raise Malformed(WRONG_KEY)
    return number


def key(number: str) -> str:
    """The two digits of the key of 13 characters."""
    return str(checked.calc_check_digits(number))
