"""Who opens a link that was sent to an address, compared with who signs in with that address."""

from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest

from portefeuille.people.actions import person_with
from portefeuille.people.models import User


class Bearer(StrEnum):
    NEW = "new"  # nobody signs in with the address: its reader may become a person
    SELF = "self"  # signed in as the person of the address
    OUT = "out"  # somebody signs in with the address, and this browser is nobody's
    OTHER = "other"  # this browser is signed in as somebody else


@dataclass(frozen=True, slots=True)
class Reader:
    kind: Bearer
    user: User | None


def reader_of(request: HttpRequest, email: str) -> Reader:
    """The reader of a link sent to ``email``; ``user`` is the person of that address, signed in or not."""
    user = person_with(email)
    if request.user.is_authenticated:
        return Reader(Bearer.SELF if user is not None and user.pk == request.user.pk else Bearer.OTHER, user)
    return Reader(Bearer.NEW if user is None else Bearer.OUT, user)
