"""Reads ``SSO_PROVIDERS``: a wrong entry stops the program and says which one, never its secret."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portefeuille.config.environment import WrongSetting
from portefeuille.people.single_sign_on.providers import Kind, Provider

_NEEDED = {"id", "name", "issuer", "client_id"}
_ALLOWED = _NEEDED | {
    "client_secret", "client_secret_file", "kind", "email_is_verified", "second_factor", "acr_values", "idp_hint",
    "client_authentication",
}  # fmt: skip
_TEXTS = _ALLOWED - {"email_is_verified", "second_factor"}
# It stands in addresses beside the few words of ours.
_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")


def providers_of(text: str) -> tuple[Provider, ...]:
    """The providers of a JSON list of objects; their members are in docs/operations.md."""
    try:
        entries = json.loads(text or "[]")
    except ValueError:
        raise WrongSetting("SSO_PROVIDERS is not JSON") from None
    if not isinstance(entries, list):
        raise WrongSetting("SSO_PROVIDERS is a list")
    providers = tuple(_provider(entry, f"SSO_PROVIDERS[{place}]") for place, entry in enumerate(entries))
    if len({provider.id for provider in providers}) != len(providers):
        raise WrongSetting("SSO_PROVIDERS has one id twice")
    return providers


def _provider(entry: Any, where: str) -> Provider:
    if not isinstance(entry, dict):
        raise WrongSetting(f"{where} is an object")
    if unknown := set(entry) - _ALLOWED:
        raise WrongSetting(f"{where} has no «{min(unknown)}»; docs/operations.md lists what it has")
    if missing := {name for name in _NEEDED if not entry.get(name)}:
        raise WrongSetting(f"{where} lacks «{min(missing)}»")
    if wrong := {name for name in _TEXTS & set(entry) if not isinstance(entry[name], str)}:
        raise WrongSetting(f"{where}: «{min(wrong)}» is a text")
    if not _ID.fullmatch(entry["id"]):
        raise WrongSetting(f"{where}: «id» is made of a to z, 0 to 9 and hyphens, 40 at most")
    issuer = urlsplit(entry["issuer"])
    if issuer.scheme not in ("https", "http") or not issuer.hostname or issuer.query or issuer.fragment:
        raise WrongSetting(f"{where}: «issuer» is an https address")
    if issuer.scheme == "http" and issuer.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise WrongSetting(f"{where}: «issuer» is an https address, but on this very machine")
    kind = entry.get("kind", "oidc")
    if kind not in set(Kind):
        raise WrongSetting(f"{where}: «kind» is {' or '.join(Kind)}")
    authentication = entry.get("client_authentication", "post" if kind == Kind.PROCONNECT else "basic")
    if authentication not in ("basic", "post"):
        raise WrongSetting(f"{where}: «client_authentication» is basic or post")
    # ProConnect gives professional addresses that it had checked.
    verified = entry.get("email_is_verified", kind == Kind.PROCONNECT)
    if not isinstance(verified, bool):
        raise WrongSetting(f"{where}: «email_is_verified» is true or false")
    second_factor = entry.get("second_factor", [])
    if not isinstance(second_factor, list) or not all(isinstance(value, str) and value for value in second_factor):
        raise WrongSetting(f"{where}: «second_factor» is a list of texts")
    return Provider(
        id=entry["id"],
        name=entry["name"],
        issuer=entry["issuer"],
        client_id=entry["client_id"],
        client_secret=_secret(entry, where),
        kind=Kind(kind),
        email_is_verified=verified,
        second_factor=frozenset(second_factor),
        acr_values=entry.get("acr_values", ""),
        idp_hint=entry.get("idp_hint", ""),
        client_authentication=authentication,
    )


def _secret(entry: dict[str, Any], where: str) -> str:
    secret: str = entry.get("client_secret", "")
    if path := entry.get("client_secret_file", ""):
        try:
            secret = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongSetting(f"{where}: «client_secret_file» cannot be read: {error.strerror}") from error
    if not secret:
        raise WrongSetting(f"{where} lacks «client_secret», or «client_secret_file»")
    return secret
