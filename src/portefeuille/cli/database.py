"""``portefeuille migrate`` and ``portefeuille audit verify``."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from portefeuille.cli import surroundings
from portefeuille.cli.saying import Progress, complain, say
from portefeuille.private_postgres import rights

#: The name, for PostgreSQL, of "somebody is migrating".
MIGRATING = 0x706F72746D696772
#: How long a migration waits for a table, less than the pages do; how often it asks, in ten minutes or so.
_WAITS_MS = 2000
_TRIES = 200


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    migrate_parser = commands.add_parser(
        "migrate", help="bring the database up to date, as its owner, and give the application its rights"
    )
    migrate_parser.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/data)")
    migrate_parser.set_defaults(run=run_migrate)

    audit = commands.add_parser("audit", help="the audit trail").add_subparsers(required=True, metavar="COMMAND")
    verify = audit.add_parser("verify", help="check every chain of the trail; exit code 1 when one is broken")
    verify.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/demo)")
    verify.set_defaults(run=run_verify)


def run_migrate(options: argparse.Namespace) -> int:
    progress = Progress()
    with surroundings.of(options.data, surroundings.DATA_FOLDER) as around:
        around.apply()
        with progress.step("Migrating the database"):
            done = migrate(progress.detail)
    say("The database was up to date." if not done else f"The database is up to date ({done} migrations).")
    return 0


def migrate(report: Callable[[str], None]) -> int:
    """Applies the migrations that are missing, as the owner, and gives the application's role its rights.

    Returns how many were applied. Django is prepared already. Another one under way is waited for.
    """
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    role = connection.settings_dict["USER"]
    with surroundings.as_owner() as owner_url:
        _wait_for_turn(report)
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            _apply(report)
        if not owner_url:
            report(
                "DATABASE_OWNER_URL is not set: no rights were given. docs/operations.md tells about the two roles."
            )
        elif not rights.grant(owner_url, role):
            report("DATABASE_URL is the owner's too: nothing keeps the program from rewriting the audit trail.")
        connection.close()  # and with it the turn
    return len(plan)


def _apply(report: Callable[[str], None]) -> None:
    """Every migration that is missing. One that cannot have its table soon lets the others by, and asks again.

    Whoever comes to a table after a migration that waits for it waits too: under a long load, every page.
    """
    from django.core.management import call_command
    from django.db import OperationalError, connection

    for left in reversed(range(_TRIES)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{_WAITS_MS}ms"])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != "55P03" or not left:
                raise
            report("A table is in use, perhaps by a load: trying again.")
            time.sleep(1)
        else:
            return


def _wait_for_turn(report: Callable[[str], None]) -> None:
    """Of several machines that migrate at once, each as it gets a new version, one does and the others come after.

    The turn is the connection's: it ends with it, however it ends. Asked for again and again, since a migration that
    builds an index beside its writers waits for every statement that waits.
    """
    from django.db import connection

    told = False
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATING])
            if (cursor.fetchone() or (False,))[0]:
                return
        if not told:
            report("Another migration is under way: waiting for its end.")
            told = True
        time.sleep(0.2)


def run_verify(options: argparse.Namespace) -> int:
    with surroundings.of(options.data, surroundings.DEMO_FOLDER) as around:
        around.apply()
        from portefeuille.audit import verification

        report = verification.verify()
    say(f"{report.chains} chains, {report.events} events, {report.checkpoints} signed checkpoints checked.")
    if not report.intact:
        first = report.breaks[0]
        where = "the checkpoints" if first.chain < 0 else f"chain {first.chain}"
        broken = f"the audit trail is broken in {len(report.breaks)} places"
        complain(f"{broken}; first in {where}, at {first.seq}: {first.reason}.")
        return 1
    say("The audit trail is intact.")
    return 0
