"""Strict readers of the environment: a wrong value stops the program and says which one.

Every reader also accepts ``NAME_FILE``, the path of a file that holds the value, so that secrets need not stand
in the environment itself.
"""

import os
from pathlib import Path


class WrongSetting(Exception):
    """A variable of the environment that cannot be used; its message names the variable, never a secret."""


def text(name: str, default: str | None = None) -> str:
    """The value of ``name`` (or of the file named by ``name_FILE``); without either, ``default`` or a refusal."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongSetting(f"{name}_FILE cannot be read: {error.strerror}") from error
    value = os.environ.get(name, default)
    if value is None:
        raise WrongSetting(f"{name} is missing; docs/operations.md lists the settings")
    return value


def readable(name: str) -> str:
    """The path of a file that is there and can be read; "" where nothing is said."""
    path = text(name, "")
    if path and not (Path(path).is_file() and os.access(path, os.R_OK)):
        raise WrongSetting(f"{name} is not a file that can be read")
    return path


def flag(name: str, *, default: bool) -> bool:
    """``1`` or ``0``, nothing else."""
    value = text(name, "1" if default else "0")
    if value not in ("0", "1"):
        raise WrongSetting(f"{name} is 1 or 0")
    return value == "1"


def one_of(name: str, default: str, *others: str) -> str:
    """One of the words, the first where nothing is said."""
    value = text(name, default)
    if value not in (default, *others):
        raise WrongSetting(f"{name} is one of {', '.join((default, *others))}")
    return value


def whole(name: str, default: int) -> int:
    """A whole number of zero or more."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise WrongSetting(f"{name} is a whole number")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """Comma-separated words, blanks around them dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
