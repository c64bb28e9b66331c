"""Start, join and stop the private PostgreSQL of a data folder.

Two locks tell who uses it, since the kernel frees them even after ``kill -9``: ``postgres.start.lock`` is held while
somebody starts or stops the server, ``postgres.users.lock`` is shared by everybody who uses it. The last to leave
stops the server, whoever started it; a server whose users were all killed is taken over by the next one.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from portefeuille.private_postgres import binaries, locks, places, processes, secrets_file
from portefeuille.private_postgres.places import Place
from portefeuille.private_postgres.trouble import Trouble

SUPERUSER = "portefeuille_superuser"
OWNER = "portefeuille_owner"
APP = "portefeuille_app"
DATABASE = "portefeuille"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")

# Sized for one small machine that does other things as well.
SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",
    "max_wal_size": "512MB",
    "min_wal_size": "80MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # No statement and no row in the log: they hold what people typed.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
START_SECONDS = 60
LOG_BYTES = 4 * 1024 * 1024


class Cluster:
    """The PostgreSQL of ``data_dir``. ``settings`` are added to those of this module (tests turn fsync off)."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = Path(os.path.abspath(data_dir))
        self.settings = {**SETTINGS, **(settings or {})}
        self.joined = False
        self._users_lock: int | None = None
        self._place: Place | None = None
        self._socket = ""
        self._passwords: dict[str, str] = {}
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Makes the cluster when it is new, starts it or joins it, and returns when it answers. Raises Trouble."""
        if self._users_lock is not None:
            return self
        makers = {f"{role}_password": lambda: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
        kept = secrets_file.keep(self.data_dir, makers)
        self._passwords = {role: kept[f"{role}_password"] for role in (SUPERUSER, OWNER, APP)}
        try:
            users = locks.open_lock(self.data_dir / "postgres.users.lock")
            try:
                with locks.held(self.data_dir / "postgres.start.lock"):
                    self._place = places.settle(self.data_dir)
                    self._bring_up(self._place)
                    if not locks.take(users, shared=True, seconds=5):
                        raise Trouble(f"{self.data_dir / 'postgres.users.lock'} is held by another program. Stop it.")
            except BaseException:
                os.close(users)
                raise
        except OSError as error:
            raise Trouble(f"{error.filename or self.data_dir}: {error.strerror}.") from error
        self._users_lock = users
        return self

    def stop(self) -> None:
        """Leaves the server and, when nobody else uses it, stops it: open transactions are rolled back."""
        if self._users_lock is None or self._place is None:
            return
        users, self._users_lock = self._users_lock, None
        try:
            with locks.held(self.data_dir / "postgres.start.lock"):
                if locks.take(users, seconds=0):  # alone: the shared lock becomes exclusive
                    _shut_down(self._place.data)
        finally:
            os.close(users)
        if self._server is not None:
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(timeout=0)

    def revive(self) -> bool:
        """Starts the server again if it died under us; whether that was needed. Cheap enough for twice a second."""
        if self._place is None or self._users_lock is None or self._lives(self._place):
            return False
        with locks.held(self.data_dir / "postgres.start.lock"):
            self._bring_up(self._place)
            return not self.joined

    def _lives(self, place: Place) -> bool:
        if self._server is not None and self._server.poll() is None:
            return True
        found = processes.pid_file(place.data)
        return found is not None and processes.is_of(found.pid, place.data)

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """``postgresql://role:password@/database?host=/socket/folder`` for APP, OWNER or SUPERUSER."""
        return (
            f"postgresql://{quote(role, safe='')}:{quote(self._passwords[role], safe='')}@/{quote(database, safe='')}"
            f"?host={quote(self._socket, safe='/')}"
        )

    def create_database(self, name: str) -> None:
        """A new database of the owner's, with the extensions; one of that name is dropped first (tests)."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            self._create_database(connection, name)

    def log(self) -> Path:
        """The server's log, with neither statements nor rows."""
        if self._place is None:
            raise Trouble("PostgreSQL was not started yet.")
        return self._place.home / "postgres.log"

    # --- starting -------------------------------------------------------------------------------------------------

    def _bring_up(self, place: Place) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            running = processes.postmaster(place.data)
            if running is not None and self._answers(running, place):
                self.joined = True
                return
            if running is None:
                break
            if time.monotonic() >= deadline:
                raise Trouble(
                    f"The PostgreSQL {running.pid} of {place.data} does not answer. Stop it: kill {running.pid}"
                )
            time.sleep(0.05)
        _clear(place)
        self.joined = False
        version = _version(place.data)
        programs = binaries.find(place.user, place.copies, version)
        if version is None:
            self._initdb(place, programs)
        self._spawn(place, programs, deadline)
        if not (place.home / "roles-made").exists():
            self._make_roles()
            (place.home / "roles-made").touch()

    def _answers(self, running: processes.PidFile, place: Place) -> bool:
        """Whether the server accepts us; False when to look again later. Stops a server that lost its socket."""
        if running.status not in ("ready", ""):
            return False
        self._socket = running.socket_folder
        if not (Path(self._socket) / ".s.PGSQL.5432").exists():
            _shut_down(place.data)
            return False
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Trouble(
                    f"The passwords in {self.data_dir / secrets_file.NAME} are not those of its PostgreSQL. "
                    "Restore that file, or remove the whole folder to start afresh."
                ) from error
            return False
        return True

    def _initdb(self, place: Place, programs: binaries.Binaries) -> None:
        partial = place.home / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        place.user.own(partial)
        password = place.home / "password"
        password.unlink(missing_ok=True)
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self._passwords[SUPERUSER])
        place.user.own(password)
        # The builtin locale is the same on every machine, whatever its C library brings.
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if programs.major >= 17 else ["--locale=C.UTF-8"]
        command = [
            str(programs.folder / "initdb"), f"--pgdata={partial}", f"--username={SUPERUSER}", f"--pwfile={password}",
            "--auth-local=scram-sha-256", "--auth-host=reject", "--encoding=UTF8", *locale,
            "--no-instructions",
        ]  # fmt: skip
        if self.settings.get("fsync") == "off":
            command.append("--no-sync")
        made = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, **place.user.process_options()
        )
        password.unlink()
        if made.returncode != 0:
            shutil.rmtree(partial, ignore_errors=True)
            raise Trouble(f"PostgreSQL could not make its files in {place.home}: {_last_line(made.stderr)}")
        partial.rename(place.data)

    def _spawn(self, place: Place, programs: binaries.Binaries, deadline: float) -> None:
        socket = places.socket_folder(place)
        self._socket = str(socket)
        listed = '"' + str(socket).replace('"', '""') + '"'
        settings = {**self.settings, "unix_socket_directories": listed}
        command = [str(programs.folder / "postgres"), "-D", str(place.data)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = place.home / "postgres.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        begin = log.stat().st_size if log.exists() else 0
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            # A session of its own: Ctrl-C in the terminal reaches us, and we stop the server last.
            self._server = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=descriptor, stderr=descriptor,
                start_new_session=True, **place.user.process_options(),
            )  # fmt: skip
        finally:
            os.close(descriptor)
        try:
            while True:
                running = processes.pid_file(place.data)
                if running and running.pid == self._server.pid and running.status == "ready":
                    if self._answers(running, place):
                        return
                elif self._server.poll() is not None or time.monotonic() >= deadline:
                    with log.open(encoding="utf-8", errors="replace") as lines:
                        lines.seek(begin)
                        told = _last_line(lines.read())
                    raise Trouble(f"PostgreSQL did not start: {told} (its log: {log})")
                time.sleep(0.01)
        except BaseException:
            _shut_down(place.data)
            raise

    def _make_roles(self) -> None:
        """Everything a new cluster needs; done again from the start if it was interrupted."""
        with psycopg.connect(self.url(SUPERUSER, "template1"), autocommit=True) as connection:
            for extension in EXTENSIONS:  # in the template: each database has them from its birth
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
            for role in (OWNER, APP):
                exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = sql.SQL("ALTER" if exists else "CREATE")
                connection.execute(
                    sql.SQL(
                        "{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {}"
                    ).format(verb, sql.Identifier(role), sql.Literal(self._passwords[role]))
                )
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                self._create_database(connection, DATABASE)

    @staticmethod
    def _create_database(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        # Temporary tables are where a feed is copied before it is merged.
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(APP))
        )


