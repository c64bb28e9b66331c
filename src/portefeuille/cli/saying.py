"""What the commands write on the terminal: results on standard output, progress and refusals on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Refusal(Exception):
    """A command that cannot do what was asked: the message says why and what to do; ``status`` is the exit code."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def say(text: str = "") -> None:
    """A line of the command's result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """A line about what went wrong."""
    sys.stderr.write(f"portefeuille: {text}\n")
    sys.stderr.flush()


class Progress:
    """Steps with their times: ``Starting PostgreSQL … 0.6 s``. Details of a step stand under it."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._details = 0

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        begin, self._details = time.monotonic(), 0
        self._write(f"{what} … ")
        try:
            yield
        except BaseException:
            self._write("\n")
            raise
        seconds = time.monotonic() - begin
        self._write(f"  {seconds:.1f} s\n" if self._details else f"{seconds:.1f} s\n")

    def detail(self, what: str) -> None:
        """A line under the present step."""
        self._write(f"\n  {what}" if not self._details else f"  {what}")
        self._write("\n")
        self._details += 1

    def total(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begun

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
