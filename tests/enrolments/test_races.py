"""Members, clients and the register at work on one enrolment in the same instant, over real connections."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from portefeuille.audit.models import Event
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import actions
from portefeuille.enrolments.actions import change, enrol, terminate, undo_termination
from portefeuille.enrolments.client_word import Done, TooLate, by_link, contest, end, withdraw_contest
from portefeuille.enrolments.following import follow_register
from portefeuille.enrolments.models import Enrolment
from portefeuille.enrolments.results import (
    AlreadyEnrolled,
    Changed,
    ChangedMeanwhile,
    Enrolled,
    EnrolResult,
    FormUsed,
    Gone,
    NotRestored,
    Restored,
    Terminated,
)
from portefeuille.outbox.models import Message
from portefeuille.registry.models import Account, AccountState
from tests.cast import CLIENTS, EMPLOYER, INDEPENDENT, Cast, CastClient
from tests.enrolments.books import assert_the_books_balance
from tests.throttling.together import SECONDS, Crew

SIXTEEN = 16


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(SIXTEEN) as crew:
        yield crew


def add(cast: Cast, client: CastClient, who: str, key: UUID | None = None) -> Callable[[], EnrolResult]:
    access = cast.access(who)
    return partial(
        enrol,
        access=access,
        portfolio_id=cast.employers.pk,
        subject=client.subject,
        proof=client.proof,
        selection=Selection(0b101, 0b1),
        address="192.0.2.1",
        form_key=key,
    )


def start_again() -> None:
    """The cast without what it did: much quicker than a new cast for every round."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "TRUNCATE enrolments_enrolment, enrolments_submission, enrolments_establishmentchoice, enrolments_tally,"
            " enrolments_bulkrow, enrolments_decision, enrolments_onlyfor, outbox_message, throttling_budget"
            ", audit_event, audit_chain"
        )


