"""A provider on loopback that can be told to lie, one lie at a time. Without one it is honest."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portefeuille.people.single_sign_on.providers import Kind, Provider

SECRET = "le-secret-du-client-qui-ne-sort-pas"
CODE = "le-code-qui-ne-sort-pas"
ACCESS_TOKEN = "le-jeton-d-acces-qui-ne-sort-pas"
Claims = dict[str, Any]


@cache
def rsa_key(name: str, size: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def published(key: Any, name: str, **more: str) -> dict[str, Any]:
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    found: dict[str, Any] = json.loads(algorithm.to_jwk(key.public_key()))
    return {**found, "kid": name, "use": "sig", **more}


def signed_by_hand(header: Mapping[str, Any], claims: Claims, key: bytes) -> str:
    """HMAC-SHA-256 with any bytes as its key, which the library would refuse to do."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.digest(key, b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def public_pem() -> bytes:
    return rsa_key("a").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class LyingProvider:
    """What it says is in its fields; a test changes one of them, then the site asks."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.be_honest()

    def be_honest(self) -> None:
        self.nonce = ""
        self.subject = "sujet-1"
        self.about: Claims = {"email": "bob@alder.example", "email_verified": True}
        self.keys: Any = [published(rsa_key("a"), "a")]
        self.signing: tuple[str, Any, dict[str, Any]] = ("RS256", rsa_key("a"), {"kid": "a"})
        self.userinfo_is_signed = False
        self.userinfo_signing: tuple[str, Any, dict[str, Any]] | None = None
        self.change_metadata: Callable[[Claims], Any] = lambda metadata: metadata
        self.change_id_claims: Callable[[Claims], Claims] = lambda claims: claims
        self.change_id_token: Callable[[str, Claims], Any] = lambda token, claims: token
        self.change_tokens: Callable[[Claims], Any] = lambda tokens: tokens
        self.change_userinfo: Callable[[Claims], Any] = lambda claims: claims
        #: By path: (status, type, headers, body) instead of the answer; a body that is an Event is waited for.
        self.instead: dict[str, tuple[int, str, dict[str, str], Any]] = {}
        self.asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []

    def as_setting(self, **changes: Any) -> Provider:
        said: dict[str, Any] = {
            "id": "menteur", "name": "Menteur", "issuer": self.issuer, "client_id": "portefeuille",
            "client_secret": SECRET, "kind": Kind.PLAIN,
        }  # fmt: skip
        return Provider(**{**said, **changes})

    def claims(self) -> Claims:
        now = int(time.time())
        return {"iss": self.issuer, "sub": self.subject, "aud": "portefeuille", "iat": now, "exp": now + 60}

    def answer(self, path: str, form: dict[str, list[str]], headers: dict[str, str]) -> tuple[int, str, Any, bytes]:
        self.asked.append((path, form, headers))
        if path in self.instead:
            status, kind, more, body = self.instead[path]
            if isinstance(body, threading.Event):
                body.wait(10)
                body = b"{}"
            return status, kind, more, body
        if path == "/.well-known/openid-configuration":
            return self._json(self.change_metadata(self._metadata()))
        if path == "/keys":
            return self._json({"keys": self.keys})
        if path == "/token":
            claims = self.change_id_claims({**self.claims(), "nonce": self.nonce, "auth_time": int(time.time())})
            token = self.change_id_token(self.sign(claims, self.signing), claims)
            tokens = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60, "id_token": token}
            return self._json(self.change_tokens(tokens))
        if path == "/userinfo":
            if not self.userinfo_is_signed:
                return self._json(self.change_userinfo({"sub": self.subject, **self.about}))
            claims = self.change_userinfo({**self.claims(), **self.about})
            signed = self.sign(claims, self.userinfo_signing or self.signing)
            return 200, "application/jwt; charset=utf-8", {}, signed.encode()
        return 404, "text/plain", {}, b"not here"

    @staticmethod
    def sign(claims: Claims, signing: tuple[str, Any, dict[str, Any]]) -> str:
        algorithm, key, header = signing
        return jwt.encode(claims, key, algorithm=algorithm, headers=header)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _metadata(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/leave",
        }

    @staticmethod
    def _json(content: Any) -> tuple[int, str, Any, bytes]:
        return 200, "application/json", {}, json.dumps(content).encode()


def _handler(provider: LyingProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self._answer(parse_qs(self.rfile.read(length).decode()))

        def _answer(self, form: dict[str, list[str]]) -> None:
            status, kind, more, body = provider.answer(self.path, form, dict(self.headers))
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # the site did not wait
                pass

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    return Handler
