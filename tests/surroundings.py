"""The surroundings of the suite, before Django reads its settings: throw-away secrets and one PostgreSQL for all.

Loaded by ``-p tests.surroundings``. The process that starts first owns the server; pytest-xdist's workers inherit its
address and make a test database each.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

_OWN_CLUSTER: Any = None
_FOLDER: Any = None

# Nothing here protects anything but a throw-away database.
_SETTINGS = {
    "SECRET_KEY": "a-secret-for-tests-only",
    "FACT_KEYS": "new:" + "11" * 32 + ",old:" + "22" * 32,
    "AUDIT_SIGNING_SEED": "33" * 32,
    "SITE_ADDRESS": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,testserver,127.0.0.1",
    "DEMO": "0",
    "LOG_LEVEL": "INFO",
    "DJANGO_SETTINGS_MODULE": "portefeuille.config.settings",
}

# What is lost when the machine stops is lost with the suite; each worker may open a crowd of connections.
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _start() -> None:
    global _OWN_CLUSTER, _FOLDER
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if "DATABASE_URL" in os.environ:
        return
    from portefeuille.private_postgres.cluster import OWNER, SUPERUSER, Cluster

    _FOLDER = tempfile.TemporaryDirectory(prefix="portefeuille-tests-", ignore_cleanup_errors=True)
    os.chmod(_FOLDER.name, 0o755)  # noqa: S103 - the server's own user, when started by root, must come through
    _OWN_CLUSTER = Cluster(Path(_FOLDER.name), settings={**_QUICK, "max_connections": "300"}).start()
    # The suite makes databases and, as a tamperer would, switches triggers off: it works as the superuser. That the
    # program's own role can do neither is tested with that role.
    os.environ["DATABASE_URL"] = _OWN_CLUSTER.url(SUPERUSER)
    os.environ["TEST_OWNER_ROLE"] = OWNER
    static = Path(_FOLDER.name) / "static"
    static.mkdir()
    os.environ["STATIC_ROOT"] = str(static)
    os.environ["TEST_FOLDER"] = _FOLDER.name


_start()


def pytest_unconfigure() -> None:
    if _OWN_CLUSTER is not None:
        from portefeuille.private_postgres.cluster import remove

        _OWN_CLUSTER.stop()
        remove(Path(_FOLDER.name))
        _FOLDER.cleanup()
