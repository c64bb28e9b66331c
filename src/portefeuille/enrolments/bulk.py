"""Changing many enrolments at once: services, notices, portfolio, or their end.

``draw_up`` fixes which enrolments and what is wished for each, and changes nothing else. ``bulk_report.report_of``
tells what would happen, and then what did. ``confirm`` starts it, once. ``work_off`` does it, some hundred enrolments
in each transaction with their events, their messages and the place reached: whoever dies in between, the next goes on
from there, and nothing is done twice. What the member may is asked again in each transaction.

Locks, in the order of everywhere: the act, the portfolios moved to, enrolments by id, the chain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.enrolments import queries, telling
from portefeuille.enrolments.in_trail import codes
from portefeuille.enrolments.locking import Live, lock
from portefeuille.enrolments.models import BulkRow
from portefeuille.enrolments.policies import replaced, unreserved
from portefeuille.enrolments.queries import Filters
from portefeuille.enrolments.telling import Act
from portefeuille.firms.access import Access, access_of
from portefeuille.registry.models import Regime
from portefeuille.registry.queries import Subject

#: Enrolments of one transaction.
CHUNK = 500
#: Up to this many are done while the member waits for the answer; more are left to the worker.
AT_ONCE = 500
#: How long a worker may be silent before another one takes the act over.
LEASE_SECONDS = 20.0
#: A draft that nobody confirmed is forgotten.
DRAFT_KEPT_DAYS = 1

NOTHING = Selection()


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wished for an enrolment: masks to tick and to untick, the portfolio to be in, or its end."""

    on: Selection = NOTHING
    off: Selection = NOTHING
    portfolio_id: int | None = None
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draft: nothing has changed yet."""

    uid: UUID
    total: int


def draw_up(*, access: Access, wish: Wish, enrolments: Sequence[UUID] = (), filters: Filters | None = None) -> Drawn:
    """A draft of one wish for the enrolments named, or for all that ``filters`` keep of those the member sees."""
    if filters is not None:
        kept = queries.kept(access, filters)
        condition, values = kept.sql, kept.values
    else:
        clause, reserved = unreserved(access)
        condition = f"firm_id = %s AND uid = ANY(%s) AND portfolio_id = ANY(%s) AND ended_at IS NULL AND {clause}"
        values = [access.firm_id, list(enrolments), access.portfolio_ids, *reserved]
    with transaction.atomic(), connection.cursor() as cursor:
        act_id, uid = _new_draft(access)
        cursor.execute(
            _DRAW.format(condition=condition),
            [
                act_id,
                wish.on.services,
                wish.off.services,
                wish.on.notices,
                wish.off.notices,
                wish.portfolio_id,
                wish.ends,
                *values,
            ],
        )
        total = cursor.rowcount
        cursor.execute("UPDATE enrolments_bulkact SET total = %s WHERE id = %s", [total, act_id])
    return Drawn(uid, total)


def draw_up_each(*, access: Access, wishes: Sequence[tuple[UUID, Wish]]) -> Drawn:
    """A draft with a wish of its own for each enrolment, once each. Those the member does not see are left out."""
    clause, reserved = unreserved(access, "e.")
    with transaction.atomic(), connection.cursor() as cursor:
        act_id, uid = _new_draft(access)
        cursor.execute(
            _DRAW_EACH.format(clause=clause),
            [
                act_id,
                [uid for uid, _ in wishes],
                [wish.on.services for _, wish in wishes],
                [wish.off.services for _, wish in wishes],
                [wish.on.notices for _, wish in wishes],
                [wish.off.notices for _, wish in wishes],
                [wish.portfolio_id for _, wish in wishes],
                [wish.ends for _, wish in wishes],
                access.firm_id,
                access.portfolio_ids,
                *reserved,
            ],
        )
        total = cursor.rowcount
        cursor.execute("UPDATE enrolments_bulkact SET total = %s WHERE id = %s", [total, act_id])
    return Drawn(uid, total)


def _new_draft(access: Access) -> tuple[int, UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM enrolments_bulkrow WHERE act_id IN (SELECT id FROM enrolments_bulkact"
            " WHERE member_id = %s AND state = 'draft'"
            " AND created_at < clock_timestamp() - make_interval(days => %s))",
            [access.member_id, DRAFT_KEPT_DAYS],
        )
        cursor.execute(
            "DELETE FROM enrolments_bulkact WHERE member_id = %s AND state = 'draft'"
            " AND created_at < clock_timestamp() - make_interval(days => %s)",
            [access.member_id, DRAFT_KEPT_DAYS],
        )
        cursor.execute(
            "INSERT INTO enrolments_bulkact (uid, firm_id, member_id, state, created_at, total, done)"
            " VALUES (gen_random_uuid(), %s, %s, 'draft', clock_timestamp(), 0, 0) RETURNING id, uid",
            [access.firm_id, access.member_id],
        )
        row: tuple[int, UUID] = cursor.fetchone() or (0, UUID(int=0))
    return row


# What is put into these texts are conditions of ``queries`` and ``policies``; everything that was typed is a value.
_DRAW = """
INSERT INTO enrolments_bulkrow
    (act_id, place, enrolment_id, services_on, services_off, notices_on, notices_off, portfolio_id, ends, outcome)
