"""What a departing member had, or a removed portfolio, goes to somebody; and the last administrator cannot vanish."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portefeuille.audit.models import Event
from portefeuille.enrolments.actions import terminate
from portefeuille.enrolments.locking import lock
from portefeuille.enrolments.models import Enrolment, OnlyFor
from portefeuille.enrolments.results import Enrolled, FormUsed
from portefeuille.enrolments.taking_over import LastPortfolio, NoSuccessor, remove_member, remove_portfolio
from portefeuille.firms import joining, rights
from portefeuille.firms.access import access_of
from portefeuille.firms.models import Member, Portfolio
from portefeuille.firms.results import AddressTaken, Done, Gone, Joined, LastAdministrator, LinkSpent, NotAllowed
from portefeuille.firms.rights import Level, Right
from portefeuille.outbox.models import Message
from portefeuille.people.models import User
from tests.cast import CLIENTS, EMPLOYER, PASSWORD, Cast
from tests.enrolments.books import assert_the_books_balance
from tests.enrolments.test_races import add, wait_for_somebody_who_waits
from tests.firms.test_team import ADMINISTRATOR, COLLABORATOR, invited, member_of
from tests.throttling.together import SECONDS, Crew
from tests.web.reading import rows


def restrict(cast: Cast, who: str) -> Enrolment:
    enrolment = Enrolment.objects.get(uid=cast.enrol(EMPLOYER, portfolio=cast.employers).uid)
    Enrolment.objects.filter(pk=enrolment.pk).update(restricted=True)
    OnlyFor.objects.create(enrolment=enrolment, member=member_of(cast, who))
    return enrolment


def test_a_successor_gets_the_portfolios_and_the_restricted_clients(cast: Cast) -> None:
    enrolment = restrict(cast, "bob")
    bob, rita = member_of(cast, "bob"), member_of(cast, "rita")
    assert remove_member(access=cast.access("alice"), member=bob.uid, successor=rita.uid) == Done()
    assert access_of(cast.users["bob"].pk, cast.firm_a.uid) is None
    assert rights.rights_of(rita.pk) == {cast.employers.uid: Right(Level.MANAGE)}
    assert rights.rights_of(bob.pk) == {}
    assert [named.member for named in OnlyFor.objects.filter(enrolment=enrolment)] == [rita]
    told = Event.objects.get(verb="enrolment.restricted")
    assert (told.subject, told.after) == (f"enrolment:{enrolment.uid}", {"only_for": [str(rita.uid)]})
    removed = Event.objects.get(verb="member.removed")
    assert removed.after == {"to": f"member:{rita.uid}", "restricted": 1}
    assert Event.objects.get(verb="member.changed").subject == f"member:{rita.uid}"
    assert Message.objects.filter(recipient="bob@alder.example").count() == 1


def test_a_narrowed_right_is_never_made_less_by_taking_over(cast: Cast) -> None:
    bob, nina = member_of(cast, "bob"), member_of(cast, "nina")
    remove_member(access=cast.access("alice"), member=nina.uid, successor=bob.uid)
    assert rights.rights_of(bob.pk) == {cast.employers.uid: Right(Level.MANAGE)}


def test_without_a_successor_the_administrators_have_it(cast: Cast) -> None:
    enrolment = restrict(cast, "bob")
    assert remove_member(access=cast.access("alice"), member=member_of(cast, "bob").uid, successor=None) == Done()
    assert not OnlyFor.objects.exists()
    assert enrolment.portfolio_id in cast.access("alice").portfolio_ids


def test_a_member_leaves(cast: Cast) -> None:
    bob = member_of(cast, "bob")
    assert remove_member(access=cast.access("bob"), member=bob.uid, successor=member_of(cast, "rita").uid) == Done()
    assert Event.objects.filter(verb="member.left").count() == 1
    assert Message.objects.filter(recipient="alice@alder.example").count() == 1


def test_nobody_else_is_removed_by_a_collaborator(cast: Cast) -> None:
    before = rows()
    rita = member_of(cast, "rita").uid
    assert isinstance(remove_member(access=cast.access("bob"), member=rita, successor=None), NotAllowed)
    assert isinstance(remove_member(access=cast.access("charlie"), member=rita, successor=None), Gone)
    assert rows() == before


def test_a_successor_is_a_member_of_the_team(cast: Cast) -> None:
    bob = member_of(cast, "bob").uid
    before = rows()
    for successor in (bob, member_of(cast, "charlie").uid):
        result = remove_member(access=cast.access("alice"), member=bob, successor=successor)
        assert isinstance(result, NoSuccessor)
    assert rows() == before


def test_the_last_administrator_neither_leaves_nor_is_removed(cast: Cast) -> None:
    alice = member_of(cast, "alice").uid
    before = rows()
    result = remove_member(access=cast.access("alice"), member=alice, successor=None)
    assert isinstance(result, LastAdministrator)
    assert rows() == before


# --- portfolios ---------------------------------------------------------------------------------------------------


def test_the_clients_of_a_portfolio_go_to_another(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    result = remove_portfolio(
        access=cast.access("alice"), portfolio=cast.employers.uid, destination=cast.independents.uid
    )
    assert result == Done()
    assert Enrolment.objects.get(uid=uid).portfolio == cast.independents
    assert not Portfolio.objects.filter(pk=cast.employers.pk).exists()
    assert cast.access("bob").portfolios == ()
    assert Event.objects.get(verb="enrolment.moved").subject == f"enrolment:{uid}"
    assert Event.objects.filter(verb="member.changed").count() == 3
    assert_the_books_balance()


def test_or_to_those_without_a_portfolio(cast: Cast) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    assert remove_portfolio(access=cast.access("alice"), portfolio=cast.employers.uid, destination=None) == Done()
    assert Enrolment.objects.get().portfolio.unfiled
    assert_the_books_balance()


def test_what_cannot_be_removed_stays(cast: Cast) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    employers = cast.employers.uid
    before = rows()
    for who, destination, expected in (
        ("bob", None, NotAllowed),
        ("charlie", None, Gone),
        ("alice", employers, Gone),
        ("alice", cast.portfolio_b.uid, Gone),
    ):
        result = remove_portfolio(access=cast.access(who), portfolio=employers, destination=destination)
        assert isinstance(result, expected), (who, result)
    last = remove_portfolio(access=cast.access("charlie"), portfolio=cast.portfolio_b.uid, destination=None)
    assert isinstance(last, LastPortfolio)
    assert rows() == before


# --- at the same instant ------------------------------------------------------------------------------------------


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(8) as crew:
        yield crew


def test_a_removal_that_makes_the_place_of_the_unfiled_against_a_member_who_ends(
    committed_cast: Cast, crew: Crew
) -> None:
    """The first to go without a portfolio: the event about that place comes after the hold on its clients."""
    alice = committed_cast.access("alice")
    uid = committed_cast.enrol(EMPLOYER, portfolio=committed_cast.employers).uid
    held = threading.Event()

    def end_slowly() -> Any:
        with transaction.atomic():
            lock(alice, [uid], alice.entire_ids)
            held.set()
            wait_for_somebody_who_waits()
            return terminate(access=alice, enrolments=[uid]).uids

    def remove() -> Any:
        assert held.wait(SECONDS)
        return remove_portfolio(access=alice, portfolio=committed_cast.employers.uid, destination=None)

    assert crew.together([end_slowly, remove]) == [(uid,), Done()]
    assert Enrolment.objects.get().portfolio.unfiled
    assert_the_books_balance()


def administrators(cast: Cast) -> int:
    return Member.objects.filter(firm=cast.firm_a, active=True, role=ADMINISTRATOR).count()


def test_of_administrators_who_demote_each_other_one_remains(committed_cast: Cast, crew: Crew) -> None:
    cast = committed_cast
    team = {who: member_of(cast, who) for who in ("alice", "bob", "rita", "nina")}
    for turn in range(8):
        Member.objects.filter(pk__in=[member.pk for member in team.values()]).update(
            role=ADMINISTRATOR, active=True, left_at=None
        )
        access = {who: cast.access(who) for who in team}
        others = dict(zip(team, [*list(team)[1:], "alice"], strict=True))
        jobs: list[Any] = []
        for who, other in others.items():
            if turn % 2:
                jobs.append(partial(rights.set_role, access=access[who], member=team[other].uid, role=COLLABORATOR))
            else:
                jobs.append(partial(remove_member, access=access[who], member=team[other].uid, successor=None))
            jobs.append(partial(remove_member, access=access[who], member=team[who].uid, successor=None))
        results = crew.together(jobs)
        assert not [result for result in results if isinstance(result, Exception)], results
        assert administrators(cast) >= 1, results


def test_of_two_who_demote_each_other_exactly_one_remains(committed_cast: Cast, crew: Crew) -> None:
    cast = committed_cast
    alice, bob = member_of(cast, "alice"), member_of(cast, "bob")
    for _ in range(8):
        Member.objects.filter(pk__in=[alice.pk, bob.pk]).update(role=ADMINISTRATOR)
        access = {who: cast.access(who) for who in ("alice", "bob")}
        jobs = [
            partial(rights.set_role, access=access["alice"], member=bob.uid, role=COLLABORATOR),
            partial(rights.set_role, access=access["bob"], member=alice.uid, role=COLLABORATOR),
        ]
        results = crew.together(jobs)
        assert sorted(type(result).__name__ for result in results) == ["Done", "NotAllowed"], results
        assert administrators(cast) == 1


def test_an_invitation_accepted_twice_at_once_makes_one_member(committed_cast: Cast, crew: Crew) -> None:
    cast = committed_cast
    new = invited(cast)
    results = crew.together([partial(joining.accept, token=new, full_name="Léa", password=PASSWORD)] * 8)
    assert sum(isinstance(result, Joined) for result in results) == 1, results
    assert all(isinstance(result, Joined | LinkSpent | AddressTaken) for result in results), results
    assert User.objects.filter(email="lea@neuf.example").count() == 1
    zoe = cast.users["zoe"]
    known = invited(cast, zoe.email)
    results = crew.together([partial(joining.accept, token=known, user=zoe)] * 8)
    assert sum(isinstance(result, Joined) for result in results) == 1, results
    assert Member.objects.filter(user=zoe).count() == 1


def test_a_portfolio_is_removed_while_clients_come_into_it(committed_cast: Cast, crew: Crew) -> None:
    cast = committed_cast
    jobs: list[Any] = [add(cast, client, "alice") for client in CLIENTS[:4]]
    jobs.append(
        partial(
            remove_portfolio,
            access=cast.access("alice"),
            portfolio=cast.employers.uid,
            destination=cast.independents.uid,
        )
    )
    *added, removed = crew.together(jobs)
    assert removed == Done()
    # One that comes too late is told to send its form again.
    assert all(isinstance(result, Enrolled | FormUsed) for result in added), added
    assert Enrolment.objects.count() == sum(isinstance(result, Enrolled) for result in added)
    # Whoever came first: no client is in a portfolio that is not there, and none is lost.
    assert {enrolment.portfolio for enrolment in Enrolment.objects.all()} <= {cast.independents}
    assert_the_books_balance()


# --- whatever the rights ------------------------------------------------------------------------------------------

RIGHT = st.builds(Right, st.sampled_from(Level), st.none() | st.integers(1, 1023))


@given(RIGHT, RIGHT)
def test_two_rights_together_are_less_than_neither(one: Right, other: Right) -> None:
    both = one | other
    assert both == other | one
    for right in (one, other):
        assert both | right == both
        assert both.services is None or right.services is not None
        assert not (right.level == Level.MANAGE and both.level == Level.VIEW)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | RIGHT, min_size=2, max_size=2), st.lists(st.none() | RIGHT, min_size=2, max_size=2))
def test_what_was_given_is_somebody_s_after_any_departure(
    cast: Cast, going: list[Right | None], staying: list[Right | None]
) -> None:
    places = (cast.employers.uid, cast.independents.uid)
    bob, rita = member_of(cast, "bob"), member_of(cast, "rita")
    Member.objects.filter(pk=bob.pk).update(active=True, left_at=None)
    had = {place: right for place, right in zip(places, going, strict=True) if right}
    has = {place: right for place, right in zip(places, staying, strict=True) if right}
    rights.put_rights(firm_id=cast.firm_a.pk, member_id=bob.pk, rights=had)
    rights.put_rights(firm_id=cast.firm_a.pk, member_id=rita.pk, rights=has)
    assert remove_member(access=cast.access("alice"), member=bob.uid, successor=rita.uid) == Done()
    after = rights.rights_of(rita.pk)
    assert set(after) == set(had) | set(has)
    for place, right in [*had.items(), *has.items()]:
        assert after[place] | right == after[place]
