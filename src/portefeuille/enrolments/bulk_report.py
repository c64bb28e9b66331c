"""What a bulk act would do, and what it did, as its member sees it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import connection

from portefeuille.catalogue.models import CatalogueEntry
from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.enrolments.models import BulkAct, BulkRow
from portefeuille.firms.access import Access
from portefeuille.registry.models import Regime

#: What a screen names of the rows that change, or do not as wished.
NAMED = 10
#: And of those that end, which whoever confirms should have read (R8).
NAMED_ENDING = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A service or a notice that so many clients get or lose, or a portfolio (by its name) that they come into."""

    act: Literal["gets", "loses", "comes into"]
    what: str
    clients: int


@dataclass(frozen=True, slots=True)
class Report:
    """A bulk act as its member sees it. Of a draft, the counts are what would happen now.

    ``left``: the first of those that do not change as wished; ``ending``: of those that end; ``changing``: of those
    that change, all as (name, regime, its outcome). ``changes``: of a draft, what would change, and for how many.
    """

    uid: UUID
    state: BulkAct.State
    total: int
    done: int
    changed: int
    ended: int
    same: int
    gone: int
    ends: bool
    left: tuple[tuple[str, Regime, BulkRow.Outcome], ...]
    ending: tuple[tuple[str, Regime, BulkRow.Outcome], ...]
    changing: tuple[tuple[str, Regime, BulkRow.Outcome], ...]
    changes: "tuple[Change, ...]"
    undoable: bool

    @property
    def acting(self) -> int:
        return self.changed + self.ended


def report_of(access: Access, uid: UUID) -> Report | None:
    """The member's own act; None for any other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state, total, done, coalesce(finished_at, clock_timestamp())"
            " > clock_timestamp() - make_interval(secs => %s) FROM enrolments_bulkact"
            " WHERE uid = %s AND firm_id = %s AND member_id = %s",
            [settings.UNDO_WINDOW.total_seconds(), uid, access.firm_id, access.member_id],
        )
        found = cursor.fetchone()
        if found is None:
            return None
        act_id, state, total, done, fresh = found
        told = "outcome"
        joined, values = "", []
        if state == BulkAct.State.DRAFT:
            told, joined, values = _FORESEEN, _RIGHTS, _rights(access)
        cursor.execute(_COUNTS.format(told=told, joined=joined), [*values, act_id])
        counts, ends = {}, False
        for outcome, number, some_end in cursor.fetchall():
            counts[outcome] = number
            ends = ends or some_end
        cursor.execute(_NAMED.format(told=told, joined=joined), [*values, act_id, NAMED_ENDING, NAMED])
        named = [(name, Regime(regime), BulkRow.Outcome(said)) for name, regime, said in cursor.fetchall()]
        changes: tuple[Change, ...] = ()
        if state == BulkAct.State.DRAFT and counts.get("changed"):
            cursor.execute(_CHANGES, [*values, act_id])
            changes = _told(access, cursor.fetchall())
    return Report(
        uid=uid,
        state=BulkAct.State(state),
        total=total,
        done=done,
        changed=counts.get("changed", 0),
        ended=counts.get("ended", 0),
        same=counts.get("same", 0),
        gone=counts.get("gone", 0),
        ends=ends,
        left=tuple(one for one in named if one[2] in (BulkRow.Outcome.GONE, BulkRow.Outcome.SAME))[:NAMED],
        ending=tuple(one for one in named if one[2] is BulkRow.Outcome.ENDED),
        changing=tuple(one for one in named if one[2] is BulkRow.Outcome.CHANGED),
        changes=changes,
        undoable=bool(counts.get("ended")) and state == BulkAct.State.DONE and fresh,
    )


_COUNTS = """
SELECT {told} AS said, count(*), bool_or(r.ends)
FROM enrolments_bulkrow r JOIN enrolments_enrolment e ON e.id = r.enrolment_id {joined}
WHERE r.act_id = %s GROUP BY 1
"""
_NAMED = """
SELECT name, regime, said FROM (
    SELECT name, regime, said, row_number() OVER (PARTITION BY said ORDER BY place) AS rank FROM (
        SELECT e.name, e.regime, {told} AS said, r.place
        FROM enrolments_bulkrow r JOIN enrolments_enrolment e ON e.id = r.enrolment_id {joined}
        WHERE r.act_id = %s
    ) told WHERE said <> ''
) ranked WHERE rank <= CASE said WHEN 'ended' THEN %s ELSE %s END ORDER BY said, rank
"""
# The same judgement as ``_judge``, made by the database over all rows at once.
_RIGHTS = """
LEFT JOIN unnest(%s::bigint[], %s::boolean[], %s::bigint[]) AS g (portfolio_id, entire, services)
    ON g.portfolio_id = e.portfolio_id