SELECT %s::bigint, row_number() OVER (ORDER BY name_key, id), id, %s::bigint, %s::bigint, %s::bigint, %s::bigint,
       %s::bigint, %s::boolean, ''
FROM enrolments_enrolment WHERE {condition}
"""
_DRAW_EACH = """
INSERT INTO enrolments_bulkrow
    (act_id, place, enrolment_id, services_on, services_off, notices_on, notices_off, portfolio_id, ends, outcome)
SELECT %s::bigint, row_number() OVER (ORDER BY w.place), e.id,
       w.services_on, w.services_off, w.notices_on, w.notices_off, w.portfolio_id, w.ends, ''
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[])
     WITH ORDINALITY AS w (uid, services_on, services_off, notices_on, notices_off, portfolio_id, ends, place)
JOIN enrolments_enrolment e ON e.uid = w.uid
WHERE e.firm_id = %s AND e.portfolio_id = ANY(%s) AND e.ended_at IS NULL AND {clause}
"""


def confirm(*, access: Access, uid: UUID) -> bool:
    """Start the member's draft. False when it is not a draft of theirs any more; a second click changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE enrolments_bulkact SET state = 'running', started_at = clock_timestamp(),"
            " due_at = clock_timestamp()"
            " WHERE uid = %s AND firm_id = %s AND member_id = %s AND state = 'draft' RETURNING id, total",
            [uid, access.firm_id, access.member_id],
        )
        started = cursor.fetchone()
    if started is None:
        return False
    act_id, total = started
    if total <= AT_ONCE:
        work_off(act_id)
    return True


def work_due() -> int:
    """One pass of a worker: take an act that waits, or whose worker fell silent, and do some of it. Rows done."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE enrolments_bulkact SET due_at = clock_timestamp() + make_interval(secs => %s)
            WHERE id = (
                SELECT id FROM enrolments_bulkact WHERE state = 'running' AND due_at <= clock_timestamp()
                ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
            ) RETURNING id
            """,
            [LEASE_SECONDS],
        )
        taken = cursor.fetchone()
    return work_off(taken[0], chunks=1) if taken else 0


def work_off(act_id: int, *, chunks: int = 0) -> int:
    """Do an act to its end, or ``chunks`` transactions of it, and let the next worker go on. How many rows were done.

    Two who work at one act at once take turns: the place reached is locked with it.
    """
    done = 0
    while number := _work_chunk(act_id, hand_on=chunks == 1):
        done += number
        chunks -= 1
        if not chunks:
            break
    return done


@dataclass(frozen=True, slots=True)
class _Wished:
    """A row of the act, with the enrolment it is about."""

    id: int
    place: int
    uid: UUID
    wish: Wish


def _work_chunk(act_id: int, *, hand_on: bool) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.uid, a.done, m.user_id, f.uid FROM enrolments_bulkact a"
            " JOIN firms_member m ON m.id = a.member_id JOIN firms_firm f ON f.id = a.firm_id"
            " WHERE a.id = %s AND a.state = 'running' FOR NO KEY UPDATE OF a",
            [act_id],
        )
        found = cursor.fetchone()
        if found is None:
            return 0
        act_uid, done, user_id, firm_uid = found
        rows = list(_rows_after(act_id, done))
        access = access_of(user_id, firm_uid)
        outcomes = _carry_out(access, act_uid, rows) if access else {}
        cursor.execute(
            "UPDATE enrolments_bulkrow r SET outcome = o.outcome"
            " FROM unnest(%s::bigint[], %s::text[]) AS o (id, outcome) WHERE r.id = o.id",
            [[row.id for row in rows], [str(outcomes.get(row.id, BulkRow.Outcome.GONE)) for row in rows]],
        )
        last = rows[-1].place if rows else done
        cursor.execute(
            """
            UPDATE enrolments_bulkact SET done = %s,
                due_at = clock_timestamp() + make_interval(secs => %s),
                state = CASE WHEN %s >= total THEN 'done' ELSE state END,
                finished_at = CASE WHEN %s >= total THEN clock_timestamp() END
            WHERE id = %s
            """,
            [last, 0.0 if hand_on else LEASE_SECONDS, last, last, act_id],
        )
    return len(rows)


