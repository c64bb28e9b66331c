"""What is measured on: PostgreSQL with fsync on, a made-up register, firms of several sizes, people signed in."""

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import psycopg

from portefeuille.private_postgres.cluster import APP, OWNER, SUPERUSER, Cluster, remove
from tests.bench import team

if TYPE_CHECKING:
    from portefeuille.enrolments.proving import Proof
    from portefeuille.firms.access import Access
    from portefeuille.firms.models import Firm
    from portefeuille.registry.queries import Subject
    from tests.bench.team import Team

#: Lines of the file of ``importing``, when it is to be longer than its own.
LINES = int(os.environ.get("BENCH_LINES", "0"))
ACCOUNTS = max(50_000, 2 * LINES)  # half as many clients can be proved, or a little more; 50 000 make some 33 000
SIZES = (50, 5_000, 20_000)
TEAM_CLIENTS = 5_000  # of the firm with a team of fifty
PASSWORD = "un-mot-de-passe-de-mesure-8"
PORT, BARE_PORT = 8787, 8789
TRIVIAL = "/mesure/rien/"  # the address of the view that does nothing
_BATCH = 2000
#: What stands in the environment while we measure, and must not reach a demonstration.
SETTINGS = (
    "SECRET_KEY",
    "FACT_KEYS",
    "AUDIT_SIGNING_SEED",
    "SITE_ADDRESS",
    "ALLOWED_HOSTS",
    "DEMO",
    "LOG_LEVEL",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "STATIC_ROOT",
    "AUDIT_CHECKPOINTS",
    "DJANGO_SETTINGS_MODULE",
    "STATEMENT_TIMEOUT_MS",
)


@dataclass(frozen=True)
class Case:
    """A client of the register with the facts that prove it."""

    subject: "Subject"
    proof: "Proof"


