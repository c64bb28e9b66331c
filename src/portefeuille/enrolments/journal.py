"""The journal of a firm: its part of the audit trail, as far as a member may read it.

Administrators read all of it. Collaborators read what was done to the clients that they may see, ended ones included.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from portefeuille.enrolments.policies import unreserved
from portefeuille.firms.access import Access

PAGE = 50
#: One page looks at so many events at most: who sees little of a long journal turns pages instead of waiting.
WINDOW = 20_000
#: What people filter by, as the beginnings of the verbs.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "clients": ("enrolment.", "client.", "clients."),
    "equipe": ("member.", "invitation.", "firm.join"),
    "portefeuilles": ("portfolio.",),
    "cabinet": ("firm.", "journal.", "template.", "agent."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the journal is asked for. Days are of Paris, both included; ``before`` is a place in the journal."""

    person: UUID | None = None
    client: UUID | None = None
    family: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. ``about`` is the client, member or portfolio that it is about, by the name that it has now."""

    seq: int
    at: datetime
    actor: str
    person: str  # "" when the actor is no member of the firm
    verb: str
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    about: str
    enrolment: UUID | None
    regime: str
    live: bool
    portfolio_id: int | None  # of the client


@dataclass(frozen=True, slots=True)
class JournalPage:
    """``older`` is the place to go on from; None at the beginning of the journal."""

    events: list[Happened]
    older: int | None


# From ``top`` down, past neither ``floor`` nor the window. The one row of ``place`` is always there, so that an empty
# page knows where it looked.
_EVENTS = """
WITH place AS (
    SELECT top, greatest(top - {window}, floor + 1) AS low, floor FROM (
        SELECT coalesce(%(before)s::bigint, {top}) AS top, {floor} AS floor
    ) bounds
), found AS (
    SELECT a.seq, a.at, a.actor, coalesce(nullif(u.full_name, ''), u.email, '') AS person, a.verb, a.subject, a.before,
           a.after, coalesce(e.name, nullif(su.full_name, ''), su.email, p.name, i.email, '') AS about, e.uid,
           coalesce(e.regime, '') AS regime, e.id IS NOT NULL AND e.ended_at IS NULL AS live, e.portfolio_id
    FROM (
        SELECT seq, at, actor, verb, subject, before, after, split_part(subject, ':', 1) AS kind,
               CASE WHEN subject ~ '{named}' THEN split_part(subject, ':', 2)::uuid END AS uid,
               CASE WHEN actor ~ '^member{identifier}$' THEN substr(actor, 8)::uuid END AS member_uid
        FROM audit_event, place WHERE chain = %(firm)s AND seq >= low AND seq < top AND {events}
    ) a
    LEFT JOIN enrolments_enrolment e ON a.kind = 'enrolment' AND e.uid = a.uid AND e.firm_id = %(firm)s
    LEFT JOIN firms_member m ON m.uid = a.member_uid AND m.firm_id = %(firm)s
    LEFT JOIN people_user u ON u.id = m.user_id
    LEFT JOIN firms_member s ON a.kind = 'member' AND s.uid = a.uid AND s.firm_id = %(firm)s
    LEFT JOIN people_user su ON su.id = s.user_id
    LEFT JOIN firms_portfolio p ON a.kind = 'portfolio' AND p.uid = a.uid AND p.firm_id = %(firm)s
    LEFT JOIN firms_invitation i ON a.kind = 'invitation' AND i.uid = a.uid AND i.firm_id = %(firm)s
    WHERE {mine}
    ORDER BY a.seq DESC LIMIT {most}
)
SELECT low, place.floor, found.* FROM place LEFT JOIN found ON true ORDER BY seq DESC
"""
_IDENTIFIER = ":[0-9a-f]{8}-[0-9a-f-]{27}"
_LAST_BEFORE = "(SELECT seq FROM audit_event WHERE chain = %(firm)s AND at < {} ORDER BY seq DESC LIMIT 1)"


def journal(access: Access, asked: Asked) -> JournalPage:
    """One page, the latest first, in one query however long the journal is."""
    events, values = _conditions(access, asked)
    # The events of one client are few, and found by an index of their own.
    window = 2**62 if asked.client else WINDOW
    top, floor = "(SELECT seq FROM audit_chain WHERE chain = %(firm)s) + 1", "0"
    zone = ZoneInfo(settings.TIME_ZONE)
    if asked.until and asked.until < date.max:
        top = _LAST_BEFORE.format("%(until)s") + " + 1"
        values["until"] = datetime.combine(asked.until + timedelta(days=1), time.min, zone)
    if asked.since:
        floor = f"coalesce({_LAST_BEFORE.format('%(since)s')}, 0)"
        values["since"] = datetime.combine(asked.since, time.min, zone)
    if access.is_administrator:
        mine = "TRUE"
    else:
        clause, (member,) = unreserved(access, "e.")
        mine = "e.portfolio_id = ANY(%(portfolios)s) AND " + clause.replace("%s", "%(member)s")
        values |= {"portfolios": access.portfolio_ids, "member": member}
    sql = _EVENTS.format(
        window=window,
        top=top,
        floor=floor,
        named=f"^[a-z_]+{_IDENTIFIER}$",
        identifier=_IDENTIFIER,
        events=events,
        mine=mine,
        most=PAGE + 1,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    low, bottom = rows[0][:2]
    found = [_happened(row[2:]) for row in rows if row[2] is not None]
    if len(found) > PAGE:
        return JournalPage(found[:PAGE], found[PAGE - 1].seq)
    return JournalPage(found, low if low is not None and low > bottom + 1 else None)


def whole_journal(access: Access, asked: Asked) -> Iterator[Happened]:
    """Everything that is asked for, the latest first, read page after page."""
    page = journal(access, asked)
    yield from page.events
    while page.older is not None:
        page = journal(access, replace(asked, before=page.older))
        yield from page.events


def _conditions(access: Access, asked: Asked) -> tuple[str, dict[str, Any]]:
    clauses: list[str] = ["TRUE"]
    values: dict[str, Any] = {"firm": access.firm_id, "before": asked.before}
    if asked.person:
        clauses.append("actor = %(actor)s")
        values["actor"] = f"member:{asked.person}"
    if asked.client:
        clauses.append("subject = %(subject)s")
        values["subject"] = f"enrolment:{asked.client}"
    if asked.family in FAMILIES:
        clauses.append("verb LIKE ANY(%(verbs)s)")
        values["verbs"] = [f"{beginning}%" for beginning in FAMILIES[asked.family]]
    return " AND ".join(clauses), values


def _happened(row: tuple[Any, ...]) -> Happened:
    seq, at, actor, person, verb, subject, before, after, *about = row
    return Happened(seq, at, actor, person, verb, subject, _object(before), _object(after), *about)


def _object(column: Any) -> Mapping[str, Any]:
    """A JSON column of a query by hand comes parsed or as text."""
    return (json.loads(column) if isinstance(column, str) else column) or {}
