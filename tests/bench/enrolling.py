"""Adding a client, proof included, against the bare INSERTs of the very same rows."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from portefeuille.private_postgres.cluster import SUPERUSER
from tests.bench.counters import Counters
from tests.bench.ground import Case, Ground, access_to, new_firm, provable, session_of
from tests.bench.report import Section, Verdict
from tests.bench.server import CSRF, Browser, serving

CLIENTS = 8
EACH = 120  # enrolments of each client in a round
WARM = (
    12  # of them not timed: once in the life of a process, templates are compiled and statements planned (5 + 5 times)
)
ALONE = 200
CEILING = 0.5
_numbers = count(1)


def _firms(number: int) -> list[Any]:
    return [new_firm(f"Cabinet d'essai {next(_numbers)}") for _ in range(number)]


def sections(ground: Ground, rounds: int) -> list[Section]:
    cases = provable(ground, CLIENTS * EACH)
    shares = [cases[n::CLIENTS] for n in range(CLIENTS)]
    throughput: dict[str, list[float]] = {name: [] for name in ("verb", "bare", "verb one", "bare one")}
    for _ in range(rounds):
        eight, eight_twins = _firms(CLIENTS), _firms(CLIENTS)
        (one,), (one_twin,) = _firms(1), _firms(1)
        for name, firms, twins in (
            ("", eight, eight_twins),
            (" one", [one] * CLIENTS, [one_twin] * CLIENTS),
        ):
            jobs = list(zip([access_to(firm) for firm in firms], shares, strict=True))
            throughput[f"verb{name}"].append(_together(_enrol_all, jobs))
            throughput[f"bare{name}"].append(_together(_insert_all, _bare_jobs(ground, firms, twins)))
    shares_of_ceiling = {
        name: median(a / b for a, b in zip(throughput[f"verb{name}"], throughput[f"bare{name}"], strict=True))
        for name in ("", " one")
    }
    table = [
        [said, f"{median(throughput[f'verb{name}']):.0f}", f"{median(throughput[f'bare{name}']):.0f}",
         f"{shares_of_ceiling[name]:.2f}"]
        for name, said in (("", "8 clients, each in a firm of its own"), (" one", "8 clients, all in one firm"))
    ]  # fmt: skip
    worst = min(shares_of_ceiling.values())
    eight_section = Section(
        "enrol",
        ["", "enrolments a second", "bare INSERTs a second", "share of the ceiling"],
        table,
        [Verdict("half of the ceiling or better", worst >= CEILING, f"{worst:.2f} at worst")],
    )
    return [eight_section, _alone(ground, cases)]


def _alone(ground: Ground, cases: Sequence[Case]) -> Section:
    """One client by itself: statements and processor time, through the verb and over HTTP."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    (firm, web_firm) = _firms(2)
    access = access_to(firm)
    enrol(access, cases[0])
    with CaptureQueriesContext(connection) as captured:
        enrol(access, cases[1])
    counters = Counters([os.getpid()], ground.postmaster)
    alone = cases[2 : 2 + ALONE]
    before = counters.read()
    for case in alone:
        enrol(access, case)
    spent = counters.read() - before
    rows = [_cost("the verb, in process", spent.web, spent.postgresql, len(alone), str(len(captured)))]
    with serving(ground) as counters:
        browser = Browser(session_of(web_firm))
        posted = [case for case in cases if case.subject.siren][: ALONE + 20]
        for case in posted[:20]:
            _post(browser, web_firm, case)
        before = counters.read()
        for case in posted[20:]:
            _post(browser, web_firm, case)
        spent = counters.read() - before
    rows.append(_cost("the same over HTTP", spent.web, spent.postgresql, len(posted) - 20, ""))
    return Section("enrol-alone", ["one enrolment", "program ms", "PostgreSQL ms", "queries"], rows)


def _cost(name: str, ours: float, postgresql: float, times: int, queries: str) -> list[str]:
    return [name, f"{ours / times * 1000:.2f}", f"{postgresql / times * 1000:.2f}", queries]


def enrol(access: Any, case: Case) -> None:
    from portefeuille.catalogue.selection import Selection
    from portefeuille.enrolments.actions import enrol
    from portefeuille.enrolments.results import Enrolled

    result = enrol(
        access=access,
        portfolio_id=access.managed_ids[0],
        subject=case.subject,
        proof=case.proof,
        selection=Selection(0b1011, 0b1),
        address="192.0.2.1",
    )
    if not isinstance(result, Enrolled):
        raise RuntimeError(result)


def _post(browser: Browser, firm: Any, case: Case) -> None:
    from urllib.parse import urlencode
    from uuid import uuid4

    from portefeuille.web.space.wording import SLUGS

    address = f"/cabinets/{firm.uid}/ajouter/siren/{case.subject.siren}/{SLUGS[case.subject.regime]}/"
    form = {
        "csrfmiddlewaretoken": CSRF,
        "cle": str(uuid4()),
        "portefeuille": str(firm.portfolios.get().pk),
        "fait": case.proof.fact,
        "compte": case.proof.account_number,
    }
    answer = browser.post(address, urlencode(form))
    if answer.status != 302:
        raise RuntimeError(answer.status)


# --- many at once ---------------------------------------------------------------------------------------------


