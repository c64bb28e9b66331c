"""What is attacked: the program with the settings and the database roles of production, in this process."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from portefeuille.private_postgres.cluster import APP, OWNER, SUPERUSER, Cluster, remove

# What is lost when the machine stops is lost with the attack.
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "256MB"}


@contextmanager
def prepared(*, mortal: bool = False, volume: Path | None = None) -> Iterator[Cluster]:
    """A migrated, empty database and Django set up for it, until the block ends.

    ``mortal``: it will be killed, so it keeps fsync, and it is emptied between rounds, so Django is the superuser.
    ``volume``: the folder for its files, else a temporary one.
    """
    with tempfile.TemporaryDirectory(prefix="portefeuille-attack-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        data = (volume or folder) / "data"
        settings = {"wal_recycle": "off", "min_wal_size": "32MB", "max_wal_size": "64MB"} if mortal else _QUICK
        with Cluster(data, settings) as cluster:
            os.environ.update(_environment(folder, cluster))
            if mortal:
                os.environ["DATABASE_URL"] = cluster.url(SUPERUSER)
            django.setup()
            from django.core.management import call_command
            from django.db import connections

            from portefeuille.cli.database import migrate

            migrate(lambda _line: None)
            call_command("collectstatic", interactive=False, verbosity=0)
            connections.close_all()
            yield cluster
            connections.close_all()
        remove(data)


def _environment(folder: Path, cluster: Cluster) -> dict[str, str]:
    return {
        "SECRET_KEY": "a-secret-for-attacks-only",
        "FACT_KEYS": "k1:" + "11" * 32,
        "AUDIT_SIGNING_SEED": "33" * 32,
        "AUDIT_CHECKPOINTS": str(folder / "checkpoints.jsonl"),
        "SITE_ADDRESS": "http://localhost:8000",
        "ALLOWED_HOSTS": "localhost,testserver,127.0.0.1",
        "DEMO": "0",
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": cluster.url(APP),
        "DATABASE_OWNER_URL": cluster.url(OWNER),
        "STATIC_ROOT": str(folder / "static"),
        "DJANGO_SETTINGS_MODULE": "tests.attack.settings",
        "STATEMENT_TIMEOUT_MS": "0",  # filling a register is not a page
    }
