"""What the verbs of this room answer: a closed set, returned and never raised."""

from dataclasses import dataclass
from uuid import UUID

from portefeuille.imports.grids import Why


@dataclass(frozen=True, slots=True)
class Received:
    """The file is read and its rows are kept, sealed."""

    uid: UUID


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The file is refused whole; ``opening.SENTENCES`` says it."""

    why: Why


@dataclass(frozen=True, slots=True)
class TooMany:
    """The member has as many files waiting as one may have."""


@dataclass(frozen=True, slots=True)
class NoPortfolio:
    """The member manages no portfolio."""


@dataclass(frozen=True, slots=True)
class Done:
    """The import is as wished."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """The import is in another state by now: its page says which."""
