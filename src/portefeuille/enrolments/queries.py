"""Reads of a firm's enrolments. Each starts from an ``Access``: the firm, and what the member was given in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments.folding import fold
from portefeuille.enrolments.models import Enrolment, EstablishmentChoice
from portefeuille.enrolments.policies import HAS_SPACE, covered, unreserved
from portefeuille.firms.access import Access, Granted
from portefeuille.registry.models import AccountState, Regime
from portefeuille.registry.queries import Subject

PAGE_SIZE = 50
#: Beyond this many hits, a search says «plus de 1 000»: counting them all would cost more than finding them.
COUNTED_HITS = 1000
#: The same for one or two letters: most of these are come upon by reading client after client.
COUNTED_SHORT_HITS = 250
#: An index of trigrams finds nothing shorter, and would be read whole.
_INDEXED = 3
#: All that can stand before two letters of a folded text, which with them is a trigram.
_BEFORE = " 0123456789abcdefghijklmnopqrstuvwxyz"
#: Two letters are rare when fewer than ``_RARE`` of the ``_SAMPLE`` latest clients have them.
_SAMPLE, _RARE = 400, 16
#: A search box takes what people paste, not books.
LONGEST_SEARCH = 100

ORDERS = {
    "nom": "name_key, id",
    "-nom": "name_key DESC, id DESC",
    "-depuis": "created_at DESC, id DESC",
    "depuis": "created_at, id",
}
BY_NAME, NEWEST_FIRST = "nom", "-depuis"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of the list says. Values that mean nothing were dropped by the page."""

    text: str = ""
    portfolio: UUID | None = None
    regime: Regime | None = None
    account_state: AccountState | None = None
    state: Enrolment.State | None = None
    order: str = BY_NAME
    page: int = 1

    @property
    def keep_all(self) -> bool:
        """Whether nothing is filtered away."""
        return self == Filters(order=self.order, page=self.page)


class Row(NamedTuple):
    """One line of the list."""

    uid: UUID
    regime: str
    siren: str
    account_number: str
    name: str
    siret: str
    postcode: str
    town: str
    account_state: str
    state: str
    services: int  # bit masks of all that is ticked: a page counts what the member's right covers
    notices: int
    added_on: date  # as people in France live it
    restricted: bool
    portfolio_id: int
    has_space: bool  # the client opened one


@dataclass(frozen=True, slots=True)
class ClientPage:
    """Fifty lines at most. ``total`` counts all; ``more`` when it stopped counting before the end."""

    rows: list[Row]
    number: int
    total: int
    more: bool
    words: tuple[str, ...]

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def has_next(self) -> bool:
        return (self.more and len(self.rows) == PAGE_SIZE) or self.last < self.total


_DIGITS_AND_BLANKS = re.compile(r"[0-9\s.\-]+", re.ASCII)
_PROVISIONAL = re.compile(r"[0-9A-Za-z]{14}", re.ASCII)


def words_of(text: str) -> tuple[str, ...]:
    """What is looked for: words without accents that must all be there, or one identifier without its blanks.

    A Siret stands for its Siren; an account number is sought without padding zeros.
    """
    text = text.replace("\u00a0", " ").replace("\u202f", " ").strip()[:LONGEST_SEARCH]
    if _DIGITS_AND_BLANKS.fullmatch(text):
        digits = re.sub(r"[^0-9]", "", text)
        if len(digits) == 14:
            return (digits[:9],)
        return (digits.lstrip("0"),) if digits.strip("0") else ()
    joined = re.sub(r"\s", "", text)
    if _PROVISIONAL.fullmatch(joined) and any(character.isdigit() for character in joined):
        return (joined.lower(),)
    return tuple(dict.fromkeys(fold(text).split()))


@dataclass(slots=True)
class _Where:
    """A condition under construction: SQL and its values."""

    clauses: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, clause: str, value: object) -> None:
        self.clauses.append(clause)
        self.values.append(value)

    @property
    def sql(self) -> str:
        return " AND ".join(self.clauses)


def _scope(access: Access, filters: Filters) -> _Where:
    """The conditions that enrolments and their tallies share."""
    where = _Where()
    where.add("firm_id = %s::bigint", access.firm_id)  # of its own type, or the index of trigrams ignores it
    chosen = [p.id for p in access.portfolios if filters.portfolio in (None, p.uid)]
    if filters.portfolio or not access.is_administrator:
        where.add("portfolio_id = ANY(%s)", chosen)
    if filters.regime:
        where.add("regime = %s", filters.regime)
    if filters.account_state:
        where.add("account_state = %s", filters.account_state)
    if filters.state:
        where.add("state = %s", filters.state)
    return where


