"""Who PostgreSQL runs as: ourselves or, since it refuses root, an unprivileged user when we are root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portefeuille.private_postgres.trouble import Trouble


@dataclass(frozen=True, slots=True)
class ServerUser:
    uid: int
    gid: int
    name: str

    @property
    def is_another(self) -> bool:
        return self.uid != os.geteuid()

    def process_options(self) -> dict[str, Any]:
        """Arguments of ``subprocess`` that run a program as this user, from a folder that everybody can enter."""
        options: dict[str, Any] = {"cwd": "/", "env": self._environment()}
        if self.is_another:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def _environment(self) -> dict[str, str]:
        # Nothing of ours: neither the secrets that settings may hold nor the PG* variables of the caller's shell.
        # TZ spares initdb a search through every time zone.
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TZ": "UTC", "LC_ALL": "C", "LANG": "C"}

    def can_run(self, program: Path) -> bool:
        return self._can('[ -x "$1" ] && [ -r "$1" ]', program)

    def can_enter(self, folder: Path) -> bool:
        return self._can('[ -x "$1" ] && cd "$1"', folder)

    def own(self, path: Path) -> None:
        """Gives a file or folder that we made to this user; nothing to do when that is us."""
        if self.is_another:
            try:
                os.chown(path, self.uid, self.gid)
            except OSError as error:
                raise Trouble(
                    f"{path} cannot be given to the user {self.name} ({error.strerror}). "
                    "Start as an ordinary user instead of root."
                ) from error

    def _can(self, test: str, path: Path) -> bool:
        # Asked as that user: permissions, access lists and mount options all count.
        command = ["/bin/sh", "-c", test, "sh", str(path)]
        asked = subprocess.run(command, capture_output=True, check=False, **self.process_options())  # noqa: S603
        return asked.returncode == 0


def choose(data: Path) -> ServerUser:
    """Ourselves; when we are root, the owner of an existing cluster in ``data``, else ``nobody``."""
    uid = os.geteuid()
    if uid != 0:
        return ServerUser(uid, os.getegid(), _name(uid))
    try:
        owner = data.stat()
    except OSError:
        owner = None
    if owner is not None and owner.st_uid != 0:
        return ServerUser(owner.st_uid, owner.st_gid, _name(owner.st_uid))
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return ServerUser(65534, 65534, "65534")
    return ServerUser(nobody.pw_uid, nobody.pw_gid, "nobody")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
