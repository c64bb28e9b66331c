"""A register of a country, at several sizes: loading it against bare COPY, a day's difference, finding in it.

Opt-in (``--only register``), since it is long. ``BENCH_ACCOUNTS`` gives the sizes («100000,1000000»). Feeds are made
up unless ``BENCH_FEEDS`` names a folder that holds them, one folder a size. Each size has a PostgreSQL of its own,
with the memory that such a register is given (docs/operations.md), and the program's own migrations.
"""

import csv
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from portefeuille.private_postgres.cluster import APP, OWNER, Cluster, remove
from tests.bench import ground as grounds
from tests.bench.counters import Counters
from tests.bench.country_tables import FIRMS, TABLES, Measured, journey, loads, looks
from tests.bench.report import Section

SIZES = "100000"
SETTINGS = {"shared_buffers": "2GB", "max_wal_size": "6GB", "checkpoint_timeout": "15min"}
CLIENTS, OF_EACH = 20_000, 2
LOOKS, PAGES = 400, 60
_PIECE = 1 << 20
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def sections(_ground: Any, _rounds: int) -> list[Section]:
    wanted = [int(size) for size in os.environ.get("BENCH_ACCOUNTS", SIZES).split(",")]
    found = [_measure(accounts, crowded=accounts == max(wanted)) for accounts in wanted]
    return [loads(found), looks(found), journey(found)]


