"""What the verbs of this room answer: a closed set of results and refusals, returned and never raised."""

from dataclasses import dataclass
from uuid import UUID

from portefeuille.people.models import User


@dataclass(frozen=True, slots=True)
class Applied:
    """The request to open a space is kept. ``firm`` is the new firm's uid when it may work at once, else None.

    A firm that has a space already gets the request instead; whoever asks is not told so.
    """

    user: User
    firm: UUID | None = None


@dataclass(frozen=True, slots=True)
class LinkSpent:
    """The link was used, has expired or was withdrawn, in this very instant perhaps; nothing was done."""


@dataclass(frozen=True, slots=True)
class AddressTaken:
    """Somebody signs in with that address since the page was made; the link is still good."""


ApplyResult = Applied | LinkSpent | AddressTaken
