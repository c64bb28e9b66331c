"""``check`` and ``load`` a folder of feeds.

Each file is loaded in a transaction of its own, in the order of ``schema.FEEDS``: a file that is refused whole changes
nothing, and does not undo those before it. Its lines go by COPY into a temporary table; set-based statements then
bring over only the rows that differ, so that loading the same file again writes nothing at all. Readers are never
blocked: no statement takes more than row locks.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from portefeuille.registry.feeds import facts, first, sirene
from portefeuille.registry.feeds.reading import FileRefused, Table, find, opened
from portefeuille.registry.feeds.reporting import FeedReport, FileReport, Rejects
from portefeuille.registry.feeds.schema import ACCOUNTS, FACTS, FEEDS, FLAT_RATES, Feed
from portefeuille.registry.feeds.staging import Incoming, copy_in, refuse_repeats

NO_FOLDER = "Le dossier n'existe pas."
NOTHING_FOUND = f"Le dossier ne contient aucun de ces fichiers : {', '.join(f'{feed.name}.csv' for feed in FEEDS)}."
BUSY = "Un autre chargement est en cours : recommencez quand il sera terminé."


class Follow(Protocol):
    """What brings up to date whatever repeats the register (``enrolments.following.follow_register``)."""

    def __call__(self, *, sirens: set[str], account_numbers: set[str]) -> object: ...


#: The name, for PostgreSQL, of "somebody is loading the register".
LOADING = 0x706F727465666575


def check(directory: Path, report: Callable[[str], None], *, rejects: Path | None = None) -> FeedReport:
    """Validate a folder as ``load`` would, and leave the register as it is.

    Accounts of the facts are looked up in comptes.csv of the folder and in the register. ``rejects`` is the folder of
    rejects.csv; without it, the one in which the command runs.
    """
    with transaction.atomic():
        found = _go_through(directory, report, rejects, _check_file)
        transaction.set_rollback(True)
    return found


def load(
    directory: Path, report: Callable[[str], None], *, rejects: Path | None = None, follow: Follow | None = None
) -> FeedReport:
    """Load what the folder holds, in any subset. ``rejects`` as for ``check``.

    ``follow`` is told the Sirens, and the numbers of accounts without one, that a file touched, in the transaction of
    that file: what repeats the register follows it, or the file is not loaded.

    A line that breaks its schema is refused and told in rejects.csv; a file without its header or with more than 1 %
    refused lines is refused whole. Nothing here tells, stores or raises an amount or a NIR.
    """

    def handle(incoming: Incoming, table: Table, result: FeedReport) -> None:
        sirens, accounts = _load_file(incoming, table)
        if follow is not None:
            follow(sirens=sirens, account_numbers=accounts)
        result.changed_sirens |= sirens
        result.changed_accounts |= accounts

    return _go_through(directory, report, rejects, handle)


def load_sirene(
    directory: Path, report: Callable[[str], None], *, rejects: Path | None = None, follow: Follow | None = None
) -> FeedReport:
    """Load INSEE's stock files (``sirene.NAMES``) as they are published; the rest is as for ``load``.

    The names of those who asked not to be published are taken out where they stand already.
    """

    def handle(incoming: Incoming, table: Table, result: FeedReport) -> None:
        sirens, accounts = _load_file(incoming, table)
        if follow is not None:
            follow(sirens=sirens, account_numbers=accounts)
        result.changed_sirens |= sirens

    found = _go_through(directory, report, rejects, handle, sources=sirene.files(directory))
    if not found.files and not found.problem:
        found.problem = (
            f"Le dossier ne contient aucun de ces fichiers : {', '.join(sirene.NAMES)} (CSV, zippé ou non)."
        )
    return found


def _go_through(
    directory: Path,
    tell: Callable[[str], None],
    rejects_folder: Path | None,
    handle: Callable[[Incoming, Table, FeedReport], None],
    *,
    sources: Sequence[tuple[Feed, Path]] | None = None,
) -> FeedReport:
    """``sources``: the files and what they are, where they are not those of ``FEEDS``."""
    result = FeedReport()
    if not directory.is_dir():
        result.problem = NO_FOLDER
        return result
    with Rejects(rejects_folder or Path.cwd()) as rejects:
        for feed, given in [(feed, None) for feed in FEEDS] if sources is None else sources:
            file = FileReport(name=f"{feed.name}.csv")
            try:
                path = given or find(directory, feed)
                if path is None:
                    continue
                if path.suffix == ".parquet":
                    file.name = path.name
                    raise FileRefused(sirene.PARQUET)
                file.name = path.name
                incoming = Incoming(feed=feed, report=file, rejects=rejects, tell=tell)
                with opened(path) as text, transaction.atomic():
                    handle(incoming, Table(text, feed), result)
            except FileRefused as refusal:
                file.inserted = file.changed = file.same = file.withheld = 0
                file.refusal = str(refusal)
                rejects.add(file.name, 0, refusal.column, file.refusal)
                tell(f"{file.name} : {file.refusal}")
            result.files.append(file)
        result.rejects = rejects.path
    if not result.files and sources is None:
        result.problem = NOTHING_FOUND
    return result


def _check_file(incoming: Incoming, table: Table, result: FeedReport) -> None:
    _unlimited()
    if incoming.feed is FACTS:
        staged = any(file.name.startswith(f"{ACCOUNTS.name}.") and not file.refusal for file in result.files)
        facts.stage(incoming, table, keyed=False, accounts=f"pg_temp.feed_{ACCOUNTS.name}" if staged else "")
        return
    _stage(incoming, table)


def _load_file(incoming: Incoming, table: Table) -> tuple[set[str], set[str]]:
    _unlimited()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOADING])
        if not cursor.fetchone()[0]:
            raise FileRefused(BUSY)
    if incoming.feed is FACTS:
        facts.stage(incoming, table, keyed=True, accounts="")
        facts.bring_over(incoming)
        return set(), set()
    _stage(incoming, table)
    if incoming.feed is not FLAT_RATES and first.begins(incoming.feed.table, incoming.staging):
        return _bring_all(incoming)
    touched = _bring_over(incoming)
    if incoming.feed is FLAT_RATES:
        facts.forget_flat_rates(incoming)
    return touched


def _unlimited() -> None:
    """A file may take as long as it takes, whatever limit the pages of the site live under."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        # Sorts and joins of a whole file, by one loader at a time.
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL maintenance_work_mem = '512MB'")