def _measure(accounts: int, *, crowded: bool) -> Measured:
    import django
    from django.core.management import call_command
    from django.db import connection

    from portefeuille.cli.database import migrate

    result = Measured(accounts)
    with tempfile.TemporaryDirectory(prefix="portefeuille-country-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Cluster(folder / "data", SETTINGS) as cluster:
            grounds.environment(folder, cluster)
            django.setup()
            _connect_as(cluster, APP)
            migrate(lambda _line: None)
            call_command("collectstatic", interactive=False, verbosity=0)
            feed = _feed(accounts, folder)
            ground = grounds.Ground(folder, cluster)
            # A first load is the owner's, who may set indexes aside; all the rest is the program's.
            _connect_as(cluster, OWNER)
            _load(ground, feed, result)
            say(result, f"{result.lines} lines loaded in {result.load:.0f} s")
            _connect_as(cluster, APP)
            _copy(ground, result)
            say(result, f"COPY of the same rows in {result.copy:.0f} s")
            _look(ground, result)
            _journeys(ground, feed, result, crowded=crowded)
            say(result, "looked up, listed, searched and added to")
            _another_day(ground, feed, result)
            say(result, f"another day in {result.day:.0f} s")
            connection.close()
        remove(folder / "data")
    return result


def say(measured: Measured, what: str) -> None:
    """Something to see during the hour that the largest size takes."""
    print(f"  {measured.accounts} accounts: {what}", flush=True)


def _connect_as(cluster: Cluster, role: str) -> None:
    """Django's connection, which may have been that of another cluster."""
    from django.db import connection
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(cluster.url(role))
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    connection.close()
    connection.settings_dict.update({ours: str(parts.get(theirs) or "") for ours, theirs in names.items()})


def _feed(accounts: int, folder: Path) -> Path:
    from portefeuille.registry.generate import generate

    kept = os.environ.get("BENCH_FEEDS")
    feed = Path(kept) / str(accounts) if kept else folder / "feed"
    if not feed.is_dir():
        generate(accounts=accounts, seed=101, out=feed)
    return feed


def _seconds(act: Callable[[], object]) -> float:
    begin = time.monotonic()
    act()
    return time.monotonic() - begin


def _load(ground: grounds.Ground, feed: Path, result: Measured) -> None:
    from portefeuille.enrolments.following import follow_new
    from portefeuille.registry.feeds import load

    counters = Counters([os.getpid()], ground.postmaster)
    before, judges = counters.read(), _of_children()
    begin = time.monotonic()
    report = load(feed, lambda _line: None, rejects=ground.folder, follow=follow_new)
    result.load = time.monotonic() - begin
    spent = counters.read() - before
    result.load_program, result.load_postgresql = spent.web + _of_children() - judges, spent.postgresql
    result.lines = sum(file.lines for file in report.files)
    result.busy = os.getloadavg()[0]
    if not report.is_accepted:
        raise RuntimeError(report)


def _of_children() -> float:
    """Seconds of processor time of the processes that judged the lines, and ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _copy(ground: grounds.Ground, result: Measured) -> None:
    """COPY of the same rows into tables of the same shape, with the same indexes and with none."""
    counters = Counters([os.getpid()], ground.postmaster)
    with psycopg.connect(ground.cluster.url(OWNER), autocommit=True) as connection:
        for table in TABLES:
            content = ground.folder / f"{table}.copy"
            with content.open("wb") as out, connection.cursor().copy(f"COPY {table} TO STDOUT") as rows:
                for piece in rows:
                    out.write(piece)
            for like in ("INCLUDING ALL", "INCLUDING IDENTITY"):
                connection.execute(f"CREATE TABLE bare (LIKE {table} {like})")
                before, begin = counters.read(), time.monotonic()
                with content.open("rb") as rows_in, connection.cursor().copy("COPY bare FROM STDIN") as copy:
                    while piece := rows_in.read(_PIECE):
                        copy.write(piece)
                spent = time.monotonic() - begin
                if like == "INCLUDING ALL":
                    result.copy += spent
                    result.copy_processor += (counters.read() - before).total
                else:
                    result.copy_bare += spent
                connection.execute("DROP TABLE bare")
            content.unlink()
        connection.execute("VACUUM (ANALYZE)")
        for table in TABLES:
            row = connection.execute(f"SELECT count(*), pg_total_relation_size('{table}') FROM {table}").fetchone()
            result.sizes[table] = row or (0, 0)


class _Clock:
    """Wall time of the statements that this process sends, and processor time of the server's process for it."""

    def __init__(self) -> None:
        from django.db import connection

        connection.ensure_connection()
        self._connection = connection
        pid = connection.connection.info.backend_pid
        self._kept = Path(f"/proc/{pid}/schedstat")
        self.wall = 0.0

    def processor(self) -> float:
        """Milliseconds."""
        return int(self._kept.read_text(encoding="ascii").split()[0]) / 1e6

    def _timed(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begin = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            self.wall += (time.monotonic() - begin) * 1000

    def of(self, act: Callable[[], object]) -> tuple[float, float]:
        self.wall = 0.0
        before = self.processor()
        with self._connection.execute_wrapper(self._timed):
            act()
        return self.wall, self.processor() - before


def _look(ground: grounds.Ground, result: Measured) -> None:
    from portefeuille.backoffice import finding

    lots = random.Random(3)
    with psycopg.connect(ground.cluster.url(OWNER)) as connection:
        share = min(100.0, LOOKS * 8 / result.sizes["registry_account"][0] * 100)
        accounts = connection.execute(
            f"SELECT number, siren, siret FROM registry_account TABLESAMPLE BERNOULLI ({share})"
        ).fetchall()
        share = min(100.0, LOOKS * 8 / result.sizes["registry_company"][0] * 100)
        names = connection.execute(f"SELECT name FROM registry_company TABLESAMPLE BERNOULLI ({share})").fetchall()
    clock = _Clock()

    def all_of(kind: finding.Kind, typed: list[str]) -> list[tuple[float, float]]:
        sought = [finding.Sought(kind, text) for text in typed]
        for one in sought[:20]:
            finding.find(one)
        return [clock.of(lambda one=one: finding.find(one)) for one in sought]  # type: ignore[misc]

    picked = lots.sample(accounts, LOOKS)
    parts = [part for (name,) in names if (part := _part(name, lots))][:LOOKS]
    nobody = ["".join(lots.choices(_LETTERS, k=lots.randint(3, 8))) for _ in range(LOOKS // 4)]
    result.looks = {
        "account number": all_of(finding.Kind.ACCOUNT_NUMBER, [number for number, _, _ in picked]),
        "Siren": all_of(finding.Kind.SIREN, [siren for _, siren, _ in picked if siren]),
        "Siret": all_of(finding.Kind.SIRET, [siret for _, _, siret in picked if siret]),
        "part of a name": all_of(finding.Kind.NAME, parts),
        "a name of nobody": all_of(finding.Kind.NAME, nobody),
    }


def _part(name: str, lots: random.Random) -> str:
    """What an agent might type of it: a word or its beginning, one time in three two words."""
    from portefeuille.backoffice.finding import words_of

    words = [word for word in words_of(name) if len(word) >= 3 and not word.isdigit()]
    if not words:
        return ""
    if len(words) > 1 and lots.random() < 1 / 3:
        return " ".join(lots.sample(words, 2))
    word = lots.choice(words)
    return word[: lots.randint(3, len(word))]


def _journeys(ground: grounds.Ground, feed: Path, result: Measured, *, crowded: bool) -> None:
    """List, search and add of a firm of 20 000, once through the pages' own code in this process."""
    from django.test import Client

    from tests.bench.enrolling import enrol

    cases = _first_cases(feed)
    firm = grounds.new_firm("Cabinet de 20 000 clients", portfolios=("Employeurs", "Indépendants"))
    adding = grounds.new_firm("Cabinet qui ajoute")
    with psycopg.connect(ground.cluster.url(OWNER), autocommit=True) as connection:
        grounds.stage(connection, [case.subject for case in cases])
        connection.execute(grounds.ENROLMENTS, {"firm": firm.pk, "size": CLIENTS})
        if crowded:
            connection.execute(_OTHERS, {"firms": FIRMS})
            connection.execute("ANALYZE bench_client, firms_firm, firms_portfolio")  # or the next one never ends
            connection.execute(_THEIRS, {"each": OF_EACH})
        connection.execute("VACUUM (ANALYZE)")
    client = Client(SERVER_NAME="localhost")
    client.cookies["session"] = grounds.session_of(firm)
    clock = _Clock()

    def page(query: str) -> Callable[[], None]:
        def ask() -> None:
            answer = client.get(f"/cabinets/{firm.uid}/clients/{query}")
            if answer.status_code != 200:
                raise RuntimeError(answer.status_code)

        return ask

    def whole(act: Callable[[], object]) -> tuple[float, float]:
        """Milliseconds of this process and of the server's, together, beside the wall."""
        ours, theirs, begin = time.process_time(), clock.processor(), time.monotonic()
        act()
        wall = (time.monotonic() - begin) * 1000
        return wall, (time.process_time() - ours) * 1000 + clock.processor() - theirs

    access = grounds.access_to(adding)
    some = grounds.provable(_with(ground, cases), PAGES + 20)
    for name, query in (("list", ""), ("search, 5 letters", "?q=garag"), ("search, nothing found", "?q=zzqx")):
        for _ in range(20):
            page(query)()
        result.pages[name] = [whole(page(query)) for _ in range(PAGES)]
    for case in some[:20]:
        enrol(access, case)
    result.pages["add"] = [whole(lambda case=case: enrol(access, case)) for case in some[20:]]  # type: ignore[misc]


def _with(ground: grounds.Ground, cases: list[grounds.Case]) -> grounds.Ground:
    ground.cases = cases
    return ground


def _first_cases(feed: Path) -> list[grounds.Case]:
    """Clients of the first lines, enough for a firm of 20 000."""
    from portefeuille.demo import facts
    from portefeuille.enrolments.proving import Proof

    held = list(islice(facts.accounts(feed), 60_000))
    numbers = {account.number for account in held}
    known: dict[str, str] = {}
    for row in islice(facts.rows(feed, "justificatifs"), 150_000):
        number = row["numero_compte"].lstrip("0")
        if number in numbers:
            known.setdefault(number, row["valeur"])  # the most recent comes first
    cases = {
        account.subject: grounds.Case(account.subject, Proof(account.number, known[account.number]))
        for account in reversed(held)
        if account.number in known
    }
    return list(cases.values())


# Other firms, as many as the country has: of each a portfolio and some clients, by whoever made the first firm.
_OTHERS = """
WITH made AS (
    INSERT INTO firms_firm (uid, name, siren, state, state_since, reason, created_at)
    SELECT gen_random_uuid(), 'Cabinet voisin ' || n, '', 'active', now(), '', now()
    FROM generate_series(1, %(firms)s) n RETURNING id
)
INSERT INTO firms_portfolio (uid, firm_id, name) SELECT gen_random_uuid(), id, 'Clients' FROM made
"""
_THEIRS = """
INSERT INTO enrolments_enrolment (
    uid, firm_id, portfolio_id, regime, siren, account_number, state, services, notices, created_at, created_by_id,
    ended_by, name, name_key, siret, town, postcode, account_state, accounts, search
)
SELECT gen_random_uuid(), p.firm_id, p.id, c.regime, c.siren, c.account_number, 'active', 3, 1, now(), m.id,
       '', c.name, c.name_key, c.siret, c.town, c.postcode, c.account_state, c.accounts, c.search
FROM firms_portfolio p
JOIN firms_firm f ON f.id = p.firm_id AND f.name LIKE 'Cabinet voisin %%'
CROSS JOIN generate_series(1, %(each)s) k
JOIN (SELECT *, row_number() OVER () AS place FROM bench_client) c
     ON c.place = 1 + (p.id * 31 + k * 1009) %% (SELECT count(*) FROM bench_client)
CROSS JOIN (SELECT min(id) AS id FROM firms_member) m
ON CONFLICT DO NOTHING
"""


def _another_day(ground: grounds.Ground, feed: Path, result: Measured) -> None:
    """The difference of a day: one account in a hundred changed its state, and has a new amount where it had one."""
    from portefeuille.enrolments.following import follow_new
    from portefeuille.registry.feeds import load

    lots = random.Random(5)
    day = ground.folder / "day"
    day.mkdir()
    changed: set[str] = set()

    def some(name: str, change: Callable[[dict[str, str]], bool]) -> None:
        with (feed / f"{name}.csv").open(encoding="utf-8", newline="") as old:
            reader = csv.DictReader(old)
            with (day / f"{name}.csv").open("w", encoding="utf-8", newline="") as new:
                writer = csv.DictWriter(new, reader.fieldnames or (), lineterminator="\n")
                writer.writeheader()
                for row in reader:
                    if change(row):
                        writer.writerow(row)
                        result.day_lines += 1

    def account(row: dict[str, str]) -> bool:
        if lots.randrange(100):
            return False
        row["etat"] = "suspendu" if row["etat"] == "radie" else "radie"
        changed.add(row["numero_compte"])
        return True

    def fact(row: dict[str, str]) -> bool:
        if row["numero_compte"] not in changed or row["nature"] == "nir":
            return False
        row["valeur"] = f"{lots.randrange(100, 90_000)}.{lots.randrange(1, 99):02d}"
        return True

    some("comptes", account)
    some("justificatifs", fact)
    result.day = _seconds(lambda: load(day, lambda _line: None, rejects=ground.folder, follow=follow_new))
    result.again = _seconds(lambda: load(day, lambda _line: None, rejects=ground.folder, follow=follow_new))
