"""The Siren: the 9 digits of a company, the last one a Luhn key."""

from portefeuille.identifiers import luhn
from portefeuille.identifiers.cleaning import Malformed, digits_only, grouped

LENGTH = 9
EMPTY = "Saisissez le Siren : 9 chiffres."
LETTERS = "Le Siren n'a que des chiffres : enlevez les autres caractères."
WRONG_KEY = "La clé de ce Siren est fausse : vérifiez chacun des 9 chiffres."


def parse(text: str) -> str:
    """The 9 digits. Refuses another length, anything but digits, a wrong key, nine zeros."""
    number = digits_only(text, empty=EMPTY, letters=LETTERS)
    if len(number) != LENGTH:
        raise Malformed(f"Le Siren a 9 chiffres : vous en avez saisi {len(number)}.")
    if not is_valid(number):
        raise Malformed(WRONG_KEY)
    return number


def is_valid(number: str) -> bool:
    """Whether 9 ASCII digits are a Siren."""
    return len(number) == LENGTH and luhn.has_key(number) and number != "0" * LENGTH


def show(number: str) -> str:
    """«732 829 320»."""
    return grouped(number, 3)
