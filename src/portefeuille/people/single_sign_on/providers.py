"""The providers that the deployer configured."""

from dataclasses import dataclass, field
from enum import StrEnum

from django.conf import settings


class Kind(StrEnum):
    PLAIN = "oidc"  # any OpenID provider
    PROCONNECT = "proconnect"  # its userinfo is a signed token, and it refuses parameters that it does not know


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of ``SSO_PROVIDERS`` (docs/operations.md says what each setting is)."""

    id: str  # in addresses and links: it never changes
    name: str  # on screen
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    kind: Kind = Kind.PLAIN
    #: Whether the provider itself vouches for each address that it gives, without ``email_verified``.
    email_is_verified: bool = False
    #: The values of ``acr`` or ``amr`` that mean that the provider asked for a second factor.
    second_factor: frozenset[str] = frozenset()
    acr_values: str = ""
    idp_hint: str = ""
    #: How we tell the provider who we are: "basic" or "post".
    client_authentication: str = "basic"

    def asked_second_factor(self, acr: object, amr: object) -> bool:
        """Whether what the provider says of a sign-in is a second factor to it."""
        said = {acr} if isinstance(acr, str) else set()
        if isinstance(amr, list):
            said |= {method for method in amr if isinstance(method, str)}
        return not self.second_factor.isdisjoint(said)


def configured() -> tuple[Provider, ...]:
    """In the order of the settings, which is that of the buttons."""
    providers: tuple[Provider, ...] = settings.SSO_PROVIDERS
    return providers


def provider_with(identifier: str) -> Provider | None:
    return next((provider for provider in configured() if provider.id == identifier), None)
