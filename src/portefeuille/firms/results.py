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


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Who asks is not an administrator of the firm, any more perhaps."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The member, invitation, request or portfolio is not (any more) one of the firm's."""


@dataclass(frozen=True, slots=True)
class LastAdministrator:
    """Nobody would administer the firm any more; nothing was changed."""


@dataclass(frozen=True, slots=True)
class NameTaken:
    """The firm has a portfolio of that name, or the name is kept for «Sans portefeuille»."""


@dataclass(frozen=True, slots=True)
class Done:
    """It is as wished; ``nothing_new`` when it was before. ``uid`` is that of what was made, where something was."""

    nothing_new: bool = False
    uid: UUID | None = None


@dataclass(frozen=True, slots=True)
class AlreadyMember:
    """That person works for the firm already."""

    member: UUID


@dataclass(frozen=True, slots=True)
class AlreadyInvited:
    """An invitation to that address waits; it can be sent again or cancelled."""

    invitation: UUID


@dataclass(frozen=True, slots=True)
class TooManyMessages:
    """The firm, or that address, has had as many messages as a day allows."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The person works for the firm now; ``again`` when they did already."""

    firm: UUID
    user: User
    again: bool = False