def _together(work: Callable[..., tuple[float, float]], jobs: Sequence[tuple[Any, ...]]) -> float:
    """How many a second ``CLIENTS`` processes do that begin at one moment; each job's last part is its list."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    start = context.Barrier(len(jobs))
    told = context.SimpleQueue()
    processes = [context.Process(target=_run, args=(work, job, start, told)) for job in jobs]
    for process in processes:
        process.start()
    times = [told.get() for _ in processes]
    for process in processes:
        process.join()
    if None in times:
        raise RuntimeError("a client failed; its traceback stands above")
    return sum(len(job[-1]) - WARM for job in jobs) / (max(end for _, end in times) - min(begin for begin, _ in times))


def _run(work: Callable[..., tuple[float, float]], job: tuple[Any, ...], start: Any, told: Any) -> None:
    try:
        told.put(work(*job, start=start))
    except BaseException:
        start.abort()
        told.put(None)
        raise


def _enrol_all(access: Any, cases: Sequence[Case], *, start: Any) -> tuple[float, float]:
    from django.db import connection

    from portefeuille.catalogue.selection import catalogue

    catalogue()  # read once a minute by a process that lives: not a part of each enrolment
    connection.ensure_connection()
    for case in cases[:WARM]:
        enrol(access, case)
    start.wait()
    begin = time.monotonic()
    for case in cases[WARM:]:
        enrol(access, case)
    return begin, time.monotonic()


@dataclass(frozen=True)
class Rows:
    """What one enrolment left in the tables, without what a table makes itself."""

    enrolment: tuple[Any, ...]
    form: Any
    event: tuple[Any, ...]
    message: tuple[Any, ...]


def _bare_jobs(ground: Ground, firms: Sequence[Any], twins: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What was added to each firm, to be inserted for its twin; what was added to one firm is dealt out."""
    url = ground.cluster.url(SUPERUSER)
    if len(set(firms)) == 1:
        rows = _rows_of(ground, firms[0].pk)
        return [(url, access_to(twin), rows[n::CLIENTS]) for n, twin in enumerate(twins)]
    return [(url, access_to(twin), _rows_of(ground, firm.pk)) for firm, twin in zip(firms, twins, strict=True)]


def _rows_of(ground: Ground, firm: int) -> list[Rows]:
    with psycopg.connect(ground.cluster.url(SUPERUSER)) as connection:
        found = connection.execute(_WRITTEN, [firm]).fetchall()
    return [Rows(row[:14], row[14], row[15:22], row[22:]) for row in found]


def _insert_all(url: str, access: Any, rows: Sequence[Rows], *, start: Any) -> tuple[float, float]:
    """One transaction an enrolment, one INSERT a row: the constraints, indexes and triggers are the tables' own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for row in rows[:WARM]:
            _insert(connection, access, row)
        start.wait()
        begin = time.monotonic()
        for row in rows[WARM:]:
            _insert(connection, access, row)
        return begin, time.monotonic()


def _insert(connection: psycopg.Connection[Any], access: Any, row: Rows) -> None:
    with connection.transaction():
        (made,) = connection.execute(
            _BARE_ENROLMENT, [access.firm_id, access.managed_ids[0], access.member_id, *row.enrolment]
        ).fetchone() or (0,)
        connection.execute(_BARE_FORM, [access.firm_id, row.form, made])
        (seq,) = connection.execute(_BARE_HEAD, [access.firm_id, row.event[-1]]).fetchone() or (0,)
        actor, verb, subject, before, after, previous, digest = row.event
        connection.execute(
            _BARE_EVENT,
            [access.firm_id, seq, actor, verb, subject, _json(before), _json(after), previous, digest],
        )
        connection.execute(_BARE_MESSAGE, list(row.message))


def _json(content: Any) -> Jsonb | None:
    return None if content is None else Jsonb(content)


_COLUMNS = (
    "regime, siren, account_number, services, notices, ended_by, name, name_key, siret, town, postcode, account_state,"
    " accounts, search"
)
_WRITTEN = f"""
SELECT {", ".join(f"e.{name.strip()}" for name in _COLUMNS.split(","))}, s.key,
       a.actor, a.verb, a.subject, a.before, a.after, a.previous, a.digest,
       m.channel, m.recipient, m.account_id, m.subject, m.body, m.secret
FROM enrolments_enrolment e
JOIN enrolments_submission s ON s.enrolment_id = e.id
JOIN audit_event a ON a.chain = e.firm_id AND a.subject = 'enrolment:' || e.uid
JOIN LATERAL (SELECT * FROM outbox_message ORDER BY id DESC LIMIT 1) m ON true
WHERE e.firm_id = %s
"""
_BARE_ENROLMENT = f"""
INSERT INTO enrolments_enrolment (firm_id, portfolio_id, created_by_id, uid, state, created_at, {_COLUMNS})
VALUES (%s, %s, %s, gen_random_uuid(), 'active', clock_timestamp(), {", ".join(["%s"] * 14)}) RETURNING id
"""
_BARE_FORM = """
INSERT INTO enrolments_submission (firm_id, key, enrolment_id, created_at) VALUES (%s, %s, %s, clock_timestamp())
"""
_BARE_HEAD = """
INSERT INTO audit_chain AS c (chain, seq, digest) VALUES (%s, 1, %s)
ON CONFLICT (chain) DO UPDATE SET seq = c.seq + 1, digest = excluded.digest RETURNING seq
"""
_BARE_EVENT = """
INSERT INTO audit_event (chain, seq, at, actor, verb, subject, before, after, previous, digest)
VALUES (%s, %s, clock_timestamp(), %s, %s, %s, %s, %s, %s, %s)
"""
_BARE_MESSAGE = """
INSERT INTO outbox_message
    (uid, channel, recipient, account_id, subject, body, secret, created_at, state, attempts, due_at, failure)
VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, clock_timestamp(), 'waiting', 0, clock_timestamp(), '')
"""
