"""What the verbs of this room answer: a closed set of results and refusals, returned and never raised."""

from dataclasses import dataclass
from uuid import UUID

from portefeuille.catalogue.selection import Selection
from portefeuille.registry.queries import Subject


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The client is in the portfolio. ``again`` when the same form had done it before."""

    uid: UUID
    again: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The proof is right and the client wants to say yes first: the enrolment waits, without any access.

    ``again`` when the same form had asked before.
    """

    uid: UUID
    again: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """The proof is right and the client takes no new firm. Told to nobody who has not proved what they know."""


@dataclass(frozen=True, slots=True)
class AlreadyEnrolled:
    """The firm has this client already (R6). ``visible`` tells whether this member may open it."""

    uid: UUID
    visible: bool


@dataclass(frozen=True, slots=True)
class NotProved:
    """The one answer to every failed proof (R4), whichever fact was wrong, or locked, or without account.

    ``remaining`` is what the firm has left for this client today: its own count, so it says nothing of the account.
    """

    remaining: int


@dataclass(frozen=True, slots=True)
class FormUsed:
    """This form was sent before, and what it added has been terminated since."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The member may not manage the portfolio."""


@dataclass(frozen=True, slots=True)
class NotTried:
    """The firm, its member or their address had no attempt left when the turn of this client came: nothing was judged.

    Only many clients at once are told so; for one by itself it is ``NotProved``, like every other failure.
    """


EnrolResult = Enrolled | Asked | AlreadyEnrolled | NotProved | Closed | FormUsed | NotAllowed


@dataclass(frozen=True, slots=True)
class Changed:
    """The selection is as wished; ``nothing_new`` when it was before."""

    nothing_new: bool = False


@dataclass(frozen=True, slots=True)
class ChangedMeanwhile:
    """Somebody changed the selection after the member's page was made; nothing was changed now."""

    present: Selection


@dataclass(frozen=True, slots=True)
class Gone:
    """The enrolment has ended, or is not this member's to manage."""


ChangeResult = Changed | ChangedMeanwhile | Gone


@dataclass(frozen=True, slots=True)
class Terminated:
    """What one act ended: ``ending`` names the act, for its undoing until ``UNDO_WINDOW`` is over."""

    ending: UUID
    uids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """``left``: how many the same act had ended that stay so, too late or added again meanwhile."""

    uids: tuple[UUID, ...]
    left: int = 0


@dataclass(frozen=True, slots=True)
class NotRestored:
    """Nothing came back: too late, or ended by the client, or added again meanwhile."""

    too_late: bool