def test_two_members_add_one_client_in_the_same_instant(committed_cast: Cast, crew: Crew) -> None:
    for turn in range(8):
        start_again()
        client = CLIENTS[turn % len(CLIENTS)]
        jobs = [add(committed_cast, client, who) for who in ("alice", "bob") * (SIXTEEN // 4)]
        results = crew.together(jobs)
        added = [result for result in results if isinstance(result, Enrolled)]
        assert len(added) == 1, results
        assert not added[0].again
        others = [result for result in results if not isinstance(result, Enrolled)]
        assert others == [AlreadyEnrolled(added[0].uid, visible=True)] * (len(jobs) - 1)
        assert Enrolment.objects.get().uid == added[0].uid
        assert Event.objects.get(verb="enrolment.added").subject == f"enrolment:{added[0].uid}"
        assert Message.objects.count() == 1
        assert_the_books_balance()


def test_two_firms_add_one_client_in_the_same_instant(committed_cast: Cast, crew: Crew) -> None:
    start_again()
    charlie = partial(add(committed_cast, EMPLOYER, "charlie"), portfolio_id=committed_cast.portfolio_b.pk)
    results = crew.together([add(committed_cast, EMPLOYER, "alice"), charlie] * 4)
    assert sum(isinstance(result, Enrolled) for result in results) == 2, results
    assert sum(isinstance(result, AlreadyEnrolled) for result in results) == 6, results
    assert Enrolment.objects.count() == 2
    assert_the_books_balance()


def test_one_form_sent_many_times_at_once_acts_once_and_answers_alike(committed_cast: Cast, crew: Crew) -> None:
    for _ in range(6):
        start_again()
        results = crew.together([add(committed_cast, EMPLOYER, "alice", uuid4())] * SIXTEEN)
        assert all(isinstance(result, Enrolled) for result in results), results
        assert len({result.uid for result in results}) == 1
        assert sum(not result.again for result in results) == 1
        assert_the_books_balance()


def test_adding_against_terminating_against_undoing(committed_cast: Cast, crew: Crew) -> None:
    access = committed_cast.access("alice")
    for _ in range(10):
        start_again()
        uids = [committed_cast.enrol(client, portfolio=committed_cast.employers).uid for client in CLIENTS[:3]]
        ending = terminate(access=access, enrolments=uids[:2]).ending
        results = crew.together(
            [
                *[partial(undo_termination, access=access, ending=ending)] * 3,
                *[add(committed_cast, client, who) for client in CLIENTS[:3] for who in ("alice", "bob")],
                *[partial(terminate, access=access, enrolments=uids)] * 3,
            ]
        )
        undone, added, ended = results[:3], results[3:9], results[9:]
        assert all(isinstance(result, Restored | NotRestored) for result in undone), undone
        assert all(isinstance(result, Enrolled | AlreadyEnrolled | FormUsed) for result in added), added
        assert all(isinstance(result, Terminated) for result in ended), ended
        assert not any(result.too_late for result in undone if isinstance(result, NotRestored))
        # Whoever says that they did something did it: each act is in the trail as often as it was answered.
        for verb, number in (
            ("restored", sum(len(result.uids) for result in undone if isinstance(result, Restored))),
            ("added", 3 + sum(isinstance(result, Enrolled) for result in added)),
            ("terminated", 2 + sum(len(result.uids) for result in ended)),
        ):
            assert Event.objects.filter(verb=f"enrolment.{verb}").count() == number, results
        assert_the_books_balance()


def test_what_is_added_again_during_the_undoing_is_left_and_the_others_come_back(
    committed_cast: Cast, crew: Crew
) -> None:
    access = committed_cast.access("alice")
    uids = [committed_cast.enrol(client, portfolio=committed_cast.employers).uid for client in CLIENTS[:3]]
    ending = terminate(access=access, enrolments=uids).ending
    added, undone = add_during_the_undoing(committed_cast, crew, CLIENTS[1], ending)
    assert isinstance(added, Enrolled), added
    assert isinstance(undone, Restored), undone
    assert set(undone.uids) == {uids[0], uids[2]}
    assert_the_books_balance()


def test_what_all_was_added_again_during_the_undoing_is_not_restored(committed_cast: Cast, crew: Crew) -> None:
    uid = committed_cast.enrol(EMPLOYER, portfolio=committed_cast.employers).uid
    ending = terminate(access=committed_cast.access("alice"), enrolments=[uid]).ending
    added, undone = add_during_the_undoing(committed_cast, crew, EMPLOYER, ending)
    assert isinstance(added, Enrolled), added
    assert undone == NotRestored(too_late=False)
    assert_the_books_balance()


def add_during_the_undoing(cast: Cast, crew: Crew, client: CastClient, ending: UUID) -> list[Any]:
    """The undoing looks while an addition is written and not committed, and then stands at its row."""
    written = threading.Event()

    def undo() -> Any:
        assert written.wait(SECONDS)
        return undo_termination(access=cast.access("alice"), ending=ending)

    def add_slowly() -> Any:
        with transaction.atomic():
            result = add(cast, client, "alice")()
            written.set()
            wait_for_somebody_who_waits()
        return result

    return crew.together([add_slowly, undo])


def wait_for_somebody_who_waits() -> None:
    """Return once another connection waits for a lock: the instant of the race, however slow the machine is."""
    until_somebody_waits_or(lambda: False)


def until_somebody_waits_or(come: Callable[[], bool]) -> None:
    """The same, or once ``come`` says so."""
    with connection.cursor() as cursor:
        for _ in range(3000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if come() or cursor.fetchone() != (0,):
                return
            cursor.execute("SELECT pg_sleep(0.001)")
    raise AssertionError("nobody came")


def test_contesting_against_terminating_and_undoing(committed_cast: Cast, crew: Crew) -> None:
    access = committed_cast.access("alice")
    for _ in range(10):
        start_again()
        uid = committed_cast.enrol(EMPLOYER, portfolio=committed_cast.employers).uid
        results = crew.together(
            [
                *[partial(contest, speaker=by_link(uid), enrolment=uid)] * 4,
                *[partial(terminate, access=access, enrolments=[uid])] * 4,
            ]
        )
        contested, ended = results[:4], results[4:]
        assert all(isinstance(result, Done | TooLate) for result in contested), contested
        assert sum(len(result.uids) for result in ended) == 1
        was_contested = Event.objects.filter(verb="enrolment.contested").count()
        assert sum(result == Done() for result in contested) == was_contested <= 1
        assert {result for result in contested if isinstance(result, TooLate)} <= {TooLate("terminated")}
        assert Enrolment.objects.get().state == "terminated"
        (ending,) = [result.ending for result in ended if result.uids]
        assert isinstance(undo_termination(access=access, ending=ending), Restored)
        assert Enrolment.objects.get().state == ("contested" if was_contested else "active")
        assert_the_books_balance()


def after_the_first(crew: Crew, first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """``second`` comes to the rows of ``first``, which is done and not committed, and waits for it."""
    done = threading.Event()

    def slowly() -> Any:
        with transaction.atomic():
            result = first()
            done.set()
            wait_for_somebody_who_waits()
        return result

    def then() -> Any:
        assert done.wait(SECONDS)
        return second()

    return crew.together([slowly, then])


def test_a_client_who_ends_what_a_firm_is_bringing_back_ends_it(committed_cast: Cast, crew: Crew) -> None:
    access = committed_cast.access("alice")
    uid = committed_cast.enrol(EMPLOYER, portfolio=committed_cast.employers).uid
    ending = terminate(access=access, enrolments=[uid]).ending
    undone, ended = after_the_first(
        crew,
        partial(undo_termination, access=access, ending=ending),
        partial(end, speaker=by_link(uid), enrolment=uid),
    )
    assert (undone, ended) == (Restored(uids=(uid,)), Done())
    assert Enrolment.objects.get().ended_by == "client"
    assert_the_books_balance()


def test_a_client_who_contests_what_they_are_withdrawing_contests(committed_cast: Cast, crew: Crew) -> None:
    uid = committed_cast.enrol(EMPLOYER, portfolio=committed_cast.employers).uid
    speaker = by_link(uid)
    contest(speaker=speaker, enrolment=uid)
    answers = after_the_first(
        crew,
        partial(withdraw_contest, speaker=speaker, enrolment=uid),
        partial(contest, speaker=speaker, enrolment=uid),
    )
    assert answers == [Done(), Done()]
    assert Enrolment.objects.get().state == "contested"
    assert_the_books_balance()


def test_changing_against_terminating(committed_cast: Cast, crew: Crew) -> None:
    access = committed_cast.access("alice")
    seen = Selection(0b101, 0b1)
    for _ in range(10):
        start_again()
        uid = committed_cast.enrol(EMPLOYER, portfolio=committed_cast.employers).uid
        wishes = [Selection(1 << n, 0) for n in range(6)]
        results = crew.together(
            [
                *[partial(change, access=access, enrolment=uid, selection=wish, seen=seen) for wish in wishes],
                partial(terminate, access=access, enrolments=[uid]),
            ]
        )
        changed, ended = results[:-1], results[-1]
        assert ended.uids == (uid,)
        winners = [wish for wish, result in zip(wishes, changed, strict=True) if result == Changed()]
        assert len(winners) <= 1, changed
        kept = Enrolment.objects.get()
        assert Selection(kept.services, kept.notices) == (winners[0] if winners else seen)
        for result in changed:
            assert result in (Changed(), Gone(), *(ChangedMeanwhile(winner) for winner in winners)), changed
        assert_the_books_balance()


def test_a_feed_against_members_who_end_and_restore_many(committed_cast: Cast, crew: Crew) -> None:
    access = committed_cast.access("alice")
    uids = [committed_cast.enrol(client, portfolio=committed_cast.employers).uid for client in CLIENTS]
    states = [AccountState.ACTIVE, AccountState.SUSPENDED, AccountState.STRUCK_OFF]

    def feed() -> int:
        return follow_register(
            sirens=[client.siren for client in CLIENTS if client.siren],
            account_numbers=[client.account for client in CLIENTS if not client.siren],
        )

    def end_and_restore() -> bool:
        ended = terminate(access=access, enrolments=uids[::-1])
        return isinstance(undo_termination(access=access, ending=ended.ending), Restored) == bool(ended.uids)

    for turn in range(8):
        Account.objects.update(state=states[turn % 3])
        results = crew.together([feed, end_and_restore] * 6)
        assert all(result is True or isinstance(result, int) for result in results), results
    feed()
    assert set(Enrolment.objects.values_list("account_state", flat=True)) == {states[7 % 3]}
    assert_the_books_balance()


def test_an_answer_is_never_about_an_enrolment_that_is_not_there(committed_cast: Cast, crew: Crew) -> None:
    """Adding against ending what was just added: every «already there» names one that existed."""
    access = committed_cast.access("alice")

    def end_all() -> Terminated:
        return actions.terminate(access=access, enrolments=list(Enrolment.objects.values_list("uid", flat=True)))

    for _ in range(6):
        start_again()
        results = crew.together([add(committed_cast, INDEPENDENT, "alice"), end_all] * (SIXTEEN // 2))
        existed = set(Enrolment.objects.values_list("uid", flat=True))
        for result in results[::2]:
            assert isinstance(result, FormUsed) or result.uid in existed, result
        assert all(isinstance(result, Terminated) for result in results[1::2]), results
        assert_the_books_balance()
