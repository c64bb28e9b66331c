"""Passwords that stood in a known breach, looked up in a file of the deployer's: nothing leaves the machine.

The file is that of Have I Been Pwned, as its downloader writes it: one line for each password, sorted, each the SHA-1
in hexadecimal, which ``:`` and a count may follow. It is not carried (gigabytes) and not required; where the setting
``BREACHED_PASSWORDS`` is empty, the list of ``passwords.NotKnownBad`` stands alone.
"""

import hashlib
import logging
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError

from portefeuille.people.models import User
from portefeuille.people.passwords import said_in

logger = logging.getLogger(__name__)
_HEX = 40
#: A line is a digest and a count; a file without line ends is not such a file.
_LONGEST_LINE = 80


class NotBreached:
    def validate(self, password: str, user: User | None = None) -> None:
        if settings.BREACHED_PASSWORDS and is_in(settings.BREACHED_PASSWORDS, password):
            french = "Ce mot de passe figure dans une fuite de données connue\u00a0: choisissez quatre mots au hasard."
            raise ValidationError(said_in(french, "It stood in a known breach."))

    def get_help_text(self) -> str:
        return ""


def is_in(path: str, password: str) -> bool:
    """Whether the file holds the password: some thirty-five reads, by halves.

    A file that went away refuses nobody, and says so in the log: length and the other lists still hold.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with Path(path).open("rb") as file:
            return _find(file, wanted)
    except OSError as error:
        logger.error("the file of breached passwords cannot be read (%s)", type(error).__name__)
        return False


def _find(file: BinaryIO, wanted: bytes) -> bool:
    low, high = 0, file.seek(0, 2)
    while low < high:
        middle = (low + high) // 2
        found = _first_from(file, middle)
        if found and found < wanted:
            low = middle + 1
        else:
            high = middle
    return _first_from(file, low) == wanted


def _first_from(file: BinaryIO, place: int) -> bytes:
    """The digest of the first line that begins at ``place`` or later; b"" past the last one."""
    file.seek(max(place - 1, 0))
    if place:
        file.readline(_LONGEST_LINE)
    return file.readline(_LONGEST_LINE)[:_HEX].strip().upper()
