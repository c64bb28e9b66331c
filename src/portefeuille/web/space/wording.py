"""How clients are named on the pages, with the words of the real space."""

from typing import Protocol

from portefeuille.identifiers import account_number as account_numbers
from portefeuille.identifiers import siren as sirens
from portefeuille.registry.models import Regime

SLUGS = {
    Regime.GENERAL: "regime-general",
    Regime.CRAFT_TRADE: "artisan-commercant",
    Regime.LIBERAL: "profession-liberale",
    Regime.REGULATED_LIBERAL: "profession-liberale-reglementee",
    Regime.MAJORITY_MANAGER: "gerant-majoritaire",
}
REGIME_OF_SLUG = {slug: regime for regime, slug in SLUGS.items()}


class Named(Protocol):
    """Whatever has the identifiers of a subject: a subject, a client, a row of the list."""

    @property
    def regime(self) -> str: ...
    @property
    def siren(self) -> str: ...
    @property
    def account_number(self) -> str: ...


def regime_label(regime: str) -> str:
    return str(Regime(regime).label)


def identifier(named: Named) -> str:
    """«732 829 320», or the account number where there is no Siren."""
    return sirens.show(named.siren) if named.siren else account_numbers.show(named.account_number)


def enrolment_name(named: Named) -> str:
    """«Comptes Régime Général du Siren 732 829 320», «Compte Gérant majoritaire sans Siret 117 …»."""
    label = regime_label(named.regime)
    if named.siren:
        return f"Comptes {label} du Siren {sirens.show(named.siren)}"
    return f"Compte {label} {account_numbers.show(named.account_number)}"
