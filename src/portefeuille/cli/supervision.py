"""Child processes of the demonstration: started, watched, started again, and ended together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from portefeuille.cli.saying import Refusal, complain
from portefeuille.cli.serving import LIFELINE

#: More restarts than this within ``WINDOW`` seconds, and we give up.
RESTARTS = 5
WINDOW = 60.0
GRACE_SECONDS = 15.0


@dataclass(slots=True)
class Child:
    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes]
    restarts: list[float] = field(default_factory=list)


class Children:
    """Processes of this program. They also end by themselves when we are killed: their lifeline breaks."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = dict(environment)
        self._logs = logs
        self._children: list[Child] = []
        self._kept_end, self._held_end = os.pipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for child in self._children:
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # Its own children are in its group.
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        os.close(self._held_end)
        os.close(self._kept_end)

    def start(self, name: str, *arguments: str) -> Child:
        """Runs ``portefeuille <arguments>``; what it writes goes to ``<logs>/<name>.log``."""
        self._logs.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "portefeuille.cli", *arguments]
        log = self._logs / f"{name}.log"
        child = Child(name, command, log, self._spawn(command, log))
        self._children.append(child)
        return child

    def look(self) -> None:
        """Starts those that died again; Refusal when one keeps dying."""
        for child in self._children:
            status = child.process.poll()
            if status is None:
                continue
            now = time.monotonic()
            child.restarts = [moment for moment in child.restarts if now - moment < WINDOW]
            if len(child.restarts) >= RESTARTS:
                raise Refusal(f"The {child.name} process keeps ending (status {status}). Its log: {child.log}")
            complain(f"the {child.name} process ended (status {status}): starting it again.")
            child.restarts.append(now)
            child.process = self._spawn(child.command, child.log)

    def _spawn(self, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            # A group of its own: Ctrl-C in the terminal reaches us alone, and we end the others in order.
            return subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**self._environment, LIFELINE: str(self._kept_end)},
                pass_fds=(self._kept_end,),
                start_new_session=True,
            )


def last_lines(log: Path, count: int = 3) -> str:
    """The end of a log, for a message."""
    try:
        return " | ".join(log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-count:])
    except OSError:
        return ""
