"""The command line, run as people run it: what it refuses, in which words, and with which exit code."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from portefeuille.private_postgres import APP, OWNER, SUPERUSER, Cluster
from portefeuille.private_postgres.cluster import remove
from tests.ground.test_cluster import QUICK

PASSWORD = "abricot-cuivre-loutre-41"
OURS = (
    "DATABASE_",
    "SECRET_KEY",
    "FACT_KEYS",
    "AUDIT_",
    "STATIC_ROOT",
    "DJANGO_SETTINGS",
    "SITE_",
    "ALLOWED_",
    "DEMO",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The data folder of a running, migrated cluster: the commands join it, as they do beside a demonstration."""
    with tempfile.TemporaryDirectory(prefix="ground-") as made:
        Path(made).chmod(0o755)
        data = Path(made) / "demo"
        with Cluster(data, QUICK):
            assert run("migrate", "--data", data).returncode == 0
            yield data
        remove(data)


def run(
    *arguments: object, told: str = "", cwd: Path | None = None, **settings: str
) -> "subprocess.CompletedProcess[str]":
    """``portefeuille …`` in an environment without settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [sys.executable, "-m", "portefeuille.cli", *map(str, arguments)],
        input=told, capture_output=True, text=True, env=environment | settings, timeout=120, check=False,
        cwd=cwd,
    )  # fmt: skip


def started(*arguments: object, **settings: str) -> "subprocess.Popen[str]":
    """The same, while it runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.Popen(
        [sys.executable, "-m", "portefeuille.cli", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment | settings,
    )  # fmt: skip


def create(folder: Path, email: str, password: str = PASSWORD) -> "subprocess.CompletedProcess[str]":
    return run(
        "firm", "create", "--name", "Cabinet Test", "--admin-email", email, "--password-stdin", "--data", folder,
        told=password + "\n",
    )  # fmt: skip


def refuses(done: "subprocess.CompletedProcess[str]", *words: str, status: int) -> None:
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_firms_are_made_once_and_wrong_ones_refused(folder: Path) -> None:
    made = create(folder, "chef@cabinet.example")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("http://localhost:8000/cabinets/")
    before = run("audit", "verify", "--data", folder)
    refuses(create(folder, "CHEF@cabinet.example"), "already", status=2)
    refuses(create(folder, "chef"), "--admin-email", status=2)
    refuses(create(folder, "autre@cabinet.example", "court"), "at least 12", status=2)
    after = run("audit", "verify", "--data", folder)
    assert (after.returncode, after.stdout) == (0, before.stdout), "the refused ones left no trace"


def test_secrets_of_a_data_folder(folder: Path) -> None:
    assert (folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert {"SECRET_KEY", "FACT_KEYS", "AUDIT_SIGNING_SEED"} <= set(json.loads((folder / "secrets.json").read_text()))


def test_a_register_is_made_up_checked_and_loaded(folder: Path) -> None:
    feed = folder.parent / "feed"
    assert run("registry", "generate", "--accounts", 20, "--out", feed).returncode == 0
    assert run("registry", "check", feed, "--data", folder).returncode == 0
    first = run("registry", "load", feed, "--data", folder)
    assert first.returncode == 0, first.stderr
    again = run("registry", "load", feed, "--data", folder)
    assert "comptes.csv: 20 lines, 0 new, 0 changed, 20 unchanged." in again.stdout


def test_refused_lines_that_cannot_be_told_refuse_the_load(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "entreprises.csv").write_text("siren\n", encoding="utf-8")
    (tmp_path / "rejects.csv").mkdir()
    for verb in ("check", "load"):
        done = run("registry", verb, tmp_path, "--data", folder, cwd=tmp_path)
        refuses(done, "Run the command in a folder where it may write the refused lines.", status=1)


@contextmanager
def beside(folder: Path) -> Iterator[dict[str, str]]:
    """The settings of another database of the cluster, without a table."""
    with Cluster(folder) as cluster, psycopg.connect(cluster.url(SUPERUSER), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE beside OWNER {OWNER}")
        yield {
            "DATABASE_URL": cluster.url(APP, "beside"), "DATABASE_OWNER_URL": cluster.url(OWNER, "beside"),
            "SECRET_KEY": "x", "FACT_KEYS": "k:" + "00" * 32,
        }  # fmt: skip
        connection.execute("DROP DATABASE beside WITH (FORCE)")


def test_a_migration_whose_table_is_in_use_lets_the_pages_by_and_comes_back(folder: Path) -> None:
    with beside(folder) as settings:
        assert run("migrate", **settings).returncode == 0
        with psycopg.connect(settings["DATABASE_OWNER_URL"]) as load:
            load.execute("DELETE FROM django_migrations WHERE app = 'audit' AND name = '0003_events_about'")
            load.execute("DROP INDEX events_about")
            load.commit()
            load.execute("LOCK TABLE audit_event IN ROW EXCLUSIVE MODE")  # as whoever writes into it
            migrating = started("migrate", **settings)
            assert migrating.stderr is not None
            said = next(line for line in migrating.stderr if "trying again" in line)
            assert "in use" in said
            load.rollback()
        _, errors = migrating.communicate(timeout=120)
        assert (migrating.returncode, "Traceback" in errors) == (0, False), errors


def test_several_machines_that_migrate_at_once_do_it_one_after_the_other(folder: Path) -> None:
    """As each of them does when a new version is put on all."""
    with beside(folder) as settings, ThreadPoolExecutor(3) as machines:
        done = list(machines.map(lambda _: run("migrate", **settings), range(3)))
    assert [(one.returncode, one.stderr[-300:]) for one in done if one.returncode] == []
    assert sum("was up to date" not in one.stdout for one in done) == 1


def test_a_broken_trail_is_told(folder: Path) -> None:
    assert create(folder, "trace@cabinet.example").returncode == 0
    rewrite = "SET session_replication_role = replica; UPDATE audit_event SET actor = '{}' WHERE seq = 2"
    with Cluster(folder) as cluster:
        with psycopg.connect(cluster.url(SUPERUSER)) as connection:
            connection.execute(rewrite.format("command:other"))
        refuses(run("audit", "verify", "--data", folder), "broken", "at 2", status=1)
        with psycopg.connect(cluster.url(SUPERUSER)) as connection:
            connection.execute(rewrite.format("command:firm-create"))
    assert run("audit", "verify", "--data", folder).returncode == 0


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refuses(run("demo", "--port", port, "--data", tmp_path / "demo"), "is taken", str(port), "--port", status=1)
    assert not (tmp_path / "demo").exists()


def test_what_is_wrongly_asked_is_told(tmp_path: Path) -> None:
    refuses(run(), "COMMAND", status=2)
    refuses(run("demo", "--port", "0"), "65535", status=2)
    refuses(run("demo", "--registry", tmp_path / "nowhere"), "is not a folder", status=2)
    refuses(run("registry", "load", tmp_path / "nowhere"), "is not a folder", status=2)
    refuses(run("registry", "generate", "--accounts", "-1", "--out", tmp_path), "whole number", status=2)


def test_a_database_that_does_not_answer_is_told() -> None:
    settings = {
        "DATABASE_URL": "postgresql://x:y@/z?host=/nowhere", "SECRET_KEY": "x", "FACT_KEYS": "k:" + "00" * 32,
    }  # fmt: skip
    refuses(run("migrate", **settings), "PostgreSQL", status=1)
    del settings["SECRET_KEY"]
    refuses(run("migrate", **settings), "SECRET_KEY", status=1)


def test_a_command_starts_postgresql_for_itself_and_clean_demo_removes_it(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    refuses(run("audit", "verify", "--data", data), "portefeuille migrate", status=1)
    assert (data / "secrets.json").exists()
    (data / "mine.txt").write_text("keep")
    assert "mine.txt" in run("clean-demo", "--data", data).stdout
    assert [path.name for path in data.iterdir()] == ["mine.txt"]
