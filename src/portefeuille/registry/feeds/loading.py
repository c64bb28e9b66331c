"""``check`` and ``load`` a folder of feeds.

Each file is loaded in a transaction of its own, in the order of ``schema.FEEDS``: a file that is refused whole changes
nothing, and does not undo those before it. Its lines go by COPY into a temporary table; set-based statements then
bring over only the rows that differ, so that loading the same file again writes nothing at all. Readers are never
blocked: no statement takes more than row locks. Whom a file touches is noted with it (``registry.touched``), and
followed after it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import Error, connection, transaction

from portefeuille.registry import queries, touched
from portefeuille.registry.feeds import facts, first, sirene
from portefeuille.registry.feeds.reading import FileRefused, Table, find, opened
from portefeuille.registry.feeds.reporting import FeedReport, FileReport, Rejects
from portefeuille.registry.feeds.schema import ACCOUNTS, FACTS, FEEDS, FLAT_RATES, Feed
from portefeuille.registry.feeds.staging import Incoming, copy_in, refuse_repeats

NO_FOLDER = "Le dossier n'existe pas."
NOTHING_FOUND = f"Le dossier ne contient aucun de ces fichiers : {', '.join(f'{feed.name}.csv' for feed in FEEDS)}."
BUSY = "Un autre chargement est en cours : recommencez quand il sera terminé."


#: Brings up to date whatever repeats the register (``enrolments.following.follow_new``).
Follow = Callable[[], object]

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

    ``follow`` is called after each file that was loaded. A load that dies before leaves what it touched to whoever
    follows next.

    A line that breaks its schema is refused and told in rejects.csv; a file without its header or with more than 1 %
    refused lines is refused whole. Nothing here tells, stores or raises an amount or a NIR.

    One load at a time: another one is refused as a whole, and never comes between two files of the first.
    """
    with _alone() as alone:
        if not alone:
            return FeedReport(problem=BUSY)
        return _go_through(directory, report, rejects, _load_file, follow=follow)


def load_sirene(
    directory: Path, report: Callable[[str], None], *, rejects: Path | None = None, follow: Follow | None = None
) -> FeedReport:
    """Load INSEE's stock files (``sirene.NAMES``) as they are published; the rest is as for ``load``.

    The names of those who asked not to be published are taken out where they stand already.
    """
    try:
        sources = sirene.files(directory)
    except FileRefused as refusal:
        return FeedReport(problem=str(refusal))
    with _alone() as alone:
        if not alone:
            return FeedReport(problem=BUSY)
        found = _go_through(directory, report, rejects, _load_file, follow=follow, sources=sources)
    if not found.files and not found.problem:
        found.problem = (
            f"Le dossier ne contient aucun de ces fichiers : {', '.join(sirene.NAMES)} (CSV, ZIP ou Parquet)."
        )
    return found


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else is loading; nobody else can until the block ends, or the connection does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOADING])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held:
            with suppress(Error), connection.cursor() as cursor:  # a connection that is lost holds nothing
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOADING])


def _go_through(
    directory: Path,
    tell: Callable[[str], None],
    rejects_folder: Path | None,
    handle: Callable[[Incoming, Table, FeedReport], None],
    *,
    follow: Follow | None = None,
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
                file.name = path.name
                incoming = Incoming(feed=feed, report=file, rejects=rejects, tell=tell)
                with opened(path, feed) as text, transaction.atomic():
                    handle(incoming, Table(text, feed), result)
                if follow is not None:
                    follow()
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


def _load_file(incoming: Incoming, table: Table, _result: FeedReport) -> None:
    _unlimited()
    if incoming.feed is FACTS:
        facts.stage(incoming, table, keyed=True, accounts="")
        facts.bring_over(incoming)
        return
    # Nothing repeats a register without accounts: a first load notes nobody.
    noted = "siren" in incoming.feed.fields and queries.has_accounts()
    _stage(incoming, table)
    if incoming.feed is not FLAT_RATES and first.begins(incoming.feed.table, incoming.staging):
        _bring_all(incoming, noted=noted)
        return
    _bring_over(incoming, noted=noted)
    if incoming.feed is FLAT_RATES:
        facts.forget_flat_rates(incoming)


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


def _bring_over(incoming: Incoming, *, noted: bool) -> None:
    """Write the rows that differ."""
    feed, report, staging = incoming.feed, incoming.report, incoming.staging
    changes = f"pg_temp.changes_of_{feed.name}"
    (key,) = feed.key
    others = [name for name in feed.fields if name != key]
    old_and_new = ", old.siren AS old_siren, new.siren AS new_siren" if "siren" in feed.fields else ""
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
        if noted:
            numbers = f" UNION SELECT '', number FROM {changes} WHERE '' IN (new_siren, old_siren)"  # noqa: S608
            touched.note(
                cursor,
                f"SELECT new_siren, '' FROM {changes} UNION SELECT old_siren, '' FROM {changes}"  # noqa: S608 (names of ours)
                + (numbers if feed is ACCOUNTS else ""),
            )


def _bring_all(incoming: Incoming, *, noted: bool) -> None:
    """``_bring_over`` into an empty table: every row is new."""
    feed, report, staging = incoming.feed, incoming.report, incoming.staging
    fields = ", ".join(feed.fields)
    with connection.cursor() as cursor:
        with first.indexes_set_aside(cursor, feed.table):
            cursor.execute(f"INSERT INTO {feed.table} ({fields}) SELECT {fields} FROM {staging}")  # noqa: S608
            report.inserted = cursor.rowcount
        if noted:
            touched.note(cursor, f"SELECT DISTINCT siren, '' FROM {staging}")  # noqa: S608 (a name of ours)


def _differ(one: str, other: str, names: list[str]) -> str:
    left, right = (", ".join(f"{row}.{name}" for name in names) for row in (one, other))
    return f"ROW({left}) IS DISTINCT FROM ROW({right})"
