"""The jobs of a worker: each has its turns, and what one of them meets is no concern of the others."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import Error, close_old_connections, connection

IDLE_SECONDS = 1.0
_LONGEST_SECONDS = 30.0

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Patience:
    """How long to wait before the next try: twice as long each time."""

    seconds: float = IDLE_SECONDS

    def longer(self) -> float:
        now, self.seconds = self.seconds, min(self.seconds * 2, _LONGEST_SECONDS)
        return now


@dataclass(slots=True)
class Job:
    """Something to be done again and again; ``do`` tells how much it did.

    After nothing, or where it ``rests`` anyway, it is not due for ``every`` seconds.
    """

    do: Callable[[], int]
    every: float = 0.0
    rests: bool = False
    _due: float = 0.0
    _patience: Patience = field(default_factory=Patience)

    def turn(self) -> int:
        """Do it if it is due; how much was done. Whatever goes wrong is told, and tried again later."""
        if time.monotonic() < self._due:
            return 0
        try:
            done = self.do()
        except Exception as error:
            rest = self._patience.longer()
            name = f"{self.do.__module__.removeprefix('portefeuille.')}.{self.do.__name__}"
            if isinstance(error, Error | OSError):
                why = (isinstance(error, OSError) and error.strerror) or type(error).__name__
                logger.warning("%s was cut short (%s); trying again in %.0f s", name, why, rest)
            else:
                logger.error("%s failed; trying again in %.0f s", name, rest, exc_info=error)
            # In whatever state it left the connection, as one to a server that was demoted.
            connection.close()
            self._due = time.monotonic() + rest
            return 0
        self._patience = Patience()
        self._due = time.monotonic() + (self.every if self.rests or not done else 0.0)
        return done


def answers() -> bool:
    """Whether the database does; a connection that is none any more is replaced."""
    close_old_connections()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True
