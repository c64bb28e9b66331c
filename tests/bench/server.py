"""The site served as in production, by one process, and a client that keeps its connection."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.counters import Counters
from tests.bench.ground import BARE_PORT, PORT, TRIVIAL, Ground

#: What Chromium says that it understands, on localhost as over TLS.
ENCODINGS = "gzip, deflate, br, zstd"
CSRF = "m" * 32  # any 32 letters: the cookie that a browser keeps after its first page
_SERVE = """
from granian import Granian
from granian.constants import Interfaces
Granian(
    "portefeuille.config.wsgi:application", address="127.0.0.1", port={port}, interface=Interfaces.WSGI, workers=1,
    blocking_threads=4, websockets=False, log_access=False,
).serve()
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes  # as it came: compressed


class Browser:
    """One connection to the server, perhaps with a session."""

    def __init__(self, session: str = "", port: int = PORT) -> None:
        self._connection = http.client.HTTPConnection("localhost", port, timeout=60)
        self._headers = {"Accept-Encoding": ENCODINGS, "Accept": "text/html"}
        if session:
            self._headers["Cookie"] = f"session={session}; csrf={CSRF}"

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        sent = {**self._headers, **(headers or {})}
        try:
            return self._ask("GET", address, None, sent)
        except http.client.RemoteDisconnected:  # the server may close an idle connection: browsers ask again
            self._connection.close()
            return self._ask("GET", address, None, sent)

    def post(self, address: str, body: str) -> Answer:
        kind = "application/x-www-form-urlencoded"
        return self._ask("POST", address, body, {**self._headers, "Content-Type": kind})

    def _ask(self, method: str, address: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        self._connection.request(method, address, body, dict(headers))
        response = self._connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())


@contextmanager
def serving(ground: Ground) -> Iterator[Counters]:
    """The server for a block; its counters are those of the process that answers."""
    with _processes(ground, PORT, "tests.bench.settings") as workers:
        yield Counters(workers, ground.postmaster)


@contextmanager
def serving_twice(ground: Ground) -> Iterator[Counters]:
    """The server and, at ``BARE_PORT``, one without middleware; the counters are those of both together."""
    with (
        _processes(ground, PORT, "tests.bench.settings") as workers,
        _processes(ground, BARE_PORT, "tests.bench.bare_settings") as bare,
    ):
        yield Counters([*workers, *bare], ground.postmaster)


@contextmanager
def _processes(ground: Ground, port: int, settings: str) -> Iterator[list[int]]:
    environment = {**os.environ, "STATEMENT_TIMEOUT_MS": "5000", "DJANGO_SETTINGS_MODULE": settings}
    log = ground.folder / f"web-{port}.log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVE.format(port=port)], stdout=file, stderr=file, env=environment
        )
    try:
        _wait(server, port, log)
        yield [
            child.pid
            for child in psutil.Process(server.pid).children(recursive=True)
            if "resource_tracker" not in " ".join(child.cmdline())
        ]
    finally:
        server.terminate()
        server.wait(30)


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Until it answers. Connecting again and again is the question itself, and each refusal is at once."""
    while True:
        try:
            if Browser(port=port).get(TRIVIAL).status == 200:
                return
        except OSError:
            pass
        if server.poll() is not None:
            raise RuntimeError(log.read_text(errors="replace"))