def _stage(incoming: Incoming, table: Table) -> None:
    feed = incoming.feed
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {incoming.staging}")
        cursor.execute(
            f"CREATE TEMP TABLE feed_{feed.name} ON COMMIT DROP AS "  # noqa: S608 (names of ours, no data)
            f"SELECT 0::bigint AS line, {', '.join(feed.fields)} FROM {feed.table} WITH NO DATA"
        )
    copy_in(incoming, table, None)
    refuse_repeats(incoming)
    incoming.refuse_when_too_many()


def _bring_over(incoming: Incoming) -> tuple[set[str], set[str]]:
    """Write the rows that differ; return the Sirens, and the numbers of accounts without one, that are touched."""
    feed, report, staging = incoming.feed, incoming.report, incoming.staging
    changes = f"pg_temp.changes_of_{feed.name}"
    (key,) = feed.key
    others = [name for name in feed.fields if name != key]
    siren = "siren" in feed.fields
    old_and_new = ", old.siren AS old_siren, new.siren AS new_siren" if siren else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {changes}")
        cursor.execute(f"ANALYZE {staging}")
        cursor.execute(
            f"""
            CREATE TEMP TABLE changes_of_{feed.name} ON COMMIT DROP AS
            SELECT new.{key}, old.{key} IS NULL AS is_new {old_and_new}
            FROM {staging} new LEFT JOIN {feed.table} old ON old.{key} = new.{key}
            WHERE old.{key} IS NULL OR {_differ("old", "new", others)}
            """  # noqa: S608 (names of ours, no data)
        )
        cursor.execute(
            f"""
            INSERT INTO {feed.table} ({", ".join(feed.fields)})
            SELECT {", ".join(f"new.{name}" for name in feed.fields)}
            FROM {staging} new JOIN {changes} USING ({key}) WHERE is_new ORDER BY new.line
            """  # noqa: S608 (names of ours, no data)
        )
        cursor.execute(
            f"""
            UPDATE {feed.table} old SET {", ".join(f"{name} = new.{name}" for name in others)}
            FROM {staging} new JOIN {changes} USING ({key}) WHERE NOT is_new AND old.{key} = new.{key}
            """  # noqa: S608 (names of ours, no data)
        )
        cursor.execute(f"SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM {changes}")  # noqa: S608
        report.inserted, report.changed = cursor.fetchone()
        report.same = report.lines - report.refused - report.inserted - report.changed
        return _touched(cursor, changes, feed) if siren else (set(), set())


def _bring_all(incoming: Incoming) -> tuple[set[str], set[str]]:
    """``_bring_over`` into an empty table: every row is new."""
    feed, report, staging = incoming.feed, incoming.report, incoming.staging
    fields = ", ".join(feed.fields)
    with connection.cursor() as cursor:
        with first.indexes_set_aside(cursor, feed.table):
            cursor.execute(f"INSERT INTO {feed.table} ({fields}) SELECT {fields} FROM {staging}")  # noqa: S608
            report.inserted = cursor.rowcount
        if "siren" not in feed.fields:
            return set(), set()
        cursor.execute(f"SELECT DISTINCT siren FROM {staging} WHERE siren <> ''")  # noqa: S608
        sirens = {siren for (siren,) in cursor.fetchall()}
        if feed is not ACCOUNTS:
            return sirens, set()
        cursor.execute(f"SELECT number FROM {staging} WHERE siren = ''")  # noqa: S608
        return sirens, {number for (number,) in cursor.fetchall()}


def _touched(cursor: CursorWrapper, changes: str, feed: Feed) -> tuple[set[str], set[str]]:
    cursor.execute(
        f"SELECT new_siren FROM {changes} WHERE new_siren <> '' "  # noqa: S608 (names of ours, no data)
        f"UNION SELECT old_siren FROM {changes} WHERE old_siren <> ''"
    )
    sirens = {siren for (siren,) in cursor.fetchall()}
    if feed is not ACCOUNTS:
        return sirens, set()
    cursor.execute(f"SELECT number FROM {changes} WHERE new_siren = '' OR old_siren = ''")  # noqa: S608
    return sirens, {number for (number,) in cursor.fetchall()}


def _differ(one: str, other: str, names: list[str]) -> str:
    left, right = (", ".join(f"{row}.{name}" for name in names) for row in (one, other))
    return f"ROW({left}) IS DISTINCT FROM ROW({right})"
