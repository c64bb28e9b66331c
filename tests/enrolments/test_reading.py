"""The list, its search, its counts: right for each member, and never more than they were given."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db import connection

from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import queries
from portefeuille.enrolments.actions import change, terminate, undo_termination
from portefeuille.enrolments.client_word import by_link, contest
from portefeuille.enrolments.folding import fold
from portefeuille.enrolments.last_changes import last_changes
from portefeuille.enrolments.models import Enrolment, OnlyFor
from portefeuille.enrolments.queries import (
    COUNTED_HITS,
    ORDERS,
    PAGE_SIZE,
    Filters,
    client,
    clients,
    clients_by_uid,
    situation,
    words_of,
)
from portefeuille.registry.models import AccountState, Regime
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, REGULATED, STRUCK_OFF, Cast


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("732829320", ("732829320",)),
        ("732 829 320", ("732829320",)),
        ("732\u00a0829\u202f320", ("732829320",)),
        (" 732.829-320\t", ("732829320",)),
        ("73282932000074", ("732829320",)),
        ("732 829 320 00074", ("732829320",)),
        ("A1B2C3D4E5F6G7", ("a1b2c3d4e5f6g7",)),
        ("A1B2 C3D4 E5F6 G7", ("a1b2c3d4e5f6g7",)),
        ("117000001234567890", ("117000001234567890",)),
        ("000000012345678901", ("12345678901",)),
        ("0000", ()),
        ("Œuvrard", ("oeuvrard",)),
        ("œuvrard BOULANGERIE œuvrard", ("oeuvrard", "boulangerie")),
        ("d’Ornano", ("d", "ornano")),
        ("L'Hôte, Élodie", ("l", "hote", "elodie")),
        ("boulangeriepains", ("boulangeriepains",)),  # 16 letters: a word
        ("boulangerierie", ("boulangerierie",)),  # 14 letters without a digit: a word too
        ("...", ()),
        ("%", ()),
        ("_", ()),
        ("\\", ()),
        ("50%", ("50",)),
        ("a_b\\c%d", ("a", "b", "c", "d")),
        ("''; DROP TABLE", ("drop", "table")),
        ("", ()),
        (" \u00a0\u202f ", ()),
        ("\u200b", ()),
        ("\x00", ()),
        ("x" * 5000, ("x" * 100,)),
    ],
)
def test_what_is_looked_for(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("732 829 320", {"Boulangerie Œuvrard"}),
        (EMPLOYER.siret, {"Boulangerie Œuvrard"}),
        (EMPLOYER.account, {"Boulangerie Œuvrard"}),
        ("0000" + MANAGER.account, {"Jean-François d'Ornano"}),
        ("francois ornano", {"Jean-François d'Ornano"}),
        ("ORNANO Jean", {"Jean-François d'Ornano"}),
        ("œuv", {"Boulangerie Œuvrard"}),
        ("OEUVRARD", {"Boulangerie Œuvrard"}),
        ("Boulangerie Infirmier", set()),
        ("infirmier noel", {"Cabinet infirmier Noël"}),
        ("%", set()),
        ("_", set()),
        ("\\", set()),
        ("Œuv%ard", {"Boulangerie Œuvrard"}),  # two words, both in it
        ("Jea_", {"Jean-François d'Ornano"}),  # the word «jea»
        ("Jea_-François", {"Jean-François d'Ornano"}),
        ("Ja%n", set()),
        ("..", set()),
        ("   ", {"Boulangerie Œuvrard", "Cabinet infirmier Noël", "Jean-François d'Ornano"}),
    ],
)
def test_what_is_found(cast: Cast, text: str, names: set[str]) -> None:
    for who in (EMPLOYER, REGULATED, MANAGER):
        cast.enrol(who)
    page = clients(cast.access("alice"), Filters(text=text))
    assert {row.name for row in page.rows} == names
    assert (page.total, page.more) == (len(names), False)


def test_each_member_finds_what_they_were_given_and_no_more(cast: Cast) -> None:
    employer = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    independent = cast.enrol(INDEPENDENT, portfolio=cast.independents).uid
    theirs = cast.enrol(REGULATED, who="charlie").uid
    given = {"alice": {employer, independent}, "bob": {employer}, "rita": {employer}, "charlie": {theirs}}
    every = [employer, independent, theirs, uuid4()]
    filters = [
        Filters(),
        Filters(text="e"),
        *(Filters(portfolio=portfolio.uid) for portfolio in (cast.employers, cast.independents, cast.portfolio_b)),
        Filters(portfolio=uuid4()),
        Filters(regime=Regime.CRAFT_TRADE),
        Filters(text=INDEPENDENT.siren),
        Filters(text=REGULATED.account),
    ]
    for who, own in given.items():
        access = cast.access(who)
        assert {row.uid for row in clients(access, Filters()).rows} == own
        assert situation(access).clients == len(own)
        assert {found.uid for found in clients_by_uid(access, every)} == own
        assert {uid for uid in every if client(access, uid) is not None} == own
        assert set(queries.uids(access, Filters(), 100)) == own
        assert {change.uid for change in last_changes(access)} == own
        for wanted in filters:
            page = clients(access, wanted)
            assert {row.uid for row in page.rows} <= own
            assert page.total == len(page.rows)
    assert queries.enrolled_regimes(cast.access("bob"), INDEPENDENT.siren) == {
        Regime.CRAFT_TRADE: (independent, False)
    }
    assert queries.enrolled_regimes(cast.access("charlie"), INDEPENDENT.siren) == {}


NAMES = ("Ânes", "Zébu", "œufs", "Bœuf", "abeille", "Abeille", "Épi", "d'Été", "100 %", "Éclair")


@pytest.fixture
def many(cast: Cast) -> list[Enrolment]:
    """Some hundred enrolments of every kind in both firms, ended and reserved ones too, written as rows."""
    dice = random.Random(11)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = []
    for n in range(260):
        access = cast.access(dice.choice(["alice", "alice", "alice", "charlie"]))
        name = f"{dice.choice(NAMES)} {dice.choice(NAMES)} {n % 7}"
        state = dice.choice(["active", "active", "active", "contested", "pending", "terminated"])
        rows.append(
            Enrolment(
                firm_id=access.firm_id,
                portfolio_id=dice.choice(access.managed_ids),
                regime=dice.choice(list(Regime)),
                siren=f"{n:09d}",
                state=state,
                services=dice.getrandbits(10),
                created_at=start + timedelta(hours=dice.randrange(50)),
                created_by_id=access.member_id,
                ended_at=start if state == "terminated" else None,
                asked_until=start if state == "pending" else None,
                restricted=dice.random() < 0.3,
                name=name,
                name_key=fold(name),
                account_state=dice.choice(list(AccountState)),
                search=f"{fold(name)} {n:09d}",
            )
        )
    Enrolment.objects.bulk_create(rows)
    # Some of the clients that are open to all keep names from when they were reserved: those count for nothing.
    OnlyFor.objects.bulk_create(
        OnlyFor(enrolment=row, member_id=cast.access(who).member_id)
        for row in rows
        for who in ("bob", "rita", "alice")
        if dice.random() < 0.4
    )
    return list(Enrolment.objects.order_by("pk"))


def test_every_combination_of_filters_gives_and_counts_what_brute_force_gives(
    cast: Cast, many: list[Enrolment]
) -> None:
    named = set(OnlyFor.objects.values_list("member_id", "enrolment_id"))
    for who, text, portfolio, regime, account_state, state in product(
        ("alice", "bob", "nina", "charlie"),
        ("", "oeuf", "e 3"),
        (None, cast.employers, cast.portfolio_b),
        (None, Regime.GENERAL),
        (None, AccountState.STRUCK_OFF),
        (None, Enrolment.State.CONTESTED),
    ):
        access = cast.access(who)
        given = {p.id for p in access.portfolios}
        seen = [
            row
            for row in many
            if row.state != "terminated"
            and row.firm_id == access.firm_id
            and row.portfolio_id in given
            and (access.is_administrator or not row.restricted or (access.member_id, row.pk) in named)
        ]
        expected = {
            row.uid
            for row in seen
            if (portfolio is None or row.portfolio_id == portfolio.pk)
            and (regime is None or row.regime == regime)
            and (account_state is None or row.account_state == account_state)
            and (state is None or row.state == state)
            and all(word in row.search for word in text.split())
        }
        filters = Filters(
            text=text,
            portfolio=portfolio.uid if portfolio else None,
            regime=regime,
            account_state=account_state,
            state=state,
        )
        pages = [clients(access, replace(filters, page=n + 1)) for n in range(max(1, -(-len(expected) // PAGE_SIZE)))]
        listed = [row.uid for page in pages for row in page.rows]
        assert len(listed) == len(set(listed))
        assert set(listed) == expected, filters
        assert {page.total for page in pages} == {len(expected)}
        assert [page.has_next for page in pages] == [True] * (len(pages) - 1) + [False]
        if not text:
            assert set(queries.uids(access, filters, 1000)) == expected
            counts = situation(access)
            assert counts.clients == len(seen)
            assert counts.pending == sum(row.state == "pending" for row in seen)
            assert counts.struck_off == sum(row.account_state == AccountState.STRUCK_OFF for row in seen)


SORT_KEYS: dict[str, Callable[[Enrolment], tuple[object, int]]] = {
    "nom": lambda row: (row.name_key.encode(), row.pk),
    "depuis": lambda row: (row.created_at, row.pk),
}


@pytest.mark.parametrize("order", ORDERS)
def test_orders(cast: Cast, many: list[Enrolment], order: str) -> None:
    access = cast.access("alice")
    key = SORT_KEYS[order.removeprefix("-")]
    live = [row for row in many if row.state != "terminated" and row.firm_id == access.firm_id]
    if order.endswith("nom"):  # as the database sorts text
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM enrolments_enrolment WHERE id = ANY(%s) ORDER BY name_key, id",
                [[row.pk for row in live]],
            )
            rank = {pk: place for place, (pk,) in enumerate(cursor.fetchall())}
        key = lambda row: (rank[row.pk], row.pk)  # noqa: E731
    expected = [row.uid for row in sorted(live, key=key, reverse=order.startswith("-"))]  # type: ignore[arg-type]
    listed: list[object] = []
    number = 1
    while True:
        page = clients(access, Filters(order=order, page=number))
        listed += [row.uid for row in page.rows]
        assert page.last == len(listed)
        if not page.has_next:
            break
        number += 1
    assert listed == expected
    assert clients(access, Filters(order="; DROP TABLE")).rows[0] == clients(access, Filters(order="nom")).rows[0]


@pytest.mark.parametrize("text", ["", "e"])
def test_a_page_that_is_too_high_is_the_last_one(cast: Cast, many: list[Enrolment], text: str) -> None:
    access = cast.access("alice")
    first = clients(access, Filters(text=text))
    last = -(-first.total // PAGE_SIZE)
    assert last > 1
    for number in (last + 1, 1000, 10**6):
        page = clients(access, Filters(text=text, page=number))
        assert (page.number, page.total, page.has_next) == (last, first.total, False)
        assert page.rows == clients(access, Filters(text=text, page=last)).rows
    for number in (0, -5):
        assert clients(access, Filters(text=text, page=number)).number == 1
    assert clients(access, Filters(text="nobody is called so", page=9)).number == 1


def test_hits_beyond_a_thousand_are_not_counted(cast: Cast) -> None:
    access = cast.access("alice")
    template = {
        "firm_id": access.firm_id, "portfolio_id": access.managed_ids[0], "regime": "RG",
        "created_by_id": access.member_id, "created_at": datetime(2026, 1, 1, tzinfo=UTC), "name": "Même",
        "name_key": "meme", "search": "meme",
    }  # fmt: skip
    Enrolment.objects.bulk_create(Enrolment(siren=f"{n:09d}", **template) for n in range(COUNTED_HITS))
    page = clients(access, Filters(text="même"))
    assert (page.total, page.more) == (COUNTED_HITS, False)
    Enrolment.objects.create(siren="999999999", **template)
    page = clients(access, Filters(text="même"))
    assert (page.total, page.more, page.has_next) == (COUNTED_HITS, True, True)
    beyond = clients(access, Filters(text="même", page=COUNTED_HITS // PAGE_SIZE + 1))
    assert (len(beyond.rows), beyond.has_next) == (1, False)
    assert clients(access, Filters()).total == COUNTED_HITS + 1


def test_the_situation_counts_what_there_is(cast: Cast, many: list[Enrolment]) -> None:
    for who in ("alice", "bob", "rita", "charlie"):
        access = cast.access(who)
        named = set(OnlyFor.objects.filter(member=access.member_id).values_list("enrolment_id", flat=True))
        own = [
            row
            for row in many
            if row.state != "terminated"
            and row.portfolio_id in access.portfolio_ids
            and (access.is_administrator or not row.restricted or row.pk in named)
        ]
        found = situation(access)
        assert (found.clients, found.struck_off, found.suspended, found.contested) == (
            len(own),
            sum(row.account_state == "radie" for row in own),
            sum(row.account_state == "suspendu" for row in own),
            sum(row.state == "contested" for row in own),
        )


def test_the_last_changes_are_the_latest_acts_first_and_offer_to_undo(cast: Cast) -> None:
    access = cast.access("alice")
    first = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    hidden = cast.enrol(INDEPENDENT, portfolio=cast.independents).uid
    second = cast.enrol(STRUCK_OFF, who="bob", portfolio=cast.employers).uid
    change(access=access, enrolment=first, selection=Selection(1), seen=Selection(0b101, 0b1))
    contest(speaker=by_link(second), enrolment=second)
    ending = terminate(access=access, enrolments=[first, hidden]).ending
    told = [
        (entry.verb.removeprefix("enrolment."), entry.person, entry.uid) for entry in last_changes(cast.access("rita"))
    ]
    assert told == [
        ("terminated", "Alice Alder", first),
        ("contested", "", second),
        ("changed", "Alice Alder", first),
        ("added", "Bob", second),
        ("added", "Alice Alder", first),
    ]
    latest = last_changes(access, 2)
    assert [(entry.uid, entry.ending, entry.live) for entry in latest] == [
        (hidden, ending, False),
        (first, ending, False),
    ]
    undo_termination(access=access, ending=ending)
    assert {entry.ending for entry in last_changes(access)} == {None}


def test_what_cannot_be_undone_any_more_is_not_offered(cast: Cast) -> None:
    access = cast.access("alice")
    uid = cast.enrol(EMPLOYER).uid
    terminate(access=access, enrolments=[uid])
    Enrolment.objects.update(ended_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert last_changes(access)[0].ending is None
