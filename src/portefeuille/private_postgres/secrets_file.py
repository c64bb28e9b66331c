"""``secrets.json`` of a data folder: what the program makes up once and must find again at each start."""

import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from portefeuille.private_postgres.locks import held
from portefeuille.private_postgres.trouble import Trouble

NAME = "secrets.json"


def keep(data_dir: Path, makers: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """The secrets of ``data_dir`` (name to value), after making those of ``makers`` that were missing.

    The file has mode 0600 from its first byte on, is replaced in one step, and two programs at once agree.
    Raises Trouble where it cannot be read or written.
    """
    path = data_dir / NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with held(data_dir / ".secrets.lock"):
            known = _read(path)
            missing = {name: make() for name, make in makers.items() if name not in known}
            if missing:
                known |= missing
                _write(path, known)
            return known
    except OSError as error:
        raise Trouble(
            f"{error.filename or path}: {error.strerror}. Choose a folder that can be written with --data."
        ) from error


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)
    try:
        known = json.loads(text)
    except ValueError as error:
        raise Trouble(f"{path} is not JSON any more. Restore it, or remove its folder to start afresh.") from error
    return {str(name): str(value) for name, value in known.items()}


def _write(path: Path, known: Mapping[str, str]) -> None:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(known, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    if os.geteuid() == 0 and path.exists():  # root adding to somebody's file leaves it theirs
        owner = path.stat()
        os.chown(partial, owner.st_uid, owner.st_gid)
    partial.replace(path)
