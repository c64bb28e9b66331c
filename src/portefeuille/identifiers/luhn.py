"""The Luhn key, as Siren and Siret have it."""

# A digit doubled, its own two digits added up: 8 makes 16, that is 7.
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")


def has_key(number: str) -> bool:
    """Whether ASCII digits end with their Luhn key. A register of a country asks this tens of millions of times."""
    digits = number.encode("ascii")
    return (sum(digits[-1::-2]) + sum(digits[-2::-2].translate(_DOUBLED)) - 48 * len(digits)) % 10 == 0
