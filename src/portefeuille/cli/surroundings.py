"""The settings of a command: those of the environment or, without ``DATABASE_URL``, those of a data folder.

A data folder holds a private PostgreSQL, ``secrets.json`` and, when it is a demonstration's, ``demo.json``.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg
from psycopg.conninfo import conninfo_to_dict

from portefeuille import private_postgres
from portefeuille.private_postgres import APP, OWNER, Cluster, secrets_file

DEMO_FOLDER = Path("var/demo")
DATA_FOLDER = Path("var/data")

_SECRETS = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "FACT_KEYS": lambda: f"k1:{secrets.token_hex(32)}",
    "AUDIT_SIGNING_SEED": lambda: secrets.token_hex(32),
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    data: Path | None  # None: the environment's
    cluster: Cluster | None
    settings: Mapping[str, str]  # what a process of ours needs in its environment beside what it inherits

    def apply(self, *, unhurried: bool = True) -> None:
        """Puts the settings into the environment and prepares Django.

        ``unhurried``: no time limit on statements. Without it, the worker's: what it clears away or brings up to date
        at once may take longer than a page, and would take as long at each new try; but a transaction of it lasts less
        than ``registry.touched.AGAIN``.
        """
        os.environ.update(self.settings)
        for name in self.settings:
            os.environ.pop(f"{name}_FILE", None)
        if unhurried:
            os.environ.update(STATEMENT_TIMEOUT_MS="0", LOCK_TIMEOUT_MS="60000")
        elif "STATEMENT_TIMEOUT_MS_FILE" not in os.environ:
            os.environ.setdefault("STATEMENT_TIMEOUT_MS", "15000")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portefeuille.config.settings")
        django.setup()


@contextmanager
def of(data: Path | None, default: Path, *, throw_away: bool = False) -> Iterator[Surroundings]:
    """The surroundings of a command whose ``--data`` is ``data``; PostgreSQL runs for the length of the block.

    ``--data`` wins over ``DATABASE_URL``, which wins over the folder ``default``. ``throw_away``: nothing needs to
    outlive a crash.
    """
    if data is None and (os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE")):
        yield Surroundings(None, None, {})
        return
    folder = absolute(data or default)
    with private_postgres.running(folder, {"fsync": "off"} if throw_away else None) as cluster:
        yield Surroundings(folder, cluster, settings_of(folder, cluster))


def demo_exists() -> bool:
    """Whether a command without ``--data`` has a database to work with: the environment's or a demonstration's."""
    return bool(os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE")) or DEMO_FOLDER.is_dir()


def absolute(folder: Path) -> Path:
    return Path(os.path.abspath(folder.expanduser()))


def settings_of(folder: Path, cluster: Cluster, port: int | None = None) -> dict[str, str]:
    """The settings of a data folder. ``port`` makes it a demonstration, and is remembered as such."""
    kept = secrets_file.keep(folder, _SECRETS)
    found: dict[str, str] = {
        "DATABASE_URL": cluster.url(APP),
        "DATABASE_OWNER_URL": cluster.url(OWNER),
    }
    defaults = {
        **{name: kept[name] for name in _SECRETS},
        "STATIC_ROOT": str(folder / "static"),
        "AUDIT_CHECKPOINTS": str(folder / "audit-checkpoints.jsonl"),
    }
    if port is not None:
        remember(folder, port=port)
    remembered = recall(folder).get("port")
    if remembered is not None:  # a demonstration minds nothing but itself
        return {
            **found,
            **defaults,
            "DEMO": "1",
            "SITE_ADDRESS": f"http://localhost:{remembered}",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "BEHIND_TLS_PROXY": "0",
            "TRUSTED_PROXIES": "0",
        }
    chosen = {name for name in defaults if os.environ.get(name) or os.environ.get(f"{name}_FILE")}
    return found | {name: value for name, value in defaults.items() if name not in chosen}


def recall(folder: Path) -> dict[str, object]:
    """What a demonstration noted in its folder; empty when it is none."""
    try:
        noted = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def remember(folder: Path, **facts: object) -> None:
    """Adds ``facts`` to what a demonstration noted."""
    partial = folder / "demo.json.partial"
    partial.write_text(json.dumps({**recall(folder), **facts}, indent=1), encoding="utf-8")
    partial.replace(folder / "demo.json")


@contextmanager
def as_owner() -> Iterator[str]:
    """Makes Django's connection that of the owner of the tables (``DATABASE_OWNER_URL``) for a block; yields its URL.

    Without that setting the usual role is taken to be the owner.
    """
    from django.db import connection

    url = os.environ.get("DATABASE_OWNER_URL", "")
    if not url:
        yield ""
        return
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise private_postgres.Trouble("DATABASE_OWNER_URL is not an address of PostgreSQL.") from error
    usual = dict(connection.settings_dict)
    connection.close()
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    connection.settings_dict.update({ours: str(parts.get(theirs) or "") for ours, theirs in names.items()})
    try:
        yield url
    finally:
        connection.close()
        connection.settings_dict.update(usual)
