"""Reads about firms: the list, and the page of one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from portefeuille.backoffice.finding import conditions, words_of
from portefeuille.firms.models import Firm, Member
from portefeuille.identifiers import siren as sirens
from portefeuille.identifiers.cleaning import Malformed

PAGE_SIZE = 50
#: A search that finds more says «plus de 1 000».
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class FirmRow:
    uid: UUID
    name: str
    siren: str
    state: Firm.State
    since: datetime  # when it came into that state


@dataclass(frozen=True, slots=True)
class FirmPage:
    """Fifty lines at most; ``more`` when counting stopped before the end."""

    rows: list[FirmRow]
    number: int
    total: int
    more: bool

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def has_next(self) -> bool:
        return (self.more and len(self.rows) == PAGE_SIZE) or self.last < self.total


def firms(*, text: str = "", state: Firm.State | None = None, number: int = 1) -> FirmPage:
    """One page of all firms by name; those that wait for their admission, the oldest first. Two queries."""
    clauses, values = ["true"], list[str]()
    if state:
        clauses.append("state = %s")
        values.append(str(state))
    if text.strip():
        try:
            found = ["siren = %s"], [sirens.parse(text)]
        except Malformed:
            found = conditions("name", words_of(text))
        clauses += found[0]
        values += found[1]
    where = " AND ".join(clauses)
    order = "state_since, id" if state is Firm.State.PENDING else "name, id"
    counted = f"SELECT 1 FROM firms_firm WHERE {where}" + (f" LIMIT {COUNTED + 1}" if text.strip() else "")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({counted}) f", values)
        (total,) = cursor.fetchone() or (0,)
        more = bool(text.strip()) and total > COUNTED
        number = max(1, number if more else min(number, -(-total // PAGE_SIZE)))
        cursor.execute(
            f"SELECT uid, name, siren, state, state_since FROM firms_firm WHERE {where}"
            f" ORDER BY {order} LIMIT {PAGE_SIZE} OFFSET %s",
            [*values, (number - 1) * PAGE_SIZE],
        )
        rows = [FirmRow(uid, name, siren, Firm.State(kept), since) for uid, name, siren, kept, since in cursor]
    return FirmPage(rows, number, min(total, COUNTED) if more else total, more)


@dataclass(frozen=True, slots=True)
class FirmMember:
    user: UUID
    name: str
    email: str
    role: str
    active: bool
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class FirmSheet:
    """What an agent sees of a firm. ``waiting``: how long it has been in its state is ``since``."""

    id: int
    uid: UUID
    name: str
    siren: str
    state: str
    since: datetime
    reason: str
    portfolios: int
    clients: int
    company: str  # its name in the register; "" when the register does not know its Siren
    members: list[FirmMember]

    @property
    def administrators(self) -> int:
        return sum(member.active and member.role == Member.Role.ADMINISTRATOR.label for member in self.members)


def firm_sheet(uid: UUID) -> FirmSheet | None:
    """A firm with its members, administrators first; None for an unknown one. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.id, f.uid, f.name, f.siren, f.state, f.state_since, f.reason,
                   (SELECT count(*) FROM firms_portfolio p WHERE p.firm_id = f.id),
                   (SELECT coalesce(sum(number), 0) FROM enrolments_tally t WHERE t.firm_id = f.id),
                   coalesce(c.name, '')
            FROM firms_firm f LEFT JOIN registry_company c ON c.siren = f.siren AND f.siren <> ''
            WHERE f.uid = %s
            """,
            [uid],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(
            """
            SELECT u.uid, coalesce(nullif(u.full_name, ''), u.email), u.email, m.role, m.active,
                   EXISTS (SELECT FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn'))
            FROM firms_member m JOIN people_user u ON u.id = m.user_id
            WHERE m.firm_id = %s ORDER BY NOT m.active, m.role, 2, m.id
            """,
            [row[0]],
        )
        members = [
            FirmMember(user, name, email, str(Member.Role(role).label), active, second)
            for user, name, email, role, active, second in cursor
        ]
    return FirmSheet(*(*row, members))
