"""The e-mails of a demonstration, as an SMTP server accepted them; its letters wait in the print queue."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from tests.outbox.sink import Server, Sink

#: The worker looks at the outbox each second; slow machines are slow, not wrong.
PATIENCE_SECONDS = 30


class Mailbox(Sink):
    """Each e-mail is read once: the next one of its subject to the same person is another."""

    def __init__(self) -> None:
        super().__init__()
        self._read: set[int] = set()
        self._came = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        with self._came:
            answer = await super().handle_DATA(server, session, envelope)
            self._came.notify_all()
        return answer

    def read(self, subject: str, *to: str) -> str:
        """The text of the oldest e-mail of that subject to one of these addresses that was not read; waits for it."""
        with self._came:
            self._came.wait_for(lambda: self._unread(subject, *to) is not None, PATIENCE_SECONDS)
            place = self._unread(subject, *to)
            assert place is not None, f"«{subject}» did not come to {to}: {self._known(*to)}"
            self._read.add(place)
            return str(self.received[place].get_content())

    def link(self, subject: str, *to: str) -> str:
        """The path that it leads to."""
        text = self.read(subject, *to)
        found = re.search(r"https?://[^/\s]+(/\S+)", text)
        assert found is not None, text
        return found[1]

    def _unread(self, subject: str, *to: str) -> int | None:
        wanted = (place for place, mail in enumerate(self.received) if place not in self._read)
        return next((n for n in wanted if _is(self.received[n], subject, *to)), None)

    def _known(self, *to: str) -> list[str]:
        return [str(mail["Subject"]) for mail in self.received if mail["To"] in to]


def _is(mail: EmailMessage, subject: str, *to: str) -> bool:
    return str(mail["Subject"]).strip() == subject and mail["To"] in to


@contextmanager
def opened() -> Iterator[tuple[Mailbox, dict[str, str]]]:
    """A server that listens, and the settings of a demonstration that sends to it."""
    server = Server(mailbox := Mailbox())
    server.start()
    try:
        yield mailbox, {"DEMO_SENDS": "1", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port)}
    finally:
        server.stop()