@contextmanager
def running(data_dir: Path, settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """The started cluster of ``data_dir`` for the length of a block."""
    with Cluster(data_dir, settings) as cluster:
        yield cluster


def remove(data_dir: Path) -> None:
    """Removes the cluster of ``data_dir``, wherever it lives; Trouble while a program uses it."""
    data_dir = Path(os.path.abspath(data_dir))
    if not data_dir.is_dir():
        return
    users = locks.open_lock(data_dir / "postgres.users.lock")
    try:
        with locks.held(data_dir / "postgres.start.lock"):
            if not locks.take(users, seconds=0):
                raise Trouble(f"A program still uses the PostgreSQL of {data_dir}. Stop it first (Ctrl-C).")
            for home in places.homes(data_dir):
                _shut_down(home / "data")
            places.forget(data_dir)
    finally:
        os.close(users)


def _clear(place: Place) -> None:
    """After a crash: ends what the dead server left running, and drops lock files that name somebody else's process.

    PostgreSQL itself sees through most stale files, not through a process id that was given away again.
    """
    left = processes.of(place.data)
    if left and not processes.gone(place.data, 2) and not processes.end(left, signal.SIGKILL, place.data, 5):
        raise Trouble(f"Processes of an earlier PostgreSQL do not end: {left}. Stop them with kill -9.")
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    folder = places.socket_folder(place)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (folder / name).unlink(missing_ok=True)


def _shut_down(data: Path) -> None:
    """Fast shutdown, then an immediate one, then none too soft; leaves nothing running in ``data``."""
    for sign, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 5)):
        server = processes.postmaster(data)
        if server is None or processes.end([server.pid], sign, data, seconds):
            break
    if left := processes.of(data):
        processes.end(left, signal.SIGKILL, data, 5)


def _version(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return (telling or lines or ["it said nothing"])[-1]
