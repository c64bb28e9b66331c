"""Adding in numbers, from the bytes of a file to its report, against COPY of the very rows that it left.

``BENCH_LINES`` makes the file longer, and the register with it (``BENCH_LINES=100000 … --only importing --rounds 1``).
"""

import os
import resource
import time
from itertools import count
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from portefeuille.private_postgres.cluster import SUPERUSER
from tests.bench.counters import Counters
from tests.bench.ground import LINES, Case, Ground, access_to, new_firm, provable
from tests.bench.report import Section, Verdict

ROWS = LINES or 10_000
#: A file is long: three rounds say as much as seven.
MOST_ROUNDS = 3
SHARE = 1 / 3
MOST_SECONDS, MOST_MEGABYTES, AT_MOST = 300, 400, 100_000
_numbers = count(1)


def sections(ground: Ground, rounds: int) -> list[Section]:
    cases = provable(ground, ROWS)
    content = _file(cases)
    counters = Counters([os.getpid()], ground.postmaster)
    spent: dict[str, list[float]] = {name: [] for name in ("read", "check", "run", "copy", "ours", "theirs")}
    memory = child = 0.0
    for _ in range(min(rounds, MOST_ROUNDS)):
        firm, twin = (new_firm(f"Cabinet en nombre {next(_numbers)}") for _ in range(2))
        before = counters.read()
        for name, seconds in _through(firm, content).items():
            spent[name].append(seconds)
        # Of the first file: afterwards this process has held the rows to copy as well.
        memory = memory or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        child = child or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        cost = counters.read() - before
        spent["ours"].append(cost.web)
        spent["theirs"].append(cost.postgresql)
        spent["copy"].append(_copied(ground, firm, twin))
    of = {name: median(found) for name, found in spent.items()}
    whole = of["read"] + of["check"] + of["run"]
    shares = [
        copy / sum(parts)
        for copy, *parts in zip(spent["copy"], spent["read"], spent["check"], spent["run"], strict=True)
    ]
    table = [
        ["reading the file, keeping it sealed", f"{of['read']:.1f}", f"{ROWS / of['read']:.0f}"],
        ["the check", f"{of['check']:.1f}", f"{ROWS / of['check']:.0f}"],
        ["the run, to the report", f"{of['run']:.1f}", f"{ROWS / of['run']:.0f}"],
        ["all of it", f"{whole:.1f}", f"{ROWS / whole:.0f}"],
        ["COPY of the same rows", f"{of['copy']:.1f}", f"{ROWS / of['copy']:.0f}"],
    ]
    share = median(shares)
    long = whole / ROWS * AT_MOST
    by_rate = ROWS < AT_MOST
    return [
        Section(
            "importing",
            [f"{ROWS} clients of one file", "seconds", "a second"],
            table,
            [
                Verdict("a third of the ceiling or better", share >= SHARE, f"{share:.2f}"),
                Verdict(
                    f"100 000 lines within 5 minutes{' (by this rate)' * by_rate}",
                    long <= MOST_SECONDS,
                    f"{long:.0f} s{' at this rate' * by_rate}",
                ),
                Verdict("400 MB", memory <= MOST_MEGABYTES, f"{memory:.0f} MB, and {child:.0f} MB to read the file"),
            ],
            [
                f"Processor time of a line: {of['ours'] / ROWS * 1000:.2f} ms of the program,"
                f" {of['theirs'] / ROWS * 1000:.2f} ms of PostgreSQL."
            ],
        )
    ]


def _file(cases: list[Case]) -> bytes:
    lines = ["Siren;Numéro de compte;Montant;NIR;Régime"]
    for case in cases:
        amount, nir = (case.proof.fact, "") if "." in case.proof.fact else ("", case.proof.fact)
        regime = case.subject.regime.label if case.subject.siren else ""
        lines.append(f"{case.subject.siren};{case.proof.account_number};{amount};{nir};{regime}")
    return "\r\n".join(lines).encode()


def _through(firm: Any, content: bytes) -> dict[str, float]:
    """Seconds of each part."""
    from portefeuille.catalogue.selection import Selection
    from portefeuille.imports import actions, queries, working
    from portefeuille.imports.headings import Column
    from portefeuille.imports.lines import Outcome
    from portefeuille.imports.models import Import
    from portefeuille.imports.results import Received

    access = access_to(firm)
    begin = time.monotonic()
    answer = actions.receive(access=access, content=content)
    read = time.monotonic()
    if not isinstance(answer, Received):
        raise RuntimeError(answer)
    of = Import.objects.get(uid=answer.uid)
    actions.check(
        access=access, uid=of.uid, columns=[Column(name) if name else None for name in of.columns],
        portfolio_id=access.managed_ids[0], selection=Selection(0b1011, 0b1),
    )  # fmt: skip
    while working.work():
        pass
    checked = time.monotonic()
    actions.start(access=access, uid=of.uid, address="192.0.2.1")
    while working.work():
        pass
    done = time.monotonic()
    outcomes = queries.outcomes(Import.objects.get(pk=of.pk))
    if outcomes[Outcome.ADDED] != of.rows:
        raise RuntimeError(outcomes)
    return {"read": read - begin, "check": checked - read, "run": done - checked}


_BEYOND = 1_000_000
_TABLES = {
    "enrolments_enrolment": "e.firm_id = %s",
    "audit_event": "e.chain = %s",
    "outbox_message": "e.id > (SELECT max(id) - %s FROM outbox_message)",
}


def _copied(ground: Ground, firm: Any, twin: Any) -> float:
    """Seconds to COPY the rows that the file left, for another firm: enrolments, trail, messages."""
    access = access_to(twin)
    with psycopg.connect(ground.cluster.url(SUPERUSER)) as connection:
        rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
        for table, which in _TABLES.items():
            found = connection.execute(
                f"SELECT * FROM {table} e WHERE {which}", [ROWS if table == "outbox_message" else firm.pk]
            )
            names = [column.name for column in found.description or ()]
            kept = [name for name in names if name != "id"]
            changed = {"firm_id": twin.pk, "chain": twin.pk, "portfolio_id": access.managed_ids[0]}
            changed |= {"created_by_id": access.member_id}
            made = []
            for row in found.fetchall():
                held = dict(zip(names, row, strict=True)) | {key: v for key, v in changed.items() if key in names}
                made.append(tuple(_value(name, held[name]) for name in kept))
            rows[table] = (kept, made)
        begin = time.monotonic()
        for table, (names, made) in rows.items():
            with connection.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                for row in made:
                    copy.write_row(row)
        connection.commit()
        return time.monotonic() - begin


def _value(name: str, value: Any) -> Any:
    if name == "uid":
        return uuid4()
    if name == "seq":  # after those of the twin's own making
        return value + _BEYOND
    return Jsonb(value) if name in ("before", "after") and value is not None else value
