"""Signed witnesses of the chains' heads, appended to a file that the database cannot reach (R11).

Whoever may rewrite the database may rewrite a chain with right digests; not what was signed about it before. Each line
is a JSON object that holds the heads that moved, the digest of the line before, and an Ed25519 signature.
"""

import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection
from django.utils import timezone


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.AUDIT_SIGNING_SEED))


def _canonical(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()


def sign_heads() -> int:
    """Append one signed line with the heads that moved since the last one; how many moved (0: nothing is written)."""
    path = Path(settings.AUDIT_CHECKPOINTS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several workers may share the file
        file.seek(0)
        whole, _, torn = file.read().rpartition(b"\n")
        lines = whole.splitlines()
        known: dict[str, int] = {}
        for line in lines:
            known.update(_seqs_of(line))
        with connection.cursor() as cursor:
            cursor.execute("SELECT chain, seq, encode(digest, 'hex') FROM audit_chain ORDER BY chain")
            moved = [head for head in cursor.fetchall() if known.get(str(head[0])) != head[1]]
        if not moved:
            return 0
        at = timezone.now().isoformat()
        entry = {
            "at": at,
            "heads": {str(chain): [seq, digest, _sign_head(at, chain, seq, digest)] for chain, seq, digest in moved},
            "previous": hashlib.sha256(lines[-1] if lines else b"").hexdigest(),
        }
        signature = _key().sign(_canonical(entry)).hex()
        if torn:  # the machine stopped in the middle of a line, which witnessed nothing yet
            file.truncate(len(whole) + 1 if lines else 0)
        file.write(_canonical({"entry": entry, "signature": signature}) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return len(moved)


def _sign_head(at: str, chain: int, seq: int, digest: str) -> str:
    """A head signed by itself, so that a firm can be shown its own without those of others."""
    return _key().sign(_canonical({"at": at, "chain": chain, "digest": digest, "seq": seq})).hex()


def _seqs_of(line: bytes) -> dict[str, int]:
    """How long a line says the chains are. Nothing for an unreadable one: ``read`` reports it, and signing goes on."""
    try:
        return {chain: head[0] for chain, head in json.loads(line)["entry"]["heads"].items()}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return {}


def read() -> tuple[int, list[tuple[int, int, str]], int]:
    """The number of signed lines, all the heads they witness, and the first line that is wrong (0: none is)."""
    if not settings.AUDIT_CHECKPOINTS or not Path(settings.AUDIT_CHECKPOINTS).exists():
        return 0, [], 0
    heads: list[tuple[int, int, str]] = []
    public_key = _key().public_key()
    before = b""
    with Path(settings.AUDIT_CHECKPOINTS).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # never half of a line that is being written
        lines = file.read().splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            content = json.loads(line)
            entry = content["entry"]
            public_key.verify(bytes.fromhex(content["signature"]), _canonical(entry))
            if entry["previous"] != hashlib.sha256(before).hexdigest():
                return len(lines), heads, number
            heads += [(int(chain), seq, digest) for chain, (seq, digest, _) in entry["heads"].items()]
        except (ValueError, KeyError, TypeError, RecursionError, InvalidSignature):
            return len(lines), heads, number
        before = line
    return len(lines), heads, 0


def heads_of(chain: int) -> list[dict[str, Any]]:
    """The signed heads of one chain, as ``{at, chain, digest, seq, signature}``: each stands by itself."""
    path = Path(settings.AUDIT_CHECKPOINTS or "")
    if not path.is_file():
        return []
    found = []
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        for line in file:
            if f'"{chain}":'.encode() not in line:
                continue
            try:
                entry = json.loads(line)["entry"]
                seq, digest, signature = entry["heads"][str(chain)]
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # ``read`` reports it
            found.append({"at": entry["at"], "chain": chain, "digest": digest, "seq": seq, "signature": signature})
    return found


def public_key() -> str:
    """The key that checks the signatures: 64 hexadecimal digits."""
    return _key().public_key().public_bytes_raw().hex()
