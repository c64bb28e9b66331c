"""Many connections at work in the same instant: threads that start together, and processes that can be killed."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

from django.db import connection

#: Nothing here takes that long; a thread that does is stuck.
SECONDS = 60


class Crew:
    """``size`` threads, each with a connection of its own, kept from round to round.

    ``together`` starts one function in each at the same instant and returns what they returned, in order. A function
    that raised is given back as its exception: tests compare results, so an unforeseen exception fails them.
    """

    def __init__(self, size: int) -> None:
        self._tasks: list[queue.SimpleQueue[tuple[int, Callable[[], Any], threading.Barrier] | None]] = [
            queue.SimpleQueue() for _ in range(size)
        ]
        self._results: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, args=(tasks,), daemon=True) for tasks in self._tasks]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for tasks in self._tasks:
            tasks.put(None)
        for thread in self._threads:
            thread.join(SECONDS)

    def _work(self, tasks: "queue.SimpleQueue[Any]") -> None:
        connection.ensure_connection()
        while (task := tasks.get()) is not None:
            place, function, barrier = task
            try:
                barrier.wait(SECONDS)
                self._results.put((place, function()))
            except Exception as error:  # noqa: BLE001  (handed to the test)
                self._results.put((place, error))
        connection.close()

    def together(self, functions: Sequence[Callable[[], Any]]) -> list[Any]:
        assert len(functions) <= len(self._tasks)
        barrier = threading.Barrier(len(functions))
        for place, (tasks, function) in enumerate(zip(self._tasks, functions, strict=False)):
            tasks.put((place, function, barrier))
        found = dict(self._results.get(timeout=SECONDS) for _ in functions)
        return [found[place] for place in range(len(functions))]


def database_url() -> str:
    """The address of the test's database, for another process."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path="/" + quote(connection.settings_dict["NAME"])))


def start(program: str, **environment: str) -> "subprocess.Popen[str]":
    """Another process of the program, on the test's database, that runs the lines of ``program``.

    It is talked to by its standard input and output, and killed like any process.
    """
    return subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup()\n" + program],
        env={**os.environ, "DATABASE_URL": database_url(), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
