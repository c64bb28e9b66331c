"""What the verbs of this room answer: a closed set, returned and never raised."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """It is done, in the trail and told to whom it concerns."""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The agent may read and not act, or not on this."""


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """It is so already: by another agent in the same instant, or by a double click."""


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such object."""


ActResult = Done | NotAllowed | NothingToDo | Gone
