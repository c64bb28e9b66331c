"""An amount in euros, exact to the cent."""

import re
from decimal import Decimal

from portefeuille.identifiers.cleaning import NARROW_SPACE, Malformed, visible

# Ten digits of euros and two of cents: more than any contribution, and what the database's columns hold.
LONGEST_WHOLE_PART = 10

EMPTY = "Saisissez le montant, par exemple 1 234,56."
NEGATIVE = "Saisissez le montant sans signe, par exemple 1 234,56."
UNREADABLE = "Ce montant est illisible : écrivez-le avec des chiffres, par exemple 1 234,56."
TOO_LARGE = "Ce montant est trop grand : vérifiez-le."
TOO_PRECISE = "Un montant a deux chiffres au plus après la virgule."
AMBIGUOUS = "Ce montant peut se lire de deux façons : écrivez aussi les centimes, par exemple 1 234,00."

_CURRENCY = re.compile(r" ?(?:€|EUR|euros?)$", re.IGNORECASE)
# Whole part plain or grouped by three with one sort of mark, then another sort of mark before the cents.
_READABLE = re.compile(
    r"(?P<plain>[0-9]+)(?:[.,](?P<cents_after_plain>[0-9]+))?"
    r"|(?P<blanks>[0-9]{1,3}(?: [0-9]{3})+)(?:[.,](?P<cents_after_blanks>[0-9]+))?"
    r"|(?P<dots>[0-9]{1,3}(?:\.[0-9]{3})+),(?P<cents_after_dots>[0-9]+)"
    r"|(?P<commas>[0-9]{1,3}(?:,[0-9]{3})+)\.(?P<cents_after_commas>[0-9]+)"
    r"|(?P<many>[0-9]{1,3}(?:(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,}))",
    re.ASCII,
)
_AMBIGUOUS = re.compile(r"[0-9]{1,3}[.,][0-9]{3}", re.ASCII)


def parse(text: str) -> Decimal:
    """The amount with exactly two decimals.

    Reads «1 234,56», «1234.56», «1234,56 €», «1.234,56», «1,234.56», «1 234» (1234.00) and «12,5» (12.50). Refuses a
    sign, an exponent, more than two decimals, more than 12 digits cents included, and what can be read in two ways:
    «1.234» is a thousand or one and a bit.
    """
    typed = re.sub(" +", " ", visible(text))
    typed = _CURRENCY.sub("", typed)
    if not typed:
        raise Malformed(EMPTY)
    if typed[0] in "-+\u2212\u2013":
        raise Malformed(NEGATIVE)
    found = _READABLE.fullmatch(typed)
    if found is None:
        raise Malformed(UNREADABLE)
    if _AMBIGUOUS.fullmatch(typed) and not typed.startswith("0"):
        raise Malformed(AMBIGUOUS)
    parts = {name: value for name, value in found.groupdict().items() if value}
    cents = next((value for name, value in parts.items() if name.startswith("cents")), "")
    whole = next(value for name, value in parts.items() if not name.startswith("cents"))
    whole = re.sub("[ .,]", "", whole).lstrip("0") or "0"
    if len(cents) > 2:
        raise Malformed(TOO_PRECISE)
    if len(whole) > LONGEST_WHOLE_PART:
        raise Malformed(TOO_LARGE)
    return Decimal(f"{whole}.{cents:0<2}")


def canonical(value: Decimal) -> str:
    """«1234.56»: what is digested. The value has at most two decimals (anything else is a mistake of ours)."""
    exact = value.quantize(Decimal("0.01"))
    if exact != value:
        raise ValueError("an amount is exact to the cent")
    return str(exact)


def show(value: Decimal) -> str:
    """«1 234,56 €»."""
    whole, _, cents = canonical(value).partition(".")
    return f"{int(whole):,}".replace(",", NARROW_SPACE) + f",{cents}{NARROW_SPACE}€"
