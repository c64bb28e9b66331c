"""One attempt to sign in by a provider: what is kept when the browser leaves, what is asked when it comes back.

The authorization code flow with state, nonce and PKCE (RFC 6749, RFC 7636, RFC 9207, OpenID Connect Core 1.0).
"""

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.socialaccount.internal import statekit
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portefeuille.people.single_sign_on import tokens
from portefeuille.people.single_sign_on.providers import Kind, Provider, provider_with
from portefeuille.people.single_sign_on.talking import Conversation, Failed
from portefeuille.sealing import seal, unseal

_SIGNED_ON = "signed_on"
_PURPOSE = "sign-on"
# A word of the protocol, fit for a log.
_ERROR = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was kept of an attempt; ``goal`` is where the person was going.

    ``again``: the key of a person who is signed in already and proves it once more; 0 for a sign-in.
    """

    nonce: str
    verifier: str
    goal: str
    again: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a provider proved somebody to be."""

    provider: Provider
    subject: str
    email: str  # lower case; "" when the provider gives none
    email_is_verified: bool
    second_factor: bool
    #: Whether the person proved who they are a short while ago, rather than being remembered by the provider.
    is_recent: bool
    id_token: str
    leaving: str  # where the person can sign out of the provider; "" when nowhere


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person said no at the provider's."""


def begin(request: HttpRequest, provider: Provider, goal: str, *, again: int = 0) -> str:
    """The address of the provider's page, for an attempt that this browser alone can end. Raises ``Failed``.

    ``again``, the key of the person at work, has the provider ask who it is even if it remembers them.
    """
    conversation = Conversation(provider)
    address = conversation.required_endpoint("authorization_endpoint")
    nonce, verifier = secrets.token_urlsafe(32), ""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback_of(provider),
        "scope": "openid email",  # nothing else is needed of anybody
        "nonce": nonce,
    }
    # ProConnect refuses whatever it does not know; that it does know this, it publishes.
    proof_keys = conversation.metadata().get("code_challenge_methods_supported")
    if provider.kind is Kind.PLAIN or (isinstance(proof_keys, list) and "S256" in proof_keys):
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked["code_challenge"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked["code_challenge_method"] = "S256"
    if provider.kind is Kind.PROCONNECT or conversation.metadata().get("claims_parameter_supported") is True:
        wanted = ["auth_time", *(["amr"] if provider.second_factor else [])]
        claims = {"id_token": {claim: {"essential": True} for claim in wanted}}
        asked["claims"] = json.dumps(claims, separators=(",", ":"))
    if again:
        asked["prompt"] = "login"
    if provider.acr_values:
        asked["acr_values"] = provider.acr_values
    if provider.idp_hint:
        asked["idp_hint"] = provider.idp_hint
    asked["state"] = statekit.stash_state(
        request,
        provider_id=provider.id,
        state={"nonce": nonce, "verifier": verifier, "goal": goal, "again": again},
        state_id=secrets.token_urlsafe(32),  # ProConnect wants 32 characters
    )
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"


def take(request: HttpRequest, provider: Provider) -> Attempt | None:
    """The attempt that the browser comes back from, once; None where it began none, or over ten minutes ago."""
    state = statekit.unstash_state(request, provider_id=provider.id, state_id=request.GET.get("state", ""))
    if state is None:
        return None
    return Attempt(state["nonce"], state["verifier"], state["goal"], state.get("again", 0))


def end(provider: Provider, attempt: Attempt, answer: Mapping[str, str]) -> Identity | Cancelled:
    """Who the provider says that it is, from what the browser brought back. Raises ``Failed``."""
    conversation = Conversation(provider)
    metadata = conversation.metadata()
    named = answer.get("iss")
    if named != provider.issuer and (named or metadata.get("authorization_response_iss_parameter_supported") is True):
        raise Failed("the answer is another provider's")
    if answer.get("error") == "access_denied":
        return Cancelled()
    code = answer.get("code", "")
    if not code or "error" in answer:
        word = answer.get("error", "")
        raise Failed(f"the provider refused{f' ({word})' if _ERROR.fullmatch(word) else ''}")
    given = conversation.tokens(code, attempt.verifier, callback_of(provider))
    access_token, id_token = given.get("access_token"), given.get("id_token")
    if not isinstance(access_token, str) or not isinstance(id_token, str):
        raise Failed("tokens are missing")
    claims = tokens.read_id_token(id_token, conversation, nonce=attempt.nonce, access_token=access_token)
    subject = tokens.subject_of(claims)
    about: Mapping[str, Any] = claims
    if conversation.endpoint("userinfo_endpoint") or provider.kind is Kind.PROCONNECT:
        is_token, body = conversation.userinfo(access_token)
        about = tokens.read_userinfo(
            is_token, body, conversation, subject=subject, must_be_signed=provider.kind is Kind.PROCONNECT
        )
    email = about.get("email")
    # An address whose letters only look like ours would be another's once folded to lower case (the Kelvin sign).
    readable = isinstance(email, str) and email.isascii() and email.isprintable() and len(email) <= 254
    return Identity(
        provider=provider,
        subject=subject,
        email=email.strip().lower() if readable and isinstance(email, str) else "",
        email_is_verified=readable and (provider.email_is_verified or about.get("email_verified") is True),
        second_factor=provider.asked_second_factor(claims.get("acr"), claims.get("amr")),
        is_recent=_is_recent(claims.get("auth_time")),
        id_token=id_token,
        leaving=conversation.endpoint("end_session_endpoint"),
    )


def _is_recent(authenticated_at: object) -> bool:
    """``auth_time`` within ``REAUTHENTICATION``; what a provider does not say is long ago."""
    if not isinstance(authenticated_at, int):
        return False
    return time.time() - authenticated_at < settings.REAUTHENTICATION.total_seconds()


def callback_of(provider: Provider) -> str:
    """The address that the provider sends people back to, as it was told."""
    return settings.SITE_ADDRESS + reverse("sign_on_return", kwargs={"provider": provider.id})


def remember(request: HttpRequest, identity: Identity, person: int) -> None:
    """Keep, sealed in the session, what it takes to sign out of the provider too."""
    if identity.leaving:
        kept = [person, identity.provider.id, identity.leaving, identity.id_token]
        request.session[_SIGNED_ON] = seal(_PURPOSE, json.dumps(kept).encode())


def way_out(request: HttpRequest) -> tuple[Provider, str] | None:
    """The provider that the person of this session signed in by, and the address that signs them out there too."""
    kept = unseal(_PURPOSE, request.session.get(_SIGNED_ON, ""))
    if kept is None:
        return None
    person, provider_id, address, id_token = json.loads(kept)
    provider = provider_with(provider_id)
    if provider is None or person != request.user.pk:
        return None
    asked = {
        "id_token_hint": id_token,
        "post_logout_redirect_uri": settings.SITE_ADDRESS + reverse("home"),
        "state": secrets.token_urlsafe(32),  # ProConnect wants one; nothing is done when the person comes back
    }
    return provider, f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"
