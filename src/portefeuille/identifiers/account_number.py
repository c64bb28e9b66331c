"""The number of an account with the body: digits, 15 to 18 of them in what we have seen, without a public key.

Papers and files pad it with zeros on the left or not, group it or not: it is compared without either (R1).
"""

from portefeuille.identifiers.cleaning import Malformed, digits_only, grouped

LONGEST = 18
EMPTY = "Saisissez le numéro de compte : 15 à 18 chiffres."
LETTERS = "Le numéro de compte n'a que des chiffres : enlevez les autres caractères."
ZEROS = "Le numéro de compte ne peut pas être fait de zéros : vérifiez-le."


def parse(text: str) -> str:
    """The canonical number: 1 to 18 digits, no zeros on the left. Refuses letters, only zeros, over 18 digits."""
    typed = digits_only(text, empty=EMPTY, letters=LETTERS)
    number = typed.lstrip("0")
    if not number:
        raise Malformed(ZEROS)
    if len(number) > LONGEST:
        raise Malformed(f"Le numéro de compte a 18 chiffres au plus : vous en avez saisi {len(typed)}.")
    return number


def show(number: str) -> str:
    """«117 000 001 234 567»: groups of three from the left."""
    return grouped(number, 3)
