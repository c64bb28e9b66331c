"""Reads about one account of the register: what it is, who acts on it, and what happened."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from portefeuille.catalogue.selection import catalogue
from portefeuille.enrolments.models import Decision, Enrolment
from portefeuille.registry.models import AccountState, Regime
from portefeuille.registry.queries import Subject


@dataclass(frozen=True, slots=True)
class AccountSheet:
    """``email`` is masked: an agent sees that there is one, and recognises it when it is read out."""

    id: int
    number: str
    regime: Regime
    siren: str
    siret: str
    name: str
    postcode: str
    town: str
    state: AccountState
    state_since: date | None
    email: str
    has_address: bool  # a letter can be sent
    holders: int  # how many people hold the client's space
    rule: str  # what the client said about new enrolments: "open", "ask" or "closed"

    @property
    def subject(self) -> Subject:
        return Subject(self.regime, self.siren) if self.siren else Subject(self.regime, account_number=self.number)


_SHEET = """
SELECT a.id, a.number, a.regime, a.siren, a.siret, coalesce(c.name, a.holder), a.postcode, a.town, a.state,
       a.state_since, coalesce(nullif(a.email, ''), c.email, ''), a.postcode <> '' AND a.town <> '',
       (SELECT count(*) FROM contributors_spaceholder h JOIN contributors_clientspace s ON s.id = h.space_id
        WHERE h.active AND s.siren = a.siren AND s.account_number = CASE WHEN a.siren = '' THEN a.number ELSE '' END),
       coalesce((SELECT rule FROM enrolments_clientrule r
        WHERE r.siren = a.siren AND r.account_number = CASE WHEN a.siren = '' THEN a.number ELSE '' END), 'open')
FROM registry_account a LEFT JOIN registry_company c ON c.siren = a.siren AND a.siren <> ''
WHERE a.id = %s
"""


def account_sheet(account_id: int) -> AccountSheet | None:
    """One query; None for an unknown one."""
    with connection.cursor() as cursor:
        cursor.execute(_SHEET, [account_id])
        row = cursor.fetchone()
    if row is None:
        return None
    return AccountSheet(
        *(*row[:2], Regime(row[2]), *row[3:8], AccountState(row[8]), row[9], masked(row[10]), *row[11:])
    )


def masked(email: str) -> str:
    """«c•••@exemple.fr»: enough to recognise an address, not enough to learn it. "" stays ""."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}" if at else ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A firm's enrolment on the account, ended or not."""

    uid: UUID
    firm: UUID
    firm_name: str
    firm_suspended: bool
    state: Enrolment.State
    since: datetime
    by: str
    ended_at: datetime | None
    ended_by: str
    services: tuple[str, ...]
    notices: int


_ENROLMENTS = """
SELECT e.uid, f.uid, f.name, f.state = 'suspended', e.state, e.created_at, coalesce(nullif(u.full_name, ''), u.email),
       e.ended_at, e.ended_by, e.services, bit_count(e.notices::bit(64))
FROM enrolments_enrolment e
JOIN firms_firm f ON f.id = e.firm_id
JOIN firms_member m ON m.id = e.created_by_id
JOIN people_user u ON u.id = m.user_id
WHERE e.{key} = %s AND e.{key} <> '' AND e.regime = %s
ORDER BY e.ended_at IS NOT NULL, coalesce(e.ended_at, e.created_at) DESC, e.id DESC LIMIT 50
"""


def enrolments_on(subject: Subject) -> list[Actor]:
    """The live ones first, then those that ended last: fifty at most, one query."""
    key, value = ("siren", subject.siren) if subject.siren else ("account_number", subject.account_number)
    entries = catalogue()
    with connection.cursor() as cursor:
        cursor.execute(_ENROLMENTS.format(key=key), [value, str(subject.regime)])
        return [
            Actor(
                uid=row[0],
                firm=row[1],
                firm_name=row[2],
                firm_suspended=row[3],
                state=Enrolment.State(row[4]),
                since=row[5],
                by=row[6],
                ended_at=row[7],
                ended_by=str(Enrolment.EndedBy(row[8]).label) if row[8] else "",
                services=tuple(entry.label for entry in entries.services if row[9] >> entry.bit & 1),
                notices=row[10],
            )
            for row in cursor
        ]


@dataclass(frozen=True, slots=True)
class Decided:
    at: datetime
    kind: str
    firm: str
    read: bool


def decisions_on(enrolments: list[Actor]) -> list[Decided]:
    """What the client decided about these enrolments, newest first; one query."""
    found = (
        Decision.objects.filter(enrolment__uid__in=[enrolment.uid for enrolment in enrolments])
        .order_by("-at", "-pk")
        .values_list("at", "kind", "firm__name", "read_at")[:30]
    )
    return [Decided(at, str(Decision.Kind(kind).label), firm, read is not None) for at, kind, firm, read in found]
