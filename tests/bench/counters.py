"""What processes cost, from the kernel's own counters."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of processor time, user and system."""

    web: float
    postgresql: float

    def __sub__(self, other: Self) -> "Usage":
        return Usage(self.web - other.web, self.postgresql - other.postgresql)

    @property
    def total(self) -> float:
        return self.web + self.postgresql


class Counters:
    """The counters of some of our processes, and of the PostgreSQL whose first process is ``postmaster``."""

    def __init__(self, ours: Iterable[int], postmaster: int) -> None:
        self._ours = [psutil.Process(pid) for pid in ours]
        self._postmaster = psutil.Process(postmaster)

    def read(self) -> Usage:
        # The postmaster's own count of its ended children keeps what left meanwhile (autovacuum).
        postgresql = _alone(self._postmaster) + _ended(self._postmaster)
        for process in self._postmaster.children(recursive=True):
            try:
                postgresql += _alone(process)
            except psutil.NoSuchProcess:
                continue
        return Usage(sum(_alone(process) for process in self._ours), postgresql)


def _alone(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _ended(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.children_user + times.children_system)
