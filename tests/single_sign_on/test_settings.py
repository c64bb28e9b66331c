"""``SSO_PROVIDERS``: what the deployer writes is read strictly, and its secret is told to nobody."""

import json
from pathlib import Path
from typing import Any

import pytest

from portefeuille.config.environment import WrongSetting
from portefeuille.config.single_sign_on import providers_of
from portefeuille.people.single_sign_on.providers import Kind

SECRET = "le-secret-du-client"
RIGHT: dict[str, Any] = {
    "id": "tilleul",
    "name": "Tilleul",
    "issuer": "https://tilleul.example",
    "client_id": "portefeuille",
    "client_secret": SECRET,
}


def test_none_is_the_default() -> None:
    assert providers_of("[]") == providers_of("") == ()


def test_a_plain_provider() -> None:
    (provider,) = providers_of(json.dumps([RIGHT]))
    assert (provider.kind, provider.client_authentication, provider.email_is_verified) == (Kind.PLAIN, "basic", False)
    assert not provider.asked_second_factor("mfa", ["mfa"])
    assert SECRET not in repr(provider)


def test_proconnect_vouches_for_addresses_and_wants_its_secret_posted(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    entry = {**RIGHT, "kind": "proconnect", "second_factor": ["mfa", "eidas3"]}
    del entry["client_secret"]
    (provider,) = providers_of(json.dumps([{**entry, "client_secret_file": str(tmp_path / "secret")}]))
    assert (provider.client_authentication, provider.email_is_verified, provider.client_secret) == (
        "post",
        True,
        SECRET,
    )
    assert provider.asked_second_factor("eidas1", ["pwd", "mfa"])
    assert provider.asked_second_factor("eidas3", None)
    for acr, amr in ((None, None), ("eidas1", ["pwd"]), (["mfa"], "mfa"), ("", [["mfa"], 1])):
        assert not provider.asked_second_factor(acr, amr)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": ""}, "lacks «id»"),
        ({"id": "Tilleul/.."}, "«id» is made of"),
        ({"name": None}, "lacks «name»"),
        ({"name": 7}, "«name» is a text"),
        ({"issuer": "http://tilleul.example"}, "«issuer» is an https address"),
        ({"issuer": "tilleul.example"}, "«issuer» is an https address"),
        ({"issuer": "https://tilleul.example/?a=b"}, "«issuer» is an https address"),
        ({"kind": "saml"}, "«kind» is oidc or proconnect"),
        ({"client_secret": ""}, "lacks «client_secret»"),
        ({"client_secret_file": "/nowhere/at/all"}, "«client_secret_file» cannot be read"),
        ({"client_authentication": "none"}, "«client_authentication» is basic or post"),
        ({"email_is_verified": "yes"}, "«email_is_verified» is true or false"),
        ({"second_factor": "mfa"}, "«second_factor» is a list of texts"),
        ({"scope": "openid"}, "has no «scope»"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        providers_of(json.dumps([{**RIGHT, **changes}]))
    assert said in str(refused.value)
    assert str(refused.value).startswith("SSO_PROVIDERS[0]")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("text", ["{", "{}", "[7]", json.dumps([RIGHT, RIGHT])])
def test_what_is_no_list_of_providers_is_refused(text: str) -> None:
    with pytest.raises(WrongSetting):
        providers_of(text)
