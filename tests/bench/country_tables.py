"""What ``country`` measured, as tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median, quantiles

from tests.bench.report import Section, Verdict

TABLES = ("registry_company", "registry_establishment", "registry_account", "registry_prooffact")
#: Those beside the firm that is measured, at the largest size.
FIRMS = 50_000
MOST_IDENTIFIER, MOST_NAME, FLAT, HALF = 2.0, 50.0, 0.20, 0.5
NOT_MEASURED = "not measured"


@dataclass
class Measured:
    """One size. Seconds, lines, bytes; ``looks`` and ``pages`` in milliseconds by name, each (wall, processor)."""

    accounts: int
    lines: int = 0
    load: float = 0
    load_program: float = 0
    load_postgresql: float = 0
    copy: float = 0
    copy_processor: float = 0
    copy_bare: float = 0
    again: float = 0
    day: float = 0
    day_lines: int = 0
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)  # rows, bytes
    looks: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    pages: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    busy: float = 0  # load average at the end of the load


def _grouped(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\u202f")


def loads(found: list[Measured]) -> Section:
    def row(name: str, value: Callable[[Measured], str]) -> list[str]:
        return [name, *(value(one) for one in found)]

    def timed(name: str, seconds: Callable[[Measured], float], lines: Callable[[Measured], int]) -> list[str]:
        def said(one: Measured) -> str:
            spent = seconds(one)
            return f"{spent:.1f} s, {_grouped(lines(one) / spent)}/s" if spent else NOT_MEASURED

        return row(name, said)

    rows = [
        row("lines of the feed", lambda one: _grouped(one.lines)),
        timed("`registry load`, empty register", lambda one: one.load, lambda one: one.lines),
        row(
            "processor time: program, PostgreSQL", lambda one: f"{one.load_program:.0f} s, {one.load_postgresql:.0f} s"
        ),
        timed("bare COPY of the same rows, same indexes", lambda one: one.copy, lambda one: one.lines),
        timed("bare COPY, no index at all", lambda one: one.copy_bare, lambda one: one.lines),
        row("share of bare COPY", lambda one: f"{one.copy / one.load:.2f}" if one.copy else NOT_MEASURED),
        row(
            "the same of processor time",
            lambda one: (
                f"{one.copy_processor / (one.load_program + one.load_postgresql):.2f}" if one.copy else NOT_MEASURED
            ),
        ),
        timed("the difference of a day, 1 % of the accounts", lambda one: one.day, lambda one: one.day_lines),
        timed("the same difference again", lambda one: one.again, lambda one: one.day_lines),
        *(
            row(
                table.removeprefix("registry_"),
                lambda one, table=table: (  # type: ignore[misc]
                    f"{_grouped(one.sizes[table][0])} rows, {one.sizes[table][1] / 1e6:.0f} MB,"
                    f" {one.sizes[table][1] / one.sizes[table][0]:.0f} B each"
                ),
            )
            for table in TABLES
        ),
        row("load average meanwhile", lambda one: f"{one.busy:.1f}"),
    ]
    least = min(one.copy / one.load for one in found if one.copy)
    return Section(
        "register",
        ["", *(f"{_grouped(one.accounts)} accounts" for one in found)],
        rows,
        [Verdict("half of bare COPY or better", least >= HALF, f"{least:.2f} at worst")],
        [f"Measured on {datetime.now(UTC):%d %B %Y at %H:%M} UTC, one run."],
    )


def looks(found: list[Measured]) -> Section:
    rows = []
    worst = {"identifier": (0.0, 0.0), "name": (0.0, 0.0)}  # wall, processor
    for name in found[0].looks:
        cells = []
        kind = "name" if "name" in name else "identifier"
        for one in found:
            walls, processors = zip(*one.looks[name], strict=True)
            at_worst = _p99(walls), _p99(processors)
            worst[kind] = max(worst[kind][0], at_worst[0]), max(worst[kind][1], at_worst[1])
            cells.append(f"{median(walls):.1f}, {at_worst[0]:.1f} ({median(processors):.1f}, {at_worst[1]:.1f})")
        rows.append([name, *cells])

    def verdict(target: str, kind: str, most: float) -> Verdict:
        wall, processor = worst[kind]
        return Verdict(target, wall <= most, f"{wall:.1f} ms by the clock, {processor:.1f} ms of processor at worst")

    return Section(
        "lookups",
        ["p50, p99 in ms (processor)", *(f"{_grouped(one.accounts)} accounts" for one in found)],
        rows,
        [
            verdict("an identifier within 2 ms at p99", "identifier", MOST_IDENTIFIER),
            verdict("a part of a name within 50 ms at p99", "name", MOST_NAME),
        ],
    )


def _p99(values: tuple[float, ...]) -> float:
    return quantiles(values, n=100)[98]


def journey(found: list[Measured]) -> Section:
    rows = []
    apart = 0.0
    for name in found[0].pages:
        processors = [median(processor for _, processor in one.pages[name]) for one in found]
        apart = max(apart, processors[-1] / processors[0] - 1)
        rows.append([name, *(f"{spent:.1f}" for spent in processors)])
    heads = [
        f"{_grouped(one.accounts)} accounts{f', {_grouped(FIRMS)} firms' if one is found[-1] else ''}" for one in found
    ]
    verdict = Verdict("within 20 % of the smallest", apart <= FLAT, f"{apart:+.0%} at worst")
    return Section(
        "journey",
        ["processor ms, program and PostgreSQL", *heads],
        rows,
        [verdict] if len(found) > 1 else [],
    )