@dataclass
class Ground:
    """Everything that a measure needs. ``sessions`` and ``firms`` are by number of clients.

    ``limited`` holds the sessions of members of the largest firm whose rights have limits, by what these are.
    """

    folder: Path
    cluster: Cluster
    firms: dict[int, "Firm"] = field(default_factory=dict)
    sessions: dict[int, str] = field(default_factory=dict)
    limited: dict[str, str] = field(default_factory=dict)
    team: "Team | None" = None  # a firm of its own
    cases: list[Case] = field(default_factory=list)

    @property
    def postmaster(self) -> int:
        pid_file = self.cluster.log().parent / "data" / "postmaster.pid"
        return int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])

    def address(self, clients: int) -> str:
        return f"/cabinets/{self.firms[clients].uid}/clients/"

    def settle(self) -> None:
        """Statistics fresh, GIN's pending lists merged, dirty pages written: nothing is left to be paid later."""
        with psycopg.connect(self.cluster.url(SUPERUSER), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


@contextmanager
def prepared(sizes: tuple[int, ...] = SIZES) -> Iterator[Ground]:
    """The whole ground, in a temporary folder that goes away with the block."""
    with tempfile.TemporaryDirectory(prefix="portefeuille-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Cluster(folder / "data") as cluster:
            environment(folder, cluster)
            django.setup()
            ground = Ground(folder, cluster)
            _fill(ground, sizes)
            yield ground
            from django.db import connections

            connections.close_all()
        remove(folder / "data")


def environment(folder: Path, cluster: Cluster) -> None:
    values = (
        "a-secret-for-measures-only",
        "k1:" + "11" * 32,
        "33" * 32,
        f"http://localhost:{PORT}",
        "localhost,127.0.0.1",
        "0",
        "WARNING",
        cluster.url(APP),
        cluster.url(OWNER),
        str(folder / "static"),
        str(folder / "checkpoints.jsonl"),
        "tests.bench.settings",
        "0",  # loading a register is not a page: the server is started with the limit of production
    )
    os.environ.update(zip(SETTINGS, values, strict=True))


def _fill(ground: Ground, sizes: tuple[int, ...]) -> None:
    from django.core.management import call_command

    from portefeuille.cli.database import migrate
    from portefeuille.registry.feeds import load
    from portefeuille.registry.generate import generate

    migrate(lambda _line: None)
    call_command("collectstatic", interactive=False, verbosity=0)
    feed = ground.folder / "feed"
    generate(accounts=ACCOUNTS, seed=7, out=feed)
    load(feed, lambda _line: None, rejects=ground.folder)
    ground.cases = _cases(feed)
    with psycopg.connect(ground.cluster.url(OWNER), autocommit=True) as connection:
        stage(connection, [case.subject for case in ground.cases])
        for size in sizes:
            firm = new_firm(f"Cabinet de {size} clients", portfolios=("Employeurs", "Indépendants"))
            ground.firms[size] = firm
            connection.execute(ENROLMENTS, {"firm": firm.pk, "size": size})
            ground.sessions[size] = session_of(firm)
        team_firm = new_firm("Cabinet de cinquante personnes", portfolios=("Employeurs", "Indépendants"))
        connection.execute(ENROLMENTS, {"firm": team_firm.pk, "size": TEAM_CLIENTS})
    largest = ground.firms[max(sizes)]
    ground.limited = {
        "a tenth": session_of_user(team.tenth(largest)),
        "narrowed": session_of_user(team.narrowed(largest)),
        "named": session_of_user(team.reserving(largest)),
    }
    ground.team = team.fifty(team_firm)
    ground.settle()


def new_firm(name: str, portfolios: tuple[str, ...] = ("Portefeuille principal",)) -> "Firm":
    """A firm made by its own verb, with an administrator."""
    from portefeuille.firms.actions import create_firm, create_portfolio

    firm = create_firm(
        actor="command:bench",
        name=name,
        admin_email=f"{name.replace(' ', '-').lower()}@bench.example",
        admin_password=PASSWORD,
        admin_name="Camille Mesure",
        first_portfolio=portfolios[0],
    )
    for other in portfolios[1:]:
        create_portfolio(actor="command:bench", firm=firm, name=other)
    return firm


def access_to(firm: "Firm") -> "Access":
    """The access of the firm's administrator."""
    from portefeuille.firms.access import access_of
    from portefeuille.firms.models import Member

    access = access_of(Member.objects.get(firm=firm, role=Member.Role.ADMINISTRATOR).user_id, firm.uid)
    if access is None:
        raise LookupError(firm.name)
    return access


def session_of(firm: "Firm") -> str:
    """A session where the firm's administrator is signed in: what the browser's cookie holds."""
    from portefeuille.firms.models import Member

    return session_of_user(Member.objects.get(firm=firm, role=Member.Role.ADMINISTRATOR).user)


def session_of_user(user: Any) -> str:
    """The same of anybody."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from portefeuille.people import sessions
    from portefeuille.people.sessions import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    sessions.start(store)
    store.save()
    return str(store.session_key)


def _cases(feed: Path) -> list[Case]:
    """Every client of the register once, with facts that prove it where there are some."""
    from portefeuille.demo import facts
    from portefeuille.enrolments.proving import Proof

    held = list(facts.accounts(feed))
    known = facts.latest(feed, lambda _number: True)
    cases: dict[Any, Case] = {}
    for account in held:
        fact = known.get(account.number)
        if fact is not None and account.subject not in cases:
            cases[account.subject] = Case(account.subject, Proof(account.number, fact.value))
    return list(cases.values())


def provable(ground: Ground, count: int) -> list[Case]:
    """``count`` cases whose facts the register takes as a proof: guessable amounts are none."""
    from portefeuille.registry.queries import verify

    shuffled = random.Random(11).sample(ground.cases, len(ground.cases))
    found: list[Case] = []
    for case in shuffled:
        if verify(case.subject, account_number=case.proof.account_number, fact=case.proof.fact).right:
            found.append(case)
        if len(found) == count:
            return found
    raise LookupError(f"only {len(found)} cases can be proved")


def stage(connection: psycopg.Connection[Any], subjects: list["Subject"]) -> None:
    """The columns that enrolments repeat of the register, for every client, made by the program's own function."""
    from portefeuille.enrolments.following import columns_of
    from portefeuille.registry import queries as registry

    connection.execute(_STAGE)
    for start in range(0, len(subjects), _BATCH):
        lines = registry.lines(subjects[start : start + _BATCH])
        rows = [
            (subject.regime, subject.siren, subject.account_number, *columns_of(line).values())
            for subject, line in lines.items()
        ]
        connection.execute(
            "INSERT INTO bench_client SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
            " %s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[])",
            [list(column) for column in zip(*rows, strict=True)],
        )
    connection.execute("SELECT setseed(0.5)")


_STAGE = """
CREATE TEMPORARY TABLE bench_client (
    regime text, siren text, account_number text, name text, name_key text, siret text, town text, postcode text,
    account_state text, accounts int, search text
)
"""

# In no order of names, as years of work leave them; added over three years; two portfolios.
ENROLMENTS = """
INSERT INTO enrolments_enrolment (
    uid, firm_id, portfolio_id, regime, siren, account_number, state, services, notices, created_at, created_by_id,
    ended_by, name, name_key, siret, town, postcode, account_state, accounts, search
)
SELECT gen_random_uuid(), %(firm)s, p.ids[1 + (random() < 0.3)::int], c.regime, c.siren, c.account_number,
       CASE WHEN random() < 0.005 THEN 'contested' ELSE 'active' END,
       (random() * 131071)::bigint, (random() * 7)::bigint, now() - random() * interval '1000 days', m.id,
       '', c.name, c.name_key, c.siret, c.town, c.postcode, c.account_state, c.accounts, c.search
FROM bench_client c,
     (SELECT array_agg(id ORDER BY id) AS ids FROM firms_portfolio WHERE firm_id = %(firm)s) p,
     (SELECT min(id) AS id FROM firms_member WHERE firm_id = %(firm)s) m
ORDER BY random() LIMIT %(size)s
"""
