"""``python -m portefeuille.imports.reading``: a file on standard input, its rows on standard output.

A process of its own for each file, with limits of memory and time, that can open nothing: no file, no connection. It
knows neither the database nor any key. What it writes is a line of JSON about the file, then one for each row,
``[line, [cells]]``, or one line ``{"refused": code}``. Whatever else happens to it is a refusal too.
"""

import contextlib
import ctypes
import json
import resource
import sys
from itertools import islice

from portefeuille.imports import delimited, workbooks
from portefeuille.imports.grids import Grid, Refused, Why, with_headings
from portefeuille.imports.headings import proposed

MOST_BYTES = 10 * 1024 * 1024
MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 20
_PREPARED = (
    *("utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "utf_32"),
    *("cp1252", "mac_roman", "cp850", "cp437", "ascii"),
)
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
#: For the guess by values, and to show under each heading.
_SAMPLE = 40

_MAGIC = (
    (b"\xd0\xcf\x11\xe0", Why.OLD_EXCEL),
    (b"%PDF", Why.NO_SPREADSHEET),
    (b"\x89PNG", Why.NO_SPREADSHEET),
    (b"\xff\xd8\xff", Why.NO_SPREADSHEET),
    (b"GIF8", Why.NO_SPREADSHEET),
    (b"{\\rtf", Why.NO_SPREADSHEET),
    (b"\x1f\x8b", Why.NO_SPREADSHEET),
    (b"BZh", Why.NO_SPREADSHEET),
    (b"7z\xbc\xaf", Why.NO_SPREADSHEET),
    (b"Rar!", Why.NO_SPREADSHEET),
    (b"\x7fELF", Why.NO_SPREADSHEET),
    (b"MZ\x90", Why.NO_SPREADSHEET),
)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def shut_in() -> None:
    """Take from this process all that reading does not need. It cannot be given back."""
    for encoding in _PREPARED:  # a codec is a file, found when it is first named
        b"".decode(encoding)
        "".encode(encoding)
    with contextlib.suppress(OSError, AttributeError):  # where the kernel lets us: no network at all
        ctypes.CDLL(None).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        # Standard input, output and error are open: there is no number left for a file or a socket.
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(limit, (most, most))


def grid_of(content: bytes) -> Grid:
    """What the bytes are, told by the bytes alone: names and types that came along say nothing."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Refused(Why.EMPTY)
    if len(content) > MOST_BYTES:
        raise Refused(Why.TOO_LARGE)
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return workbooks.read(content)
    for magic, why in _MAGIC:
        if content.startswith(magic):
            raise Refused(Why.LOCKED if why is Why.OLD_EXCEL and _ENCRYPTED in content else why)
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise Refused(Why.WEB_PAGE)
    if head.startswith((b"<?xml", b"<workbook")) and b"office:spreadsheet" in head:  # Excel 2003's XML
        raise Refused(Why.OLD_EXCEL)
    if head.startswith((b"<?xml", b"<!doctype", b"<!entity", b"<workbook")):
        raise Refused(Why.NO_SPREADSHEET)
    return delimited.read(content)


def main() -> int:
    shut_in()
    out = sys.stdout
    try:
        grid = grid_of(sys.stdin.buffer.read(MOST_BYTES + 1))
        found = with_headings(grid)
        rows = iter(found.rows)
        first = list(islice(rows, _SAMPLE))
        if not first:
            raise Refused(Why.NO_ROW)
        about = {
            "kind": grid.kind,
            "sheet": grid.sheet,
            "other_sheets": grid.other_sheets[:10],
            "encoding": grid.encoding,
            "separator": grid.separator,
            "named": found.named,
            "headings": found.headings,
            "proposed": proposed(found.headings, [cells for _, cells in first]),
        }
        out.write(json.dumps(about) + "\n")
        for row in first:
            out.write(json.dumps(row) + "\n")
        for row in rows:
            out.write(json.dumps(row) + "\n")
        out.write("[]\n")  # the end: what stops before it was cut
    except Refused as refused:
        out.write(json.dumps({"refused": refused.why}) + "\n")
    except MemoryError:
        out.write(json.dumps({"refused": Why.TOO_HEAVY}) + "\n")
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
