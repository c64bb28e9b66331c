"""Variants measured in turns, so that what else the machine does falls on all of them alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from tests.bench.counters import Counters, Usage


@dataclass(frozen=True)
class Variant:
    """``ask`` does the thing once; ``times`` in each round, enough for counters that tick each 10 ms."""

    name: str
    ask: Callable[[], object]
    times: int


@dataclass(frozen=True)
class Figures:
    """Medians over the rounds, in milliseconds of processor time for once; ``ratio`` to the first variant."""

    web: float
    postgresql: float
    ratio: float

    @property
    def total(self) -> float:
        return self.web + self.postgresql


def measure(counters: Counters, variants: list[Variant], rounds: int) -> Mapping[str, Figures]:
    """Every variant in each round; ratios are taken within a round, then their median."""
    costs: dict[str, list[Usage]] = {variant.name: [] for variant in variants}
    for variant in variants:  # what is read or compiled once
        for _ in range(20):
            variant.ask()
    for _ in range(rounds):
        for variant in variants:
            before = counters.read()
            for _ in range(variant.times):
                variant.ask()
            spent = counters.read() - before
            costs[variant.name].append(
                Usage(spent.web * 1000 / variant.times, spent.postgresql * 1000 / variant.times)
            )
    base = costs[variants[0].name]
    return {
        name: Figures(
            median(usage.web for usage in found),
            median(usage.postgresql for usage in found),
            median(usage.total / trivial.total for usage, trivial in zip(found, base, strict=True)),
        )
        for name, found in costs.items()
    }