def _rows_after(act_id: int, done: int) -> Iterator[_Wished]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.id, r.place, e.uid, r.services_on, r.services_off, r.notices_on, r.notices_off, r.portfolio_id,
                   r.ends
            FROM enrolments_bulkrow r JOIN enrolments_enrolment e ON e.id = r.enrolment_id
            WHERE r.act_id = %s AND r.place > %s ORDER BY r.place LIMIT %s
            """,
            [act_id, done, CHUNK],
        )
        for row_id, place, uid, s_on, s_off, n_on, n_off, portfolio_id, ends in cursor.fetchall():
            yield _Wished(row_id, place, uid, Wish(Selection(s_on, n_on), Selection(s_off, n_off), portfolio_id, ends))


def _carry_out(access: Access, act_uid: UUID, rows: Sequence[_Wished]) -> dict[int, BulkRow.Outcome]:
    """Do what these rows wish, with events and messages; what became of each, by its id."""
    targets = _portfolios_that_stand(access, {row.wish.portfolio_id for row in rows} - {None})
    live = {one.uid: one for one in lock(access, [row.uid for row in rows], access.managed_ids)}
    outcomes: dict[int, BulkRow.Outcome] = {}
    entries: list[trail.Entry] = []
    written: list[tuple[int, Selection, int, bool]] = []
    ended: list[Live] = []
    told: list[tuple[UUID, Subject]] = []
    for row in rows:
        found = live.get(row.uid)
        outcome, selection, portfolio_id = _judge(access, targets, row.wish, found)
        outcomes[row.id] = outcome
        if found is None or outcome not in (BulkRow.Outcome.CHANGED, BulkRow.Outcome.ENDED):
            continue
        subject = f"enrolment:{found.uid}"
        written.append((found.id, selection, portfolio_id, outcome is BulkRow.Outcome.ENDED))
        if outcome is BulkRow.Outcome.ENDED:
            ended.append(found)
            entries.append(
                trail.Entry(Verb.ENROLMENT_TERMINATED, subject, {"state": found.state}, {"state": "terminated"})
            )
            continue
        before = Selection(found.services, found.notices)
        if selection != before:
            told.append((found.uid, found.subject))
            entries.append(trail.Entry(Verb.ENROLMENT_CHANGED, subject, codes(before), codes(selection)))
        if portfolio_id != found.portfolio_id:
            uids = {right.id: str(right.uid) for right in access.portfolios}
            entries.append(
                trail.Entry(
                    Verb.ENROLMENT_MOVED,
                    subject,
                    {"portfolio": uids[found.portfolio_id]},
                    {"portfolio": uids[portfolio_id]},
                )
            )
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            [
                act_uid,
                [enrolment_id for enrolment_id, _, _, _ in written],
                [selection.services for _, selection, _, _ in written],
                [selection.notices for _, selection, _, _ in written],
                [portfolio_id for _, _, portfolio_id, _ in written],
                [ends for _, _, _, ends in written],
            ],
        )
    trail.record_many(chain=access.firm_id, actor=access.actor, entries=entries)
    telling.tell_clients(Act.CHANGED, firm_name=access.firm_name, enrolments=told)
    telling.tell_clients(
        Act.TERMINATED, firm_name=access.firm_name, enrolments=[(one.uid, one.subject) for one in ended]
    )
    return outcomes


# Whatever is wished, in one statement, which takes the tallies in their order: two would make a ring with the two of
# another act.
_WRITE = """
UPDATE enrolments_enrolment e
SET services = w.services, notices = w.notices, portfolio_id = w.portfolio,
    ended_from = CASE WHEN w.ends THEN e.state ELSE e.ended_from END,
    state = CASE WHEN w.ends THEN 'terminated' ELSE e.state END,
    ended_at = CASE WHEN w.ends THEN clock_timestamp() END,
    ended_by = CASE WHEN w.ends THEN 'firm' ELSE '' END,
    ending = CASE WHEN w.ends THEN %s::uuid END
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[])
    AS w (id, services, notices, portfolio, ends)
WHERE e.id = w.id
"""


def _portfolios_that_stand(access: Access, wanted: set[Any]) -> set[int]:
    """Of the portfolios to move to, those that this member holds entirely and that nobody removes meanwhile."""
    allowed = wanted & set(access.entire_ids)
    if not allowed:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM firms_portfolio WHERE id = ANY(%s) AND firm_id = %s ORDER BY id FOR SHARE",
            [sorted(allowed), access.firm_id],
        )
        return {row[0] for row in cursor.fetchall()}


def _judge(access: Access, targets: set[int], wish: Wish, live: Live | None) -> tuple[BulkRow.Outcome, Selection, int]:
    """What becomes of one enrolment: its outcome, the selection and the portfolio it then has."""
    right = access.right_on(live.portfolio_id) if live else None
    if live is None or right is None:
        return BulkRow.Outcome.GONE, Selection(), 0
    present = Selection(live.services, live.notices)
    if wish.ends:
        outcome = BulkRow.Outcome.ENDED if right.entire else BulkRow.Outcome.GONE
        return outcome, present, live.portfolio_id
    on = catalogue().offered(Regime(live.regime), wish.on)
    wished = Selection(
        (present.services | on.services) & ~wish.off.services, (present.notices | on.notices) & ~wish.off.notices
    )
    selection = replaced(right, present=present, wished=wished)
    portfolio_id, moves = live.portfolio_id, wish.portfolio_id not in (None, live.portfolio_id)
    if moves and right.entire and wish.portfolio_id in targets:
        portfolio_id = wish.portfolio_id or portfolio_id
    if selection != present or portfolio_id != live.portfolio_id:
        return BulkRow.Outcome.CHANGED, selection, portfolio_id
    return (BulkRow.Outcome.GONE if moves else BulkRow.Outcome.SAME), present, live.portfolio_id
