"""A passkey in a few lines, which signs whatever a test wants: also what no honest one would."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftwareKey:
    """``site`` and ``origin``: what it says it speaks to."""

    site: str = "localhost"
    origin: str = "http://localhost:8000"
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identifier: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def register(self, options: dict[str, Any]) -> str:
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        credential = b"\0" * 16 + struct.pack(">H", len(self.identifier)) + self.identifier + public
        data = self._data(PRESENT | VERIFIED | ATTESTED) + credential
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(clientDataJSON=self._client("webauthn.create", options), attestationObject=attestation)

    def sign(self, options: dict[str, Any], *, handle: bytes = b"", flags: int = PRESENT | VERIFIED) -> str:
        client, data = self._client("webauthn.get", options), self._data(flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        said = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer(**said, **({"userHandle": handle} if handle else {}))

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _answer(self, **response: bytes) -> str:
        name = websafe_encode(self.identifier)
        said = {part: websafe_encode(content) for part, content in response.items()}
        whole = {"id": name, "rawId": name, "type": "public-key", "response": said, "clientExtensionResults": {}}
        return json.dumps(whole)
