"""File locks between processes. The kernel lets go of them when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portefeuille.private_postgres.trouble import Trouble


def open_lock(path: Path) -> int:
    """A descriptor of the lock file, not inherited by programs that are started."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def take(descriptor: int, *, shared: bool = False, seconds: float) -> bool:
    """Tries for ``seconds``; whether the lock was got."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


@contextmanager
def held(path: Path, seconds: float = 120) -> Iterator[None]:
    """The exclusive lock of ``path`` for the length of a block; Trouble when it cannot be had in ``seconds``."""
    descriptor = open_lock(path)
    try:
        if not take(descriptor, seconds=seconds):
            raise Trouble(
                f"Another program has been holding {path} for {seconds:.0f} seconds. Stop it, then try again."
            )
        yield
    finally:
        os.close(descriptor)
