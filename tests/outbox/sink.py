"""A real SMTP server on loopback that keeps what it accepts and misbehaves on demand."""

import asyncio
import threading
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """``received`` are the e-mails that were answered 250, in order. ``faults`` are used up, one for each e-mail.

    A fault is the answer to RCPT or DATA («rcpt 550 no», «data 451 later»), or: «drop» (closed after DATA, before the
    answer), «leave» (closed after the 250, in place of an answer to QUIT), «hang» (no answer until ``release``),
    «wait» (hangs until ``release``, then accepts).
    """

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.connections = 0
        self.faults: deque[str] = deque()
        self.busy = threading.Event()
        self.release = threading.Event()

    def _next(self, *kinds: str) -> str:
        if self.faults and self.faults[0].split()[0] in kinds:
            return self.faults.popleft()
        return ""

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if fault := self._next("rcpt"):
            return fault.partition(" ")[2]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        fault = self._next("data", "drop", "leave", "hang", "wait")
        if fault.startswith("data"):
            return fault.partition(" ")[2]
        if fault == "drop":
            server.transport.abort()
            return "250 never heard"
        if fault in ("hang", "wait"):
            self.busy.set()
            while not self.release.is_set():
                await asyncio.sleep(0.005)
            if fault == "hang":
                return "451 too late"
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        session.leaves = fault == "leave"
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        if getattr(session, "leaves", False):
            server.transport.abort()
        return "221 Bye"

    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.received]


class Server(Controller):
    """Listens where the system gives it a port, which ``port`` tells once it has started."""

    def __init__(self, sink: Sink, port: int = 0) -> None:
        # A name of its own: asking the system for one may take seconds where there is no DNS.
        super().__init__(sink, hostname="127.0.0.1", port=port, server_hostname="sink.example")
        self.sink = sink

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def stop(self, no_assert: bool = False) -> None:
        self.sink.release.set()
        super().stop(no_assert)
