"""``make bench``: measures everything in one run and writes the tables of docs/performance.md."""

import argparse
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

from tests.bench import (
    country,
    enrolling,
    ground,
    importing,
    national,
    opening,
    reading,
    report,
    scoring,
    starting,
    weighing,
)
from tests.bench.report import Section

Measure = Callable[[ground.Ground, int], list[Section]]
# The lists first: on tables as VACUUM left them, before the enrolments of the second measure.
MEASURES: dict[str, Measure] = {
    "reading": reading.sections,
    "enrolling": enrolling.sections,
    "opening": opening.sections,
    "importing": importing.sections,
    "weight": weighing.sections,
    "lighthouse": scoring.sections,
    "start": starting.sections,
    "national": national.sections,
    "register": country.sections,
}
#: Too long for every run: only where they are asked for.
OPT_IN = {"national", "register"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=MEASURES, help="one measure (may be repeated); default: all"
    )
    parser.add_argument("--rounds", type=int, default=7, help="how many times the variants take turns (default: 7)")
    parser.add_argument("--keep-page", action="store_true", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    chosen = options.only or [name for name in MEASURES if name not in OPT_IN]
    _say("Preparing: PostgreSQL, a register of 50 000 accounts, firms of 50, 5 000 and 20 000 clients")
    with ground.prepared() as prepared:
        found = [report.machine(_versions(), options.rounds)]
        for name in chosen:  # written after each: what is measured is not lost if the next one fails
            begin = time.monotonic()
            _say(f"Measuring: {name}")
            for section in MEASURES[name](prepared, options.rounds):
                found.append(section)
                _say(f"\n{section}\n")
            _say(f"({time.monotonic() - begin:.0f} s)")
            if not options.keep_page:
                report.write(found)
    missed = [verdict for section in found for verdict in section.verdicts if verdict.met is False]
    for verdict in missed:
        _say(str(verdict))
    return 0  # a target that is missed is a figure, not a failure: the page says it


def _versions() -> dict[str, str]:
    from django.db import connection

    connection.ensure_connection()
    major, minor = divmod(connection.pg_version, 10000)
    ours = {name: version(name.lower()) for name in ("Django", "psycopg", "Jinja2", "granian")}
    return {"PostgreSQL": f"{major}.{minor}", **ours}


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
