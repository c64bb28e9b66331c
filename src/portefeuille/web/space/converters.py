"""What may stand in an address of the space: anything else is 404 before any query."""

from portefeuille.identifiers import siren as sirens
from portefeuille.identifiers import siret as sirets
from portefeuille.registry.models import Regime
from portefeuille.web.space.wording import REGIME_OF_SLUG, SLUGS


class SirenConverter:
    regex = "[0-9]{9}"

    def to_python(self, value: str) -> str:
        return sirens.parse(value)  # Malformed is a ValueError: the address matches nothing

    def to_url(self, value: str) -> str:
        return value


class SiretConverter:
    regex = "[0-9A-Z]{14}"

    def to_python(self, value: str) -> str:
        return sirets.parse(value)

    def to_url(self, value: str) -> str:
        return value


class RegimeConverter:
    regex = "[a-z-]+"

    def to_python(self, value: str) -> Regime:
        if value not in REGIME_OF_SLUG:
            raise ValueError(value)
        return REGIME_OF_SLUG[value]

    def to_url(self, value: Regime) -> str:
        return SLUGS[value]