def kept(access: Access, filters: Filters) -> _Where:
    """The condition of the live enrolments that the filters keep, text included: for reads of the whole list."""
    where = _live(access, _scope(access, filters))
    words = words_of(filters.text)
    if filters.text.strip() and not words:  # only punctuation: nothing is like it
        where.clauses.append("false")
    for word in words:
        if len(word) < _INDEXED:
            where.add("strpos(search, %s) > 0", word)
        else:
            where.add("search LIKE %s", f"%{word}%")
    return where


def order_of(filters: Filters) -> str:
    """The order of the list, as SQL."""
    return ORDERS.get(filters.order, ORDERS[BY_NAME])


def _of_this_firm(access: Access, scope: _Where) -> _Where:
    """The same scope with the firm in the text: a plan for it, not for the firm of average size.

    Where a country has tens of thousands of small firms, the plan that PostgreSQL keeps for any of them reads every
    client of the firm, and sorts them, rather than go by the index that has them in the order of the list or knows
    their trigrams; of a firm of 20 000 that takes five times the rest.
    """
    return _Where([f"firm_id = {access.firm_id:d}::bigint", *scope.clauses[1:]], scope.values[1:])


def _live(access: Access, scope: _Where) -> _Where:
    """The live enrolments of a scope that this member may see."""
    clause, values = unreserved(access)
    return _Where([*scope.clauses, "ended_at IS NULL", clause], [*scope.values, *values])


def _tallied(access: Access, scope: _Where) -> tuple[str, list[Any]]:
    """The rows whose ``number`` adds up to the live enrolments of a scope, and the values of that text.

    Tallies cannot know which of the reserved clients a member is named for: those are few, and counted one by one.
    """
    if access.is_administrator:
        return f"(SELECT number, account_state, state FROM enrolments_tally WHERE {scope.sql}) t", [*scope.values]
    return (
        f"(SELECT number, account_state, state FROM enrolments_tally WHERE {scope.sql} AND NOT restricted"
        " UNION ALL SELECT 1, account_state, state FROM enrolments_onlyfor o"
        " JOIN enrolments_enrolment e ON e.id = o.enrolment_id"
        f" WHERE o.member_id = %s AND restricted AND ended_at IS NULL AND {scope.sql}) t",
        [*scope.values, access.member_id, *scope.values],
    )


_COLUMNS = (
    "uid, regime, siren, account_number, name, siret, postcode, town, account_state, state,"
    f" services, notices, (created_at AT TIME ZONE '{settings.TIME_ZONE}')::date, restricted, portfolio_id,"
    f" {HAS_SPACE}"
)


