"""Moving clients between portfolios, and acts that meet on one client."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Sum

from portefeuille.audit.models import Event
from portefeuille.audit.verification import verify
from portefeuille.enrolments import queries
from portefeuille.enrolments.actions import terminate
from portefeuille.enrolments.models import Enrolment, OnlyFor, Tally
from portefeuille.enrolments.queries import Filters
from portefeuille.enrolments.sharing import Moved, NoSuchPortfolio, Restricted, move, open_to_all, restrict
from portefeuille.firms.models import Member, Portfolio, PortfolioGrant
from portefeuille.outbox.models import Message
from tests.cast import EMPLOYER, INDEPENDENT, Cast
from tests.enrolments.books import assert_the_books_balance
from tests.throttling.together import Crew
from tests.web.reading import rows


def tallied(portfolio: Portfolio) -> int:
    return Tally.objects.filter(portfolio=portfolio).aggregate(n=Sum("number"))["n"] or 0


def test_a_moved_client_is_seen_by_those_of_its_new_portfolio(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    told = Message.objects.count()
    assert move(access=cast.access("alice"), enrolments=[uid], to=cast.independents.uid) == Moved((uid,))
    assert queries.client(cast.access("bob"), uid) is None
    assert queries.clients(cast.access("bob"), Filters()).total == 0
    assert queries.client(cast.access("alice"), uid) is not None
    assert (tallied(cast.employers), tallied(cast.independents)) == (0, 1)
    event = Event.objects.get(verb="enrolment.moved")
    assert (event.before, event.after) == (
        {"portfolio": str(cast.employers.uid)},
        {"portfolio": str(cast.independents.uid)},
    )
    assert Message.objects.count() == told
    before = rows()
    assert move(access=cast.access("alice"), enrolments=[uid], to=cast.independents.uid) == Moved(())
    assert rows() == before


def test_who_moves_holds_both_ends(cast: Cast) -> None:
    bob = Member.objects.get(user=cast.users["bob"])
    mine, theirs = cast.enrol(EMPLOYER, portfolio=cast.employers).uid, cast.enrol(INDEPENDENT, who="charlie").uid
    before = rows()
    for to in (cast.independents.uid, cast.portfolio_b.uid, uuid4(), None):
        assert move(access=cast.access("bob"), enrolments=[mine], to=to) == NoSuchPortfolio()
    for who in ("nina", "rita"):
        assert move(access=cast.access(who), enrolments=[mine], to=cast.employers.uid) == NoSuchPortfolio()
    assert move(access=cast.access("alice"), enrolments=[theirs], to=cast.employers.uid) == Moved(())
    assert rows() == before
    for level, services in ((PortfolioGrant.Level.VIEW, None), (PortfolioGrant.Level.MANAGE, 1)):
        PortfolioGrant.objects.update_or_create(
            member=bob, portfolio=cast.independents, defaults={"level": level, "services": services}
        )
        assert move(access=cast.access("bob"), enrolments=[mine], to=cast.independents.uid) == NoSuchPortfolio()
    PortfolioGrant.objects.filter(member=bob).update(level=PortfolioGrant.Level.MANAGE, services=None)
    assert move(access=cast.access("bob"), enrolments=[mine], to=cast.independents.uid) == Moved((mine,))


def test_without_portfolio_is_for_administrators(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    assert move(access=cast.access("alice"), enrolments=[uid], to=None) == Moved((uid,))
    unfiled = Portfolio.objects.get(firm=cast.firm_a, unfiled=True)
    assert Enrolment.objects.get(uid=uid).portfolio == unfiled
    assert queries.client(cast.access("alice"), uid) is not None
    assert queries.client(cast.access("bob"), uid) is None
    before = rows()
    assert move(access=cast.access("bob"), enrolments=[uid], to=cast.employers.uid) == Moved(())
    assert move(access=cast.access("alice"), enrolments=[uid], to=None) == Moved(())
    assert rows() == before
    assert move(access=cast.access("alice"), enrolments=[uid], to=cast.employers.uid) == Moved((uid,))


def test_a_client_that_ended_or_is_reserved_for_others_does_not_move(cast: Cast) -> None:
    PortfolioGrant.objects.create(
        member=Member.objects.get(user=cast.users["bob"]), portfolio=cast.independents, level="manage"
    )
    ended = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    hidden = cast.enrol(INDEPENDENT, portfolio=cast.employers).uid
    terminate(access=cast.access("alice"), enrolments=[ended])
    restrict(access=cast.access("alice"), enrolment=hidden, members=[])
    before = rows()
    assert move(access=cast.access("bob"), enrolments=[ended, hidden], to=cast.independents.uid) == Moved(())
    assert rows() == before


def test_a_portfolio_that_was_removed_after_the_page_was_made_takes_nobody(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    alice = cast.access("alice")
    cast.independents.delete()
    before = rows()
    assert move(access=alice, enrolments=[uid], to=cast.independents.uid) == NoSuchPortfolio()
    assert rows() == before


# --- Races --------------------------------------------------------------------------------------------------------


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(2) as crew:
        yield crew


@pytest.mark.parametrize("_round", range(4))
def test_a_move_and_a_termination_in_the_same_second(committed_cast: Cast, crew: Crew, _round: int) -> None:
    cast = committed_cast
    uids = [cast.enrol(client, portfolio=cast.employers).uid for client in (EMPLOYER, INDEPENDENT)]
    alice, bob = cast.access("alice"), cast.access("bob")
    results: list[Any] = crew.together(
        [
            lambda: move(access=alice, enrolments=uids, to=cast.independents.uid),
            lambda: terminate(access=bob, enrolments=list(reversed(uids))),
        ]
    )
    moved, ended = (set(result.uids) for result in results)
    assert moved | ended == set(uids)
    assert not moved & ended  # who came second found it moved away, or ended
    assert_the_books_balance()


def test_a_restriction_and_an_opening_in_the_same_second(committed_cast: Cast, crew: Crew) -> None:
    cast = committed_cast
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    alice, bob = cast.access("alice"), cast.access("bob").member_uid
    restrict(access=alice, enrolment=uid, members=[])
    results = crew.together(
        [
            lambda: restrict(access=alice, enrolment=uid, members=[bob]),
            lambda: open_to_all(access=alice, enrolment=uid),
        ]
    )
    assert results == [Restricted(), Restricted()]
    row, last = Enrolment.objects.get(uid=uid), Event.objects.filter(verb="enrolment.restricted").latest("seq")
    assert row.restricted == (last.after["only_for"] is not None)
    assert OnlyFor.objects.filter(enrolment=row).count() == len(last.after["only_for"] or [])
    assert verify().intact
