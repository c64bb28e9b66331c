"""What the product says of firms, teams, clients and agents, without a database: the world as it should be.

Nothing here is taken from the code under test but the names of its values. It answers who sees which client, who may
end it, who is told, and what a new request becomes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from portefeuille.catalogue.selection import Selection
from portefeuille.firms.models import Firm
from portefeuille.firms.rights import Level, Right
from tests.cast import CastClient

EVERYTHING = Right(Level.MANAGE)
LIVE = ("pending", "active", "contested")


@dataclass(repr=False)
class Member:
    uid: UUID
    email: str
    administrator: bool
    rights: dict[UUID, Right] = field(default_factory=dict)  # those of an administrator wait
    active: bool = True


@dataclass(repr=False)
class Invited:
    uid: UUID
    email: str
    administrator: bool
    rights: dict[UUID, Right]
    by: Member
    expires: datetime
    token: str
    open: bool = True

    def __repr__(self) -> str:
        return f"<invitation of {self.email}, {'open' if self.open else 'closed'}, until {self.expires}>"


@dataclass(repr=False)
class Request:
    uid: UUID
    email: str
    open: bool = True

    def __repr__(self) -> str:
        return f"<request of {self.email}, {'open' if self.open else 'closed'}>"


@dataclass(repr=False)
class Cabinet:
    """A firm."""

    id: int
    uid: UUID
    name: str
    siren: str
    state: str
    portfolios: list[UUID]
    unfiled: UUID | None = None
    members: list[Member] = field(default_factory=list)
    invitations: list[Invited] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<{self.name}, {self.state}>"

    @property
    def works(self) -> bool:
        return self.state == Firm.State.ACTIVE

    @property
    def team(self) -> list[Member]:
        return [member for member in self.members if member.active]

    @property
    def administrators(self) -> list[Member]:
        return [member for member in self.team if member.administrator]

    def member(self, email: str) -> Member | None:
        return next((member for member in self.team if member.email == email), None)

    def rights_of(self, member: Member) -> dict[UUID, Right]:
        """By portfolio, «Sans portefeuille» included for administrators."""
        if not member.administrator:
            return member.rights
        every = [*self.portfolios, *([self.unfiled] if self.unfiled else [])]
        return dict.fromkeys(every, EVERYTHING)


@dataclass(repr=False)
class Mandate:
    """An enrolment."""

    uid: UUID
    firm: Cabinet
    client: CastClient
    portfolio: UUID
    selection: Selection
    state: str
    until: datetime | None = None
    only_for: set[UUID] | None = None  # members; None: not restricted
    was_contested: bool = False
    ended: int = 0  # the moment, in steps of the world
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_from: str = ""
    ending: UUID | None = None
    confirmed: int = 0

    def __repr__(self) -> str:
        return f"<{self.firm.name} for {self.client.name}, {self.state}>"

    @property
    def live(self) -> bool:
        return self.state in LIVE


def holder(client: CastClient) -> tuple[str, str]:
    """For whom a client's word is."""
    return client.siren, client.subject.account_number


def covered(right: Right, selection: Selection) -> Selection:
    """What a right shows of a selection."""
    return selection if right.services is None else Selection(selection.services & right.services, 0)


def entire(right: Right | None) -> bool:
    return right == EVERYTHING


@dataclass(repr=False)
class Draft:
    """Many enrolments to be changed at once, as somebody looked at them: their end, or services, notices and place."""

    uid: UUID
    firm: Cabinet
    by: UUID
    mandates: list[Mandate]
    on: Selection
    off: Selection
    to: UUID | None
    ends: bool
    open: bool = True

    def __repr__(self) -> str:
        return f"<draft about {self.mandates}, {'open' if self.open else 'used'}>"


@dataclass(repr=False)
class Posted:
    """A code that is good for a firm about one client."""

    code: str
    tries: int = 5


@dataclass(repr=False)
class World:
    firms: list[Cabinet] = field(default_factory=list)
    mandates: list[Mandate] = field(default_factory=list)
    rules: dict[tuple[str, str], str] = field(default_factory=dict)
    decisions: list[tuple[UUID, str]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    codes: dict[tuple[UUID, str], Posted] = field(default_factory=dict)  # by firm and account number
    closed: set[str] = field(default_factory=set)  # the identifiers that an agent closed
    step: int = 0

    # --- who sees ------------------------------------------------------------------------------------------------

    def right(self, member: Member, mandate: Mandate) -> Right | None:
        """A member's right on a client, ended or not; None for whoever may not know of it."""
        if member not in mandate.firm.team:
            return None
        if mandate.only_for is not None and not member.administrator and member.uid not in mandate.only_for:
            return None
        return mandate.firm.rights_of(member).get(mandate.portfolio)

    def visible(self, member: Member) -> Iterator[Mandate]:
        return (mandate for mandate in self.mandates if mandate.live and self.right(member, mandate))

    def seers(self, mandate: Mandate) -> list[Member]:
        return [member for member in mandate.firm.team if self.right(member, mandate)]

    # --- what a request becomes ----------------------------------------------------------------------------------

    def standing(self, firm: Cabinet, client: CastClient) -> Mandate | None:
        """The live enrolment of a firm on a client."""
        return next((m for m in self.mandates if m.live and m.firm is firm and m.client is client), None)

    def word(self, firm: Cabinet, client: CastClient) -> str:
        """What the client said becomes of this firm: open, ask or closed."""
        said = self.rules.get(holder(client), "open")
        return "ask" if said == "open" and self._shown_the_door(firm, client) else said

    def _shown_the_door(self, firm: Cabinet, client: CastClient) -> bool:
        past = [m for m in self.mandates if m.firm is firm and m.client is client]
        let_in = max((m.confirmed for m in past), default=0)
        return any(not m.live and (m.ended_by == "client" or m.was_contested) and m.ended >= let_in for m in past)

    # --- time ----------------------------------------------------------------------------------------------------

    def passes(self, time: timedelta) -> None:
        """What was to come is nearer, what was done is further."""
        for mandate in self.mandates:
            mandate.until = mandate.until - time if mandate.until else None
            mandate.ended_at = mandate.ended_at - time if mandate.ended_at else None
        for invited in (invited for firm in self.firms for invited in firm.invitations):
            invited.expires -= time
