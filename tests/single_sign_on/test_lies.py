"""A provider that lies, is slow or is down: nobody is signed in, nothing changes, the page says what to do."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from django.test import Client

from portefeuille.people.single_sign_on import talking
from portefeuille.people.single_sign_on.providers import Kind
from tests.cast import Cast
from tests.single_sign_on.lying_provider import (
    ACCESS_TOKEN,
    CODE,
    SECRET,
    LyingProvider,
    ec_key,
    public_pem,
    published,
    rsa_key,
    signed_by_hand,
)
from tests.single_sign_on.visiting import Visit
from tests.web.reading import rows, text

Lie = Callable[[LyingProvider], None]
FAILED = "/connexion/menteur/echec/?next=%2Fmon-espace%2F%3Fchoisir%3D1"


def go(liar: LyingProvider, **answer: str) -> tuple[Visit, Any]:
    """To the provider and back, as far as it leads."""
    visit = Visit("menteur")
    left = visit.leave()
    if left.status_code != 200:
        return visit, left
    liar.nonce = visit.query["nonce"]
    return visit, visit.come_back(code=CODE, state=visit.query["state"], **answer)


def claim(**changes: Any) -> Lie:
    """The ID token says something else; None takes a claim out."""

    def lie(liar: LyingProvider) -> None:
        liar.change_id_claims = lambda claims: {k: v for k, v in {**claims, **changes}.items() if v is not None}

    return lie


def later(**seconds: int) -> Lie:
    def lie(liar: LyingProvider) -> None:
        now = int(time.time())
        liar.change_id_claims = lambda claims: {**claims, **{name: now + by for name, by in seconds.items()}}

    return lie


def token(change: Callable[[str, dict[str, Any]], Any]) -> Lie:
    def lie(liar: LyingProvider) -> None:
        liar.change_id_token = change

    return lie


def signing(algorithm: str, key: Callable[[], Any], **header: Any) -> Lie:
    def lie(liar: LyingProvider) -> None:
        liar.signing = (algorithm, key(), header)

    return lie


def instead(path: str, status: int, body: bytes = b"{}", kind: str = "application/json", **headers: str) -> Lie:
    def lie(liar: LyingProvider) -> None:
        liar.instead[path] = (status, kind, headers, body)

    return lie


def metadata(**changes: Any) -> Lie:
    def lie(liar: LyingProvider) -> None:
        liar.change_metadata = lambda said: {k: v for k, v in {**said, **changes}.items() if v is not None}

    return lie


def userinfo(**changes: Any) -> Lie:
    def lie(liar: LyingProvider) -> None:
        liar.change_userinfo = lambda claims: {k: v for k, v in {**claims, **changes}.items() if v is not None}

    return lie


def keys(make: Callable[[], Any]) -> Lie:
    def lie(liar: LyingProvider) -> None:
        liar.keys = make()

    return lie


def both(*lies: Lie) -> Lie:
    def lie(liar: LyingProvider) -> None:
        for one in lies:
            one(liar)

    return lie


DISCOVERY = "/.well-known/openid-configuration"
LIES: dict[str, Lie] = {
    "discovery: another issuer": metadata(issuer="https://autre.example"),
    "discovery: the issuer with a slash": lambda liar: metadata(issuer=f"{liar.issuer}/")(liar),
    "discovery: no issuer": metadata(issuer=None),
    "discovery: no page to go to": metadata(authorization_endpoint=None),
    "discovery: the page is a script": metadata(authorization_endpoint="javascript:alert(1)"),
    "discovery: the page is in clear": metadata(authorization_endpoint="http://ailleurs.example/authorize"),
    "discovery: the page is a number": metadata(authorization_endpoint=7),
    "discovery: no place for tokens": metadata(token_endpoint=None),
    "discovery: tokens in clear": metadata(token_endpoint="http://ailleurs.example/token"),
    "discovery: tokens in a file": metadata(token_endpoint="file:" + "///etc/hostname"),
    "discovery: keys in clear": metadata(jwks_uri="http://ailleurs.example/keys"),
    "discovery: userinfo with a password": metadata(userinfo_endpoint="https://a:b@ailleurs.example/"),
    "discovery: a way out that is a script": metadata(end_session_endpoint="javascript:alert(1)"),
    "discovery: a list": lambda liar: setattr(liar, "change_metadata", lambda said: [said]),
    "discovery: not JSON": instead(DISCOVERY, 200, b"<html>"),
    "discovery: nested without end": instead(DISCOVERY, 200, b"[" * 200_000),
    "discovery: not there": instead(DISCOVERY, 404),
    "discovery: a fault": instead(DISCOVERY, 500),
    "discovery: elsewhere": instead(DISCOVERY, 302, Location="/autre"),
    "discovery: too large": instead(DISCOVERY, 200, b" " * (talking.LARGEST + 1)),
    "tokens: refused": instead("/token", 400, b'{"error":"invalid_grant"}'),
    "tokens: elsewhere": instead("/token", 307, Location="/autre"),
    "tokens: not JSON": instead("/token", 200, b"access_token=x&id_token=y", "application/x-www-form-urlencoded"),
    "tokens: a list": lambda liar: setattr(liar, "change_tokens", lambda tokens: [tokens]),
    "tokens: no access token": lambda liar: setattr(liar, "change_tokens", lambda t: {"id_token": t["id_token"]}),
    "tokens: an access token of two lines": lambda liar: setattr(
        liar, "change_tokens", lambda t: {**t, "access_token": "a\r\nX: y"}
    ),
    "tokens: no ID token": token(lambda token, claims: None),
    "ID token: a number": token(lambda token, claims: 7),
    "ID token: cut": token(lambda token, claims: token[:-8]),
    "ID token: no signature": token(lambda token, claims: token.rpartition(".")[0] + "."),
    "ID token: not one": token(lambda token, claims: "a.b.c"),
    "ID token: alg none": token(lambda token, claims: jwt.encode(claims, None, algorithm="none")),
    "ID token: HS256 with the public key": token(
        lambda token, claims: signed_by_hand({"alg": "HS256", "kid": "a"}, claims, public_pem())
    ),
    "ID token: HS256 with the client's secret": token(
        lambda token, claims: signed_by_hand({"alg": "HS256"}, claims, SECRET.encode())
    ),
    "ID token: RS256 by name, HMAC by deed": token(
        lambda token, claims: signed_by_hand({"alg": "RS256", "kid": "a"}, claims, public_pem())
    ),
    "ID token: RS512": signing("RS512", lambda: rsa_key("a"), kid="a"),
    "ID token: another key under the same name": signing("RS256", lambda: rsa_key("other"), kid="a"),
    "ID token: a key nobody knows": signing("RS256", lambda: rsa_key("other"), kid="other"),
    "ID token: its own key in its header": signing(
        "RS256", lambda: rsa_key("other"), jwk=published(rsa_key("other"), "other"), kid="other"
    ),
    "ID token: a key to encrypt with": keys(lambda: [published(rsa_key("a"), "a", use="enc")]),
    "ID token: a key for something else": keys(lambda: [published(rsa_key("a"), "a", alg="PS256")]),
    "ID token: a short key": both(
        signing("RS256", lambda: rsa_key("short", 1024), kid="a"),
        keys(lambda: [published(rsa_key("short", 1024), "a")]),
    ),
    "ID token: which key is not said": both(
        signing("RS256", lambda: rsa_key("a")),
        keys(lambda: [published(rsa_key("a"), "a"), published(rsa_key("other"), "b")]),
    ),
    "ID token: something critical that we do not know": signing(
        "RS256", lambda: rsa_key("a"), kid="a", crit=["x"], x=1
    ),
    "keys: none": keys(list),
    "keys: not a list": keys(lambda: {"a": 1}),
    "keys: broken": keys(lambda: [{"kty": "RSA", "kid": "a", "n": "!", "e": 1}, 7, None]),
    "keys: symmetrical": keys(lambda: [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]),
    "keys: not there": instead("/keys", 404),
    "ID token: another issuer": claim(iss="https://autre.example"),
    "ID token: no issuer": claim(iss=None),
    "ID token: for somebody else": claim(aud="autre"),
    "ID token: for nobody": claim(aud=None),
    "ID token: for several": claim(aud=["portefeuille", "autre"]),
    "ID token: for several, by somebody else": claim(aud=["portefeuille", "autre"], azp="autre"),
    "ID token: asked for by somebody else": claim(azp="autre"),
    "ID token: another attempt": claim(nonce="autre"),
    "ID token: no attempt": claim(nonce=None),
    "ID token: the attempt is a list": claim(nonce=["autre"]),
    "ID token: expired": later(iat=-300, exp=-61),
    "ID token: never expires": claim(exp=None),
    "ID token: expires in words": claim(exp="demain"),
    "ID token: expires at infinity": claim(exp=float("inf")),
    "ID token: no date": claim(iat=None),
    "ID token: of the future": later(iat=120, exp=300),
    "ID token: not yet": later(nbf=120, exp=300),
    "ID token: about nobody": claim(sub=None),
    "ID token: about «»": claim(sub=""),
    "ID token: about a number": claim(sub=7),
    "ID token: about somebody too long": claim(sub="s" * 192),
    "ID token: about a NUL": claim(sub="a\x00b"),
    "ID token: about a look-alike": claim(sub="sujet-1\u200b"),
    "ID token: of another access token": claim(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "userinfo: about somebody else": userinfo(sub="sujet-2"),
    "userinfo: about nobody": userinfo(sub=None),
    "userinfo: refused": instead("/userinfo", 401),
    "userinfo: elsewhere": instead("/userinfo", 302, Location="/autre"),
    "userinfo: not JSON": instead("/userinfo", 200, b"\xff\x00"),
    "userinfo: a list": lambda liar: setattr(liar, "change_userinfo", lambda claims: [claims]),
    "userinfo: a token that is none": instead("/userinfo", 200, b"\xff", "application/jwt"),
}


def signed(lie: Lie) -> Lie:
    def signs(liar: LyingProvider) -> None:
        liar.userinfo_is_signed = True
        lie(liar)

    return signs


def userinfo_signing(algorithm: str, key: Callable[[], Any], **header: Any) -> Lie:
    def lie(liar: LyingProvider) -> None:
        liar.userinfo_signing = (algorithm, key(), header)

    return lie


SIGNED_LIES: dict[str, Lie] = {
    "not signed": lambda liar: setattr(liar, "userinfo_is_signed", False),
    "about somebody else": userinfo(sub="sujet-2"),
    "another issuer": userinfo(iss="https://autre.example"),
    "no issuer": userinfo(iss=None),
    "for somebody else": userinfo(aud="autre"),
    "for nobody": userinfo(aud=None),
    "expired": userinfo(exp=1),
    "of the future": userinfo(iat=32_503_680_000),
    "another key": userinfo_signing("RS256", lambda: rsa_key("other"), kid="a"),
    "an unknown key": userinfo_signing("RS256", lambda: rsa_key("other"), kid="other"),
    "alg none": userinfo_signing("none", lambda: None),
    "HS256": userinfo_signing("HS256", lambda: SECRET.encode(), kid="a"),
}


@pytest.fixture
def before(cast: Cast) -> Iterator[None]:
    """Nothing changes in the whole test."""
    found = rows()
    yield
    assert rows() == found


def refused(liar: LyingProvider, caplog: pytest.LogCaptureFixture, name: str = "", **answer: str) -> None:
    """Nobody is signed in; the page says what to do, and the log why, without a secret."""
    caplog.clear()
    visit, came = go(liar, **answer)
    assert (came.status_code, came["Location"]) == (302, FAILED), name
    assert not visit.is_signed_in, name
    assert "sign-on by menteur failed" in caplog.text, name
    for secret in (SECRET, CODE, ACCESS_TOKEN, "bob@alder.example", *visit.query.get("nonce", "").split()):
        assert secret not in caplog.text, name


def test_without_a_lie_one_is_signed_in(cast: Cast, liar: LyingProvider) -> None:
    visit, came = go(liar)
    assert (came.status_code, came["Location"]) == (302, visit.goal)
    assert visit.browser.session["_auth_user_id"] == str(cast.users["bob"].pk)


def test_the_page_says_what_to_do(before: None, liar: LyingProvider, caplog: pytest.LogCaptureFixture) -> None:
    instead("/token", 500)(liar)
    refused(liar, caplog)
    page = text(Client().get(FAILED))
    assert "La connexion avec Menteur n'a pas abouti. Réessayez, ou utilisez votre mot de passe." in page


SUBJECTS = sorted({name.partition(":")[0] for name in LIES})


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_lie_is_believed(before: None, liar: LyingProvider, caplog: pytest.LogCaptureFixture, subject: str) -> None:
    for name, lie in LIES.items():
        if name.partition(":")[0] == subject:
            talking.forget()
            liar.be_honest()
            lie(liar)
            refused(liar, caplog, name)


def test_no_lie_of_a_signed_userinfo_is_believed(
    before: None, liar: LyingProvider, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SSO_PROVIDERS = (liar.as_setting(kind=Kind.PROCONNECT),)
    for name, lie in SIGNED_LIES.items():
        liar.be_honest()
        signed(lie)(liar)
        refused(liar, caplog, name)


def test_a_signed_userinfo_is_believed(cast: Cast, liar: LyingProvider, settings: Any) -> None:
    settings.SSO_PROVIDERS = (liar.as_setting(kind=Kind.PROCONNECT),)
    liar.userinfo_is_signed = True
    assert go(liar)[0].is_signed_in


@pytest.mark.parametrize(
    "answer",
    [
        {"iss": "https://autre.example"},
        {"error": "server_error"},
        {"error": "login_required", "error_description": "x"},
    ],
    ids=str,
)
def test_what_the_browser_brings_is_no_more_believed(
    before: None, liar: LyingProvider, caplog: pytest.LogCaptureFixture, answer: dict[str, str]
) -> None:
    refused(liar, caplog, **answer)


def test_a_provider_that_says_its_name_must_say_it(
    cast: Cast, liar: LyingProvider, caplog: pytest.LogCaptureFixture
) -> None:
    metadata(authorization_response_iss_parameter_supported=True)(liar)
    refused(liar, caplog)
    assert go(liar, iss=liar.issuer)[0].is_signed_in


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys", "/userinfo"])
def test_a_provider_that_hangs_is_not_waited_for(
    before: None, liar: LyingProvider, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(talking, "CALL_SECONDS", 0.2)
    never = threading.Event()
    liar.instead[path] = (200, "application/json", {}, never)
    refused(liar, caplog)
    never.set()


def test_all_the_calls_of_a_sign_in_have_one_limit(
    before: None, liar: LyingProvider, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "WHOLE_SECONDS", 0.0)
    refused(liar, caplog)
    assert liar.asked == []


def test_a_provider_that_is_down_is_left_alone_for_a_moment(
    before: None, liar: LyingProvider, caplog: pytest.LogCaptureFixture
) -> None:
    instead(DISCOVERY, 503)(liar)
    for _ in range(3):
        refused(liar, caplog)
    assert [path for path, *_ in liar.asked] == [DISCOVERY]


def test_a_provider_that_is_not_there(
    before: None, liar: LyingProvider, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SSO_PROVIDERS = (liar.as_setting(issuer="http://127.0.0.1:1"),)
    refused(liar, caplog)


# --- what is no lie -----------------------------------------------------------------------------------------------

TRUTHS: dict[str, Lie] = {
    "a clock half a minute late": later(iat=-90, exp=-30),
    "a clock half a minute early": later(iat=30, exp=90),
    "for us and others, asked for by us": claim(aud=["portefeuille", "autre"], azp="portefeuille"),
    "an access token with its digest": claim(at_hash="qkrAcAaIsg3XZll8QXH7gg"),
    "ES256": both(signing("ES256", lambda: ec_key("e"), kid="e"), keys(lambda: [published(ec_key("e"), "e")])),
    "one key without a name": both(signing("RS256", lambda: rsa_key("a"))),
    "no userinfo": both(metadata(userinfo_endpoint=None), claim(email="bob@alder.example", email_verified=True)),
    "a key among others": keys(lambda: [published(ec_key("e"), "e"), {"kty": "OKP"}, published(rsa_key("a"), "a")]),
}


def test_what_is_true_is_believed(cast: Cast, liar: LyingProvider) -> None:
    for name, truth in TRUTHS.items():
        talking.forget()
        liar.be_honest()
        truth(liar)
        assert go(liar)[0].is_signed_in, name


@pytest.mark.parametrize("name", ["a", "b"])
def test_keys_are_renewed_as_the_provider_likes(cast: Cast, liar: LyingProvider, name: str) -> None:
    """Under a new name, or under the old one: what was published before is asked for once more."""
    assert go(liar)[0].is_signed_in
    signing("RS256", lambda: rsa_key("renewed"), kid=name)(liar)
    keys(lambda: [published(rsa_key("renewed"), name)])(liar)
    assert go(liar)[0].is_signed_in
    assert [path for path, *_ in liar.asked].count("/keys") == 2


def test_what_is_published_is_asked_for_once(cast: Cast, liar: LyingProvider) -> None:
    for _ in range(3):
        go(liar)
    asked = [path for path, *_ in liar.asked]
    assert (asked.count(DISCOVERY), asked.count("/keys"), asked.count("/token")) == (1, 1, 3)
