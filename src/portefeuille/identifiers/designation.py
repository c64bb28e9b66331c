"""What is typed in «Siren ou numéro de compte» and in the searches: which of the four identifiers is it?"""

from dataclasses import dataclass
from enum import Enum

from portefeuille.identifiers import account_number, siren, siret
from portefeuille.identifiers.cleaning import Malformed, compact

HINT = "Saisissez un Siren (9 chiffres), un Siret (14) ou un numéro de compte (15 à 18 chiffres)."

# Shorter ones are only account numbers once zeros are put before them; 9 and 14 digits are a Siren and a Siret.
_SHORTEST_ACCOUNT_NUMBER = 10


class Kind(Enum):
    SIREN = "siren"
    SIRET = "siret"
    PROVISIONAL_SIRET = "provisional siret"
    ACCOUNT_NUMBER = "account number"


@dataclass(frozen=True, slots=True)
class Designation:
    """``value`` is canonical, as the module of its kind returns it."""

    kind: Kind
    value: str

    @property
    def siren(self) -> str:
        """The Siren that the text itself tells: the Siren, or the first 9 digits of a real Siret; else ""."""
        return self.value[: siren.LENGTH] if self.kind in (Kind.SIREN, Kind.SIRET) else ""


def parse(text: str) -> Designation:
    """What ``text`` designates, by its length; ``Malformed`` when it can be none of the four.

    9 digits are a Siren and 14 a Siret, and must have their key: a slip of the key is told as such and is never taken
    for an account number. 10 to 13 and 15 to 18 digits are an account number, its padding zeros typed or not. 14
    letters and digits are a provisional Siret.
    """
    typed = compact(text)
    if not (typed.isascii() and typed.isalnum()):
        raise Malformed(HINT)
    if len(typed) == siret.LENGTH:
        found = siret.parse(typed)
        return Designation(Kind.PROVISIONAL_SIRET if siret.is_provisional(found) else Kind.SIRET, found)
    if not typed.isdigit():
        raise Malformed(HINT)
    if len(typed) == siren.LENGTH:
        return Designation(Kind.SIREN, siren.parse(typed))
    if _SHORTEST_ACCOUNT_NUMBER <= len(typed) <= account_number.LONGEST:
        return Designation(Kind.ACCOUNT_NUMBER, account_number.parse(typed))
    raise Malformed(HINT)