LEFT JOIN unnest(%s::bigint[]) AS t (portfolio_id) ON t.portfolio_id = r.portfolio_id
LEFT JOIN unnest(%s::text[], %s::bigint[], %s::bigint[]) AS o (regime, services, notices) ON o.regime = e.regime
"""
# PostgreSQL reads & and | from left to right, so that each needs its parentheses.
_SERVICES = (
    "((((e.services | (r.services_on & o.services)) & (~r.services_off)) & g.services) | (e.services & (~g.services)))"
)
_NOTICES = "CASE WHEN g.entire THEN (e.notices | (r.notices_on & o.notices)) & (~r.notices_off) ELSE e.notices END"
_PORTFOLIO = "CASE WHEN g.entire THEN coalesce(t.portfolio_id, e.portfolio_id) ELSE e.portfolio_id END"
_FORESEEN = f"""
CASE WHEN e.ended_at IS NOT NULL OR g.portfolio_id IS NULL THEN 'gone'
     WHEN r.ends THEN CASE WHEN g.entire THEN 'ended' ELSE 'gone' END
     WHEN ({_SERVICES}, {_NOTICES}, {_PORTFOLIO}) <> (e.services, e.notices, e.portfolio_id) THEN 'changed'
     WHEN r.portfolio_id <> e.portfolio_id THEN 'gone'
     ELSE 'same' END
"""
# Few rows, however many clients: nearly all change alike.
_CHANGES = f"""
SELECT services & (~was_services), was_services & (~services), notices & (~was_notices), was_notices & (~notices),
       nullif(portfolio, was_portfolio), count(*)
FROM (
    SELECT {_FORESEEN} AS said, e.services AS was_services, e.notices AS was_notices, e.portfolio_id AS was_portfolio,
           {_SERVICES} AS services, {_NOTICES} AS notices, {_PORTFOLIO} AS portfolio
    FROM enrolments_bulkrow r JOIN enrolments_enrolment e ON e.id = r.enrolment_id {_RIGHTS}
    WHERE r.act_id = %s
) told WHERE said = 'changed' GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 (texts of ours)


def _rights(access: Access) -> list[Any]:
    entries = catalogue()
    everything = Selection(-1, -1)
    offered = [entries.offered(regime, everything) for regime in Regime]
    return [
        [right.id for right in access.managed],
        [right.entire for right in access.managed],
        [-1 if right.services is None else right.services for right in access.managed],
        access.entire_ids,
        [regime.value for regime in Regime],
        [selection.services for selection in offered],
        [selection.notices for selection in offered],
    ]


def _told(access: Access, rows: Iterable[tuple[int, int, int, int, int | None, int]]) -> tuple[Change, ...]:
    """One change for each service, notice and portfolio, in the order of the catalogue."""
    gets: Counter[CatalogueEntry] = Counter()
    loses: Counter[CatalogueEntry] = Counter()
    into: Counter[int | None] = Counter()
    entries = catalogue()
    for services_on, services_off, notices_on, notices_off, portfolio_id, clients in rows:
        for counted, services, notices in ((gets, services_on, notices_on), (loses, services_off, notices_off)):
            for offered, mask in ((entries.services, services), (entries.notices, notices)):
                counted.update({entry: clients for entry in offered if mask >> entry.bit & 1})
        into[portfolio_id] += clients
    told = []
    for entry in (*entries.services, *entries.notices):
        told += [Change("gets", entry.label, gets[entry])] if entry in gets else []
        told += [Change("loses", entry.label, loses[entry])] if entry in loses else []
    return (
        *told,
        *(Change("comes into", right.name, into[right.id]) for right in access.portfolios if right.id in into),
    )
