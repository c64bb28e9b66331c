"""Where a cluster lives: in its data folder or, where the server's user cannot enter that, elsewhere with a note."""

import hashlib
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from portefeuille.private_postgres import server_user
from portefeuille.private_postgres.server_user import ServerUser
from portefeuille.private_postgres.trouble import Trouble

NOTE = "postgres-is-elsewhere.txt"
# sun_path holds 108 bytes on Linux and 104 elsewhere, of which "/.s.PGSQL.5432.lock" takes 19.
LONGEST_SOCKET_FOLDER = 80
PLAIN = re.compile(r"[A-Za-z0-9_./ -]+")  # libpq takes a comma for two hosts; others are untried


@dataclass(frozen=True, slots=True)
class Place:
    home: Path  # ours: holds data, socket and, when needed, a copy of the programs
    user: ServerUser

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def copies(self) -> Path:
        return self.home / "programs"


def settle(data_dir: Path) -> Place:
    """The place of the cluster of ``data_dir`` (absolute, existing), made when it is new.

    Raises Trouble where it belongs to somebody else or nothing can be written.
    """
    inside = data_dir / "postgres"
    if (inside / "data").exists():
        user = server_user.choose(inside / "data")
        if not user.can_enter(inside / "data"):
            owner = user.name if user.is_another else "another user, perhaps through root"
            raise Trouble(
                f"The PostgreSQL in {inside} belongs to {owner}, for whom that folder is out of reach. "
                "Start as the user who made it, give its permissions back, or choose another folder with --data."
            )
        return Place(inside, user)
    if noted := _noted(data_dir):
        return Place(noted, server_user.choose(noted / "data"))
    user = server_user.choose(inside / "data")
    if not user.is_another or user.can_enter(data_dir):
        return _made(inside, user)
    elsewhere = _elsewhere(data_dir)
    place = _made(elsewhere, user)
    (data_dir / NOTE).write_text(
        f"{elsewhere}\n\n"
        f"The PostgreSQL of this folder lives there: it runs as the user {user.name}, which may not enter this one.\n"
        "«make clean-demo» removes both.\n",
        encoding="utf-8",
    )
    return place


def forget(data_dir: Path) -> None:
    """Removes the cluster of ``data_dir``, wherever it lives, and the note. It must not be running."""
    if noted := _noted(data_dir):
        shutil.rmtree(noted)
        (data_dir / NOTE).unlink()
    inside = data_dir / "postgres"
    if recorded := _recorded_socket(inside):
        shutil.rmtree(recorded, ignore_errors=True)
    if inside.exists():
        shutil.rmtree(inside)


def homes(data_dir: Path) -> list[Path]:
    """Where a cluster of ``data_dir`` may be."""
    return [home for home in (data_dir / "postgres", _noted(data_dir)) if home is not None and home.exists()]


def socket_folder(place: Place) -> Path:
    """A folder for the socket, of mode 0700: in the place or, where that path is too long or odd, a temporary one."""
    folder = place.home / "socket"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and PLAIN.fullmatch(str(folder)):
        _private(folder, place.user)
        return folder
    if recorded := _recorded_socket(place.home):
        return recorded
    temporary = (tempfile.gettempdir(), "/tmp")  # noqa: S108
    roots = [root for root in temporary if len(os.fsencode(root)) <= 50 and PLAIN.fullmatch(root)]
    if not roots:
        raise Trouble("The system's temporary folder has too long a path for a socket. Set TMPDIR to a shorter one.")
    made = Path(tempfile.mkdtemp(prefix="portefeuille-", dir=roots[0]))
    place.user.own(made)
    (place.home / "socket-folder").write_text(str(made), encoding="utf-8")
    return made


def _recorded_socket(home: Path) -> Path | None:
    """The temporary folder noted at an earlier start, unless it went away or somebody else made one of that name."""
    try:
        folder = Path((home / "socket-folder").read_text(encoding="utf-8").strip())
        found = folder.lstat()
        owner = (home / "data").stat().st_uid
    except OSError:
        return None
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not found.st_mode & 0o077
    return folder if private else None


def _elsewhere(data_dir: Path) -> Path:
    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    for root in (Path("/var/lib/portefeuille"), Path("/var/tmp/portefeuille")):  # noqa: S108
        try:
            root.mkdir(mode=0o755, exist_ok=True)
            found = root.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and os.access(root, os.W_OK):
                root.chmod(0o755)
                return root / name
        except OSError:
            continue
    raise Trouble("Neither /var/lib nor /var/tmp can be written. Start as an ordinary user, or choose another --data.")


def _noted(data_dir: Path) -> Path | None:
    """The place that the note tells, when it is one that we make and was made for this very folder."""
    try:
        told = Path((data_dir / NOTE).read_text(encoding="utf-8").splitlines()[0])
    except (OSError, IndexError):
        return None
    # A folder that was copied with its note must not share the cluster of the original.
    return told if os.geteuid() == 0 and told == _elsewhere(data_dir) and told.exists() else None


def _made(home: Path, user: ServerUser) -> Place:
    """The place with its folder, which stays ours: a server under attack could otherwise lay traps for root in it."""
    try:
        home.mkdir(mode=0o711 if user.is_another else 0o700, exist_ok=True)
        found = home.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise Trouble(f"{home} belongs to somebody else. Remove it, or choose another folder with --data.")
        home.chmod(0o711 if user.is_another else 0o700)
    except OSError as error:
        raise Trouble(f"{home}: {error.strerror}. Choose a folder that can be written with --data.") from error
    return Place(home, user)


def _private(folder: Path, user: ServerUser) -> None:
    """``folder`` of mode 0700, the server user's."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.lstat().st_uid != user.uid:
            user.own(folder)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise Trouble(f"{folder}: {error.strerror}. Choose a folder that can be written with --data.") from error
