"""Which processes are the PostgreSQL of a data folder: a process id in a file may long be somebody else's."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PidFile:
    """What ``postmaster.pid`` tells (src/include/utils/pidfile.h)."""

    pid: int
    socket_folder: str
    status: str  # "starting", "stopping", "ready", "standby" or ""


def pid_file(data: Path) -> PidFile | None:
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return PidFile(int(lines[0]), lines[4].strip() if len(lines) > 4 else "", "".join(lines[7:8]).strip())
    except (OSError, ValueError, IndexError):
        return None


def of(data: Path) -> list[int]:
    """Every live process that works in ``data``: PostgreSQL's processes enter their data folder and stay."""
    if not Path("/proc/self/cwd").exists():  # not Linux: believe the file
        found = pid_file(data)
        return [found.pid] if found and _exists(found.pid) else []
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if is_of(pid, data)]


def is_of(pid: int, data: Path) -> bool:
    """Whether this process is a live one of the server of ``data``."""
    entry = Path("/proc") / str(pid)
    if not Path("/proc/self/cwd").exists():
        return _exists(pid)
    try:
        here, there = data.stat(), (entry / "cwd").stat()  # a zombie has no folder any more
        # Somebody's shell may stand in the folder as well.
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino) and b"postgres" in (
            entry / "comm"
        ).read_bytes()
    except OSError:
        return False


def postmaster(data: Path) -> PidFile | None:
    """The running server of ``data``; None when there is none, whatever files a dead one left."""
    found = pid_file(data)
    return found if found and is_of(found.pid, data) else None


def end(pids: list[int], sign: signal.Signals, data: Path, seconds: float) -> bool:
    """Signals ``pids``, then waits until no server process is left in ``data``; whether that came to be."""
    for pid in pids:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            continue
    return gone(data, seconds)


def gone(data: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while of(data):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
