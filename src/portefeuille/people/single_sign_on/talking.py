"""Talking to a provider: little time, small answers, no redirection, nothing in clear but on this very machine."""

import base64
import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib import request as urls
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit

from portefeuille.people.single_sign_on.providers import Provider

#: Of one call, and of all the calls of one sign-in.
CALL_SECONDS, WHOLE_SECONDS = 5.0, 12.0
LARGEST = 256 * 1024  # bytes
#: How long what a provider publishes is used again, and how long one that did not answer is left alone.
KEPT_SECONDS, LEFT_ALONE_SECONDS = 600.0, 15.0
_WELL_KNOWN = "/.well-known/openid-configuration"


class Failed(Exception):
    """The sign-in cannot go on. ``str()`` says why in a few words of ours, fit for a log."""


@dataclass(slots=True)
class _Known:
    """What a process knows of a provider. Two threads may both ask: the later answer stays."""

    metadata: Mapping[str, Any] | None = None
    metadata_until: float = 0.0
    keys: list[Any] = field(default_factory=list)
    keys_until: float = 0.0
    left_alone_until: float = 0.0


_known: dict[str, _Known] = {}


def forget() -> None:
    """Drop what providers published."""
    _known.clear()


class Conversation:
    """The calls of one sign-in. Each raises ``Failed`` for whatever is not a right answer in time."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._ends = time.monotonic() + WHOLE_SECONDS
        self._known = _known.setdefault(provider.issuer, _Known())
        self._fresh_keys = False

    def metadata(self) -> Mapping[str, Any]:
        """What the provider publishes about itself, under the very name that we expect."""
        known, now = self._known, time.monotonic()
        if known.metadata is not None and now < known.metadata_until:
            return known.metadata
        if now < known.left_alone_until:
            raise Failed("the provider did not answer a moment ago")
        try:
            found = _object(self._call(self.provider.issuer.rstrip("/") + _WELL_KNOWN), "discovery")
        except Failed:
            known.left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
            raise
        if found.get("issuer") != self.provider.issuer:
            raise Failed("discovery names another issuer")
        known.metadata, known.metadata_until = found, time.monotonic() + KEPT_SECONDS
        return found

    def endpoint(self, name: str) -> str:
        """An address of the metadata; "" where there is none."""
        address = self.metadata().get(name, "")
        if address and not may_talk_to(address):
            raise Failed(f"{name} is not an address to talk to")
        return str(address)

    def required_endpoint(self, name: str) -> str:
        address = self.endpoint(name)
        if not address:
            raise Failed(f"discovery has no {name}")
        return address

    def keys(self, *, fresh: bool) -> list[Any]:
        """The provider's public keys (JWK). ``fresh``: asked again, once in a conversation."""
        known = self._known
        if (fresh and not self._fresh_keys) or time.monotonic() >= known.keys_until:
            found = _object(self._call(self.required_endpoint("jwks_uri")), "keys").get("keys")
            if not isinstance(found, list):
                raise Failed("keys are not a list")
            known.keys, known.keys_until = found, time.monotonic() + KEPT_SECONDS
            self._fresh_keys = True
        return known.keys

    def tokens(self, code: str, verifier: str, callback: str) -> Mapping[str, Any]:
        """What the provider gives for the code that came back through the browser."""
        provider = self.provider
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback}
        if verifier:
            form["code_verifier"] = verifier
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if provider.client_authentication == "post":
            form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
        else:  # RFC 6749, 2.3.1: both are form-encoded first
            pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = self._call(self.required_endpoint("token_endpoint"), headers, urlencode(form).encode())
        return _object(answer, "tokens")

    def userinfo(self, access_token: str) -> tuple[bool, bytes]:
        """Whether the answer is a token (``application/jwt``), and the answer."""
        if not access_token.isascii() or not access_token.isprintable():
            raise Failed("the access token cannot be sent")
        address = self.required_endpoint("userinfo_endpoint")
        answer = self._call(address, {"Authorization": f"Bearer {access_token}"})
        return answer.kind == "application/jwt", answer.body

    def _call(self, address: str, headers: Mapping[str, str] | None = None, form: bytes | None = None) -> "_Answer":
        if not may_talk_to(address):
            raise Failed("not an address to talk to")
        remaining = min(CALL_SECONDS, self._ends - time.monotonic())
        if remaining <= 0:
            raise Failed("the provider took too long")
        accept = {"Accept": "application/json, application/jwt", "User-Agent": "Portefeuille"}
        asked = urls.Request(address, form, {**accept, **(headers or {})})  # noqa: S310 - checked above
        ends = time.monotonic() + remaining
        try:
            with _opener(address).open(asked, timeout=remaining) as answer:
                body = b""
                while chunk := answer.read1(64 * 1024):
                    body += chunk
                    if len(body) > LARGEST:
                        raise Failed("the answer is too large")
                    if time.monotonic() > ends:
                        raise Failed("the provider took too long")
                if answer.status != 200:
                    raise Failed(f"status {answer.status}")
                return _Answer(answer.headers.get_content_type(), body)
        except HTTPError as error:
            with error:
                raise Failed(f"status {error.code}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            # Its text can hold an address with a code in it.
            raise Failed(f"no answer ({type(getattr(error, 'reason', error)).__name__})") from None


@dataclass(frozen=True, slots=True)
class _Answer:
    kind: str
    body: bytes


def may_talk_to(address: object) -> bool:
    """https, or this very machine."""
    if not isinstance(address, str) or not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _opener(address: str) -> urls.OpenerDirector:
    """https and http only, by the deployer's proxy if there is one; a redirection is an error."""
    opener = urls.OpenerDirector()
    here = _is_this_machine(urlsplit(address).hostname or "")
    for handler in (
        urls.ProxyHandler({} if here else None),
        urls.HTTPHandler(),
        urls.HTTPSHandler(context=ssl.create_default_context()),
        urls.HTTPDefaultErrorHandler(),
        urls.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _object(answer: _Answer, what: str) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise Failed(f"{what}: not JSON") from None
    if not isinstance(found, dict):
        raise Failed(f"{what}: not an object")
    return found