def clients(access: Access, filters: Filters) -> ClientPage:
    """One page of the list, with its count, in one query whatever the size of the portfolio.

    Without a text the count is read from the tallies; with one, hits are counted up to ``COUNTED_HITS``, or to
    ``COUNTED_SHORT_HITS`` where every word is short.
    """
    words = words_of(filters.text)
    page = _read_page(access, filters, words, max(1, filters.page))
    if not page.rows and page.number > 1:  # an old address: the list has become shorter
        total = _read_page(access, filters, words, 1).total
        return _read_page(access, filters, words, max(1, -(-total // PAGE_SIZE)))
    return page


def _read_page(access: Access, filters: Filters, words: Sequence[str], number: int) -> ClientPage:
    scope = _scope(access, filters)
    offset = (number - 1) * PAGE_SIZE
    order = ORDERS.get(filters.order, ORDERS[BY_NAME])
    live = _live(access, _of_this_firm(access, scope))
    longest = max(map(len, words), default=0)
    most = COUNTED_HITS if longest >= _INDEXED else COUNTED_SHORT_HITS
    found: list[tuple[Any, ...]] = []
    if not filters.text.strip():
        tallied, values = _tallied(access, scope)
        found = _read(_PAGE.format(tallied=tallied, live=live.sql, order=order), [*values, *live.values, offset])
    elif words:  # else only punctuation: nothing is like it
        hit, walked = _hits(live, words), _walked(live, words)
        if longest != _INDEXED - 1:
            hits, values = _HITS.format(hit=hit.sql, most=most), hit.values
        else:
            hits, values = (
                _SHORT_HITS.format(live=live.sql, seen=_seen(words).sql, hit=hit.sql, walked=walked.sql, most=most),
                [*live.values, *_seen(words).values, *hit.values, *walked.values],
            )
        found = _read(
            _SEARCH.format(hits=hits, walked=walked.sql, order=order, most=most),
            [*values, offset, *walked.values, offset],
        )
    total = found[0][-1] if found else 0
    return ClientPage(
        rows=[Row(*row[:-1]) for row in found],
        number=number,
        total=min(total, most) if words else total,
        more=bool(words) and total > most,
        words=tuple(words),
    )


def _hits(live: _Where, words: Sequence[str]) -> _Where:
    """The condition that the index of trigrams answers, as far as it knows the words."""
    where = _Where([*live.clauses], [*live.values])
    for word in words:
        if len(word) >= _INDEXED:
            where.add("search LIKE %s", f"%{word}%")
        elif len(word) == _INDEXED - 1 and not any(len(other) >= _INDEXED for other in words):
            where.add("search LIKE ANY(%s)", [f"{word}%", *(f"%{before}{word}%" for before in _BEFORE)])
        else:
            where.add("strpos(search, %s) > 0", word)
    return where


def _seen(words: Sequence[str]) -> _Where:
    """The condition that reading a client answers."""
    return _Where(["strpos(search, %s) > 0"] * len(words), [*words])


def _walked(live: _Where, words: Sequence[str]) -> _Where:
    seen = _seen(words)
    return _Where([*live.clauses, *seen.clauses], [*live.values, *seen.values])


def _read(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


# What is put into these texts are constants of this module; everything that was typed is a value.
_PAGE = f"""
SELECT {_COLUMNS}, (SELECT coalesce(sum(number), 0) FROM {{tallied}})
FROM enrolments_enrolment WHERE {{live}} ORDER BY {{order}} LIMIT {PAGE_SIZE} OFFSET %s
"""

_HITS = """hits AS MATERIALIZED (
    SELECT id, name_key, created_at FROM enrolments_enrolment WHERE {hit} LIMIT {most} + 1
)"""
# Where the longest word has two letters, the latest clients tell which way is shorter: what is common is soon come
# upon by reading one client after the other; what is rare the index finds, in one look for each character that can
# stand before it.
_SHORT_HITS = f"""sample AS MATERIALIZED (
    SELECT count(*) < {_RARE} AS rare FROM (
        SELECT search FROM enrolments_enrolment WHERE {{live}} ORDER BY created_at DESC, id DESC LIMIT {_SAMPLE}
    ) latest WHERE {{seen}}
), hits AS MATERIALIZED (
    (SELECT id, name_key, created_at FROM enrolments_enrolment WHERE (SELECT rare FROM sample) AND {{hit}})
    UNION ALL
    (SELECT id, name_key, created_at FROM enrolments_enrolment WHERE NOT (SELECT rare FROM sample) AND {{walked}}
     LIMIT {{most}} + 1)
)"""

# Few hits are all found, counted and sorted. Where there are many, the list is walked in its order instead, and the
# page is full soon; strpos, which no index serves, keeps the planner to that walk. One of the two never runs.
_SEARCH = f"""
WITH {{hits}}, counted AS MATERIALIZED (
    SELECT count(*) AS total FROM hits
), page AS (
    (SELECT id FROM hits WHERE (SELECT total FROM counted) <= {{most}}
     ORDER BY {{order}} LIMIT {PAGE_SIZE} OFFSET %s)
    UNION ALL
    (SELECT id FROM enrolments_enrolment WHERE (SELECT total FROM counted) > {{most}} AND {{walked}}
     ORDER BY {{order}} LIMIT {PAGE_SIZE} OFFSET %s)
)
SELECT {_COLUMNS}, (SELECT total FROM counted) FROM page JOIN enrolments_enrolment USING (id) ORDER BY {{order}}
"""


@dataclass(frozen=True, slots=True)
class Client:
    """An enrolment as its own pages show it."""

    id: int
    uid: UUID
    regime: Regime
    siren: str
    account_number: str
    name: str
    siret: str
    postcode: str
    town: str
    account_state: AccountState
    state: str
    selection: Selection
    created_at: datetime
    accounts: int
    restricted: bool
    portfolio: Granted
    asked_until: datetime | None = None  # the client's last instant to answer, while pending
    has_space: bool = False  # whether the client opened a space

    @property
    def subject(self) -> Subject:
        return Subject(self.regime, self.siren, self.account_number)

    @property
    def struck_off(self) -> bool:
        return self.account_state is AccountState.STRUCK_OFF

    @property
    def may_manage(self) -> bool:
        return self.portfolio.may_manage

    @property
    def may_end(self) -> bool:
        """To end or to move the client: who manages some of its services only may not."""
        return self.portfolio.entire

    @property
    def shown(self) -> Selection:
        """What the member's right lets them see of the selection."""
        return covered(self.portfolio, self.selection)


def clients_by_uid(access: Access, uids: Sequence[UUID]) -> list[Client]:
    """The live enrolments among ``uids`` that this member may see, by name. Others are simply not there."""
    clause, values = unreserved(access)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id, uid, regime, siren, account_number, name, siret, postcode, town, account_state, state,
                   services, notices, created_at, accounts, restricted, portfolio_id, asked_until, {HAS_SPACE}
            FROM enrolments_enrolment
            WHERE firm_id = %s AND uid = ANY(%s) AND portfolio_id = ANY(%s) AND ended_at IS NULL AND {clause}
            ORDER BY name_key, id
            """,
            [access.firm_id, list(uids), access.portfolio_ids, *values],
        )
        rows = cursor.fetchall()
    portfolios = {portfolio.id: portfolio for portfolio in access.portfolios}
    return [
        Client(
            id=row[0],
            uid=row[1],
            regime=Regime(row[2]),
            siren=row[3],
            account_number=row[4],
            name=row[5],
            siret=row[6],
            postcode=row[7],
            town=row[8],
            account_state=AccountState(row[9]),
            state=row[10],
            selection=Selection(row[11], row[12]),
            created_at=row[13],
            accounts=row[14],
            restricted=row[15],
            portfolio=portfolios[row[16]],
            asked_until=row[17],
            has_space=row[18],
        )
        for row in rows
    ]


def uids(access: Access, filters: Filters, most: int) -> list[UUID]:
    """The enrolments that the filters keep, without their text, by name: ``most`` at most."""
    live = _live(access, _of_this_firm(access, _scope(access, filters)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT uid FROM enrolments_enrolment WHERE {live.sql} ORDER BY name_key, id LIMIT %s",
            [*live.values, most],
        )
        return [row[0] for row in cursor.fetchall()]


def client(access: Access, uid: UUID) -> Client | None:
    """One live enrolment; None when it is not this firm's, not for this member to see, or has ended."""
    found = clients_by_uid(access, [uid])
    return found[0] if found else None


def selection_at(client: Client, siret: str) -> Selection:
    """What applies to one establishment: its override, or else the enrolment's own selection."""
    override = EstablishmentChoice.objects.filter(enrolment_id=client.id, siret=siret).first()
    return Selection(override.services, override.notices) if override else client.selection


def overridden(client: Client) -> set[str]:
    """The Sirets of the establishments that have a selection of their own."""
    return set(EstablishmentChoice.objects.filter(enrolment_id=client.id).values_list("siret", flat=True))


def enrolled_regimes(access: Access, siren: str) -> dict[Regime, tuple[UUID, bool]]:
    """The regimes of a Siren that the firm has already: the enrolment, and whether this member may see it."""
    clause, values = unreserved(access)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT regime, uid, portfolio_id = ANY(%s) AND {clause} FROM enrolments_enrolment"
            " WHERE firm_id = %s AND siren = %s AND ended_at IS NULL",
            [access.portfolio_ids, *values, access.firm_id, siren],
        )
        return {Regime(regime): (uid, visible) for regime, uid, visible in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Situation:
    """The counts of the dashboard, over the clients that the member may see."""

    clients: int
    struck_off: int
    suspended: int
    contested: int
    pending: int


def situation(access: Access) -> Situation:
    tallied, values = _tallied(access, _scope(access, Filters()))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(number), 0),"
            " coalesce(sum(number) FILTER (WHERE account_state = 'radie'), 0),"
            " coalesce(sum(number) FILTER (WHERE account_state = 'suspendu'), 0),"
            " coalesce(sum(number) FILTER (WHERE state = 'contested'), 0),"
            " coalesce(sum(number) FILTER (WHERE state = 'pending'), 0)"
            f" FROM {tallied}",
            values,
        )
        return Situation(*(cursor.fetchone() or (0, 0, 0, 0, 0)))
