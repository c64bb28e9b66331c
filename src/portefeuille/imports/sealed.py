"""What a file held, as it waits in rows: compressed, then sealed under a key that the database does not have."""

import hashlib
import hmac
import json
import zlib
from collections.abc import Sequence

from django.conf import settings

from portefeuille.imports.headings import words_of
from portefeuille.imports.opening import Row
from portefeuille.sealing import seal, unseal

_CELLS = "import-cells"
_ADDRESS = "import-address"


def seal_rows(rows: Sequence[Row]) -> str:
    return seal(_CELLS, zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), 3))


def rows_of(sealed: str) -> list[Row]:
    """The rows of a block; none once the key is lost, as after a restore without it."""
    opened = unseal(_CELLS, sealed)
    return [] if opened is None else [(line, cells) for line, cells in json.loads(zlib.decompress(opened))]


def seal_headings(headings: Sequence[str]) -> str:
    return seal_rows([(0, list(headings))])


def headings_of(sealed: str) -> list[str]:
    return next((cells for _, cells in rows_of(sealed)), [])


def seal_address(address: str) -> str:
    return seal(_ADDRESS, address.encode())


def address_of(sealed: str) -> str:
    opened = unseal(_ADDRESS, sealed)
    return "" if opened is None else opened.decode()


def signature(headings: Sequence[str]) -> bytes:
    """Names a sort of file by its headings. Keyed: a file without headings has a client in their place."""
    words = "\x1f".join(words_of(heading) for heading in headings)
    key = hashlib.sha256(b"portefeuille/import-headings/" + settings.SECRET_KEY.encode()).digest()
    return hmac.digest(key, words.encode(), "sha256")
