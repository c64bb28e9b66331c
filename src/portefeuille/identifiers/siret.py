"""The Siret: the 14 digits of an establishment, or 14 letters and digits while it is provisional.

A real one has a Luhn key, except La Poste's (Siren 356000000), whose digits add up to a multiple of 5. A provisional
one holds at least one letter and has no key.
"""

from portefeuille.identifiers import luhn, siren
from portefeuille.identifiers.cleaning import Malformed, compact, grouped

LENGTH = 14
_LA_POSTE, _LA_POSTE_HEAD_OFFICE = "356000000", "35600000000048"
EMPTY = "Saisissez le Siret : 14 chiffres."
SIGNS = "Le Siret n'a que des chiffres et des lettres : enlevez les autres caractères."
WRONG_KEY = "La clé de ce Siret est fausse : vérifiez chacun des 14 chiffres."


def parse(text: str) -> str:
    """The 14 characters, letters upper-case. Refuses another length, other signs, a wrong key, fourteen zeros."""
    number = compact(text).upper()
    if not number:
        raise Malformed(EMPTY)
    if not (number.isascii() and number.isalnum()):
        raise Malformed(SIGNS)
    if len(number) != LENGTH:
        raise Malformed(f"Le Siret a 14 chiffres : vous en avez saisi {len(number)}.")
    if number.isdigit() and not is_valid(number):
        raise Malformed(WRONG_KEY)
    return number


def is_valid(number: str) -> bool:
    """Whether 14 ASCII digits are a real Siret."""
    if len(number) != LENGTH or not siren.is_valid(number[: siren.LENGTH]):
        return False
    if number.startswith(_LA_POSTE) and number != _LA_POSTE_HEAD_OFFICE:
        return sum(map(int, number)) % 5 == 0
    return luhn.has_key(number)


def is_provisional(number: str) -> bool:
    """Whether a parsed Siret is a provisional one."""
    return not number.isdigit()


def show(number: str) -> str:
    """«732 829 320 00074»; a provisional one is shown whole, as it is printed."""
    return number if is_provisional(number) else grouped(number, 3, 3, 3, 5)
