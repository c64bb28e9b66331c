"""Judging the lines of a file by as many processes as the machine has processors, in the order of the file.

Parsing and digesting in one process are most of the time of a load, while PostgreSQL waits. Small files are judged
where they are read. The processes are forked: they know the schema and the keys already, never touch the database, and
hand back rows as COPY reads them.
"""

import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from itertools import chain, islice
from typing import Any

from portefeuille.registry.feeds.reading import Numbered, Table

BLOCK = 2_000
#: Files of fewer blocks are not worth the processes.
ALONE = 10
MOST_PROCESSES = 4

Convert = Callable[[tuple[Any, ...]], tuple[Any, ...]]
#: Rows for COPY, how many lines they come from, and the refusals: line, column, reason.
Judged = tuple[bytes, int, list[tuple[int, str, str]]]

# What the processes do: set before they are forked, since it could not be sent to them.
_judge: Callable[[list[Numbered]], Judged] | None = None


def judged(table: Table, convert: Convert | None) -> Iterator[Judged]:
    """Every block of the file in its order; ``convert`` makes a staged row of the values of a line."""

    def judge(block: list[Numbered]) -> Judged:
        refused: list[tuple[int, str, str]] = []
        rows = table.rows(block, lambda *refusal: refused.append(refusal))
        if convert is None:
            lines = [_line(number, row) for number, row in rows]
        else:
            lines = [_line(number, convert(row)) for number, row in rows]
        return "".join(lines).encode(), len(block), refused

    blocks = table.blocks(BLOCK)
    first = list(islice(blocks, ALONE))
    processes = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    if len(first) < ALONE or processes == 1:
        yield from map(judge, chain(first, blocks))
    else:
        yield from _by_many(chain(first, blocks), judge, processes)


def _by_many(
    blocks: Iterator[list[Numbered]], judge: Callable[[list[Numbered]], Judged], processes: int
) -> Iterator[Judged]:
    global _judge
    _judge = judge
    waiting: deque[Future[Judged]] = deque()
    try:
        with ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("fork"),
            initializer=_leave_with,
            initargs=(os.getpid(),),
        ) as pool:
            try:
                for block in blocks:
                    waiting.append(pool.submit(_work, block))
                    if len(waiting) > 2 * processes:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    finally:
        _judge = None


def _leave_with(reader: int) -> None:
    """Ends this process with the one that reads, even after ``kill -9``.

    It inherited the socket to PostgreSQL: as long as it lives, so does the transaction, with the lock of the loader.
    """

    def watch() -> None:
        while os.getppid() == reader:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _work(block: list[Numbered]) -> Judged:
    assert _judge is not None  # noqa: S101
    return _judge(block)


def _line(number: int, row: tuple[Any, ...]) -> str:
    """A row in COPY's text format. Control characters were refused already: only backslashes are left."""
    cells = [
        (value.replace("\\", "\\\\") if "\\" in value else value) if type(value) is str else _other(value)
        for value in row
    ]
    return f"{number}\t" + "\t".join(cells) + "\n"


def _other(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    return str(value)
