"""Many clients at once: what is drawn up, what would happen, what happens, once, whoever dies or comes between."""

import threading
from collections import Counter
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portefeuille.audit.models import Event
from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.enrolments import bulk
from portefeuille.enrolments.actions import terminate, undo_termination
from portefeuille.enrolments.bulk import Wish, confirm, draw_up, draw_up_each, work_due, work_off
from portefeuille.enrolments.bulk_report import Change, Report, report_of
from portefeuille.enrolments.models import BulkAct, BulkRow, Enrolment, Tally
from portefeuille.enrolments.queries import Filters
from portefeuille.enrolments.results import Restored
from portefeuille.enrolments.taking_over import remove_portfolio
from portefeuille.firms.models import Portfolio, PortfolioGrant
from portefeuille.firms.results import Done
from portefeuille.outbox.models import Message
from portefeuille.registry.models import AccountState
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, STRUCK_OFF, Cast
from tests.enrolments.test_races import until_somebody_waits_or
from tests.throttling.together import Crew
from tests.web.reading import rows
from tests.web.test_query_budget import more_clients

DSN = 1 << 9  # offered to employers alone
ATTESTATIONS = 1 << 6


def report(cast: Cast, uid: UUID, who: str = "alice") -> Report:
    found = report_of(cast.access(who), uid)
    assert found is not None
    return found


def done(cast: Cast, wish: Wish, who: str = "alice", **chosen: Any) -> Report:
    """Drawn up, foreseen and confirmed: what was foreseen is what came."""
    drawn = draw_up(access=cast.access(who), wish=wish, **(chosen or {"filters": Filters()}))
    foreseen = report(cast, drawn.uid, who)
    before = standing()
    assert confirm(access=cast.access(who), uid=drawn.uid)
    came = report(cast, drawn.uid, who)
    assert came.state is BulkAct.State.DONE
    assert (came.changed, came.ended, came.same, came.gone) == (
        foreseen.changed, foreseen.ended, foreseen.same, foreseen.gone
    )  # fmt: skip
    assert (came.left, came.changing, came.ending) == (foreseen.left, foreseen.changing, foreseen.ending)
    assert sorted(foreseen.changes, key=repr) == sorted(differences(before, standing()), key=repr)
    return came


Standing = dict[UUID, tuple[set[str], str]]


def standing() -> Standing:
    """What each client has ticked, by its labels, and the name of its portfolio."""
    entries = catalogue()
    return {
        uid: (
            {entry.label for entry in entries.services if services >> entry.bit & 1}
            | {entry.label for entry in entries.notices if notices >> entry.bit & 1},
            portfolio,
        )
        for uid, services, notices, portfolio in Enrolment.objects.values_list(
            "uid", "services", "notices", "portfolio__name"
        )
    }


def differences(before: Standing, after: Standing) -> list[Change]:
    gets, loses, into = Counter[str](), Counter[str](), Counter[str]()
    for uid, (ticked, portfolio) in after.items():
        was_ticked, was_in = before[uid]
        gets.update(ticked - was_ticked)
        loses.update(was_ticked - ticked)
        into.update([portfolio] if portfolio != was_in else [])
    return [
        *(Change("gets", label, clients) for label, clients in gets.items()),
        *(Change("loses", label, clients) for label, clients in loses.items()),
        *(Change("comes into", name, clients) for name, clients in into.items()),
    ]


def masks(uid: UUID) -> tuple[int, int]:
    return Enrolment.objects.values_list("services", "notices").get(uid=uid)


def test_services_are_added_where_the_regime_has_them(cast: Cast) -> None:
    employer, independent = cast.enrol(EMPLOYER).uid, cast.enrol(INDEPENDENT).uid
    came = done(cast, Wish(on=Selection(DSN | 1, 0b10)))
    assert (came.changed, came.same, came.gone) == (2, 0, 0)
    assert masks(employer) == (0b101 | DSN, 0b11)
    assert masks(independent) == (0b101, 0b11)


def test_services_are_removed_and_replaced(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER).uid
    done(cast, Wish(off=Selection(0b100, 0b1)))
    assert masks(uid) == (0b1, 0)
    done(cast, Wish(on=Selection(ATTESTATIONS, 0b10), off=Selection(0b111, 0b101)))
    assert masks(uid) == (ATTESTATIONS, 0b10)


def test_each_change_has_its_trace_and_its_message_and_what_is_so_already_none(cast: Cast) -> None:
    changed, same = cast.enrol(EMPLOYER).uid, cast.enrol(INDEPENDENT).uid
    done(cast, Wish(on=Selection(ATTESTATIONS, 0)), enrolments=[same])
    events, messages = Event.objects.count(), Message.objects.count()
    came = done(cast, Wish(on=Selection(ATTESTATIONS, 0)))
    assert (came.changed, came.same) == (1, 1)
    assert came.left == ((INDEPENDENT.name, INDEPENDENT.regime, BulkRow.Outcome.SAME),)
    assert (Event.objects.count(), Message.objects.count()) == (events + 1, messages + 1)
    event = Event.objects.filter(chain=cast.firm_a.pk).order_by("-seq")[0]
    assert (event.verb, event.subject) == ("enrolment.changed", f"enrolment:{changed}")
    assert event.before["services"] == ["dpae", "declaration-cotisations"]
    assert event.after["services"] == ["dpae", "declaration-cotisations", "attestations"]
    message = Message.objects.order_by("-pk")[0]
    assert message.recipient == EMPLOYER.email
    assert "Cabinet Alder" in message.body
    assert "/contester/" in message.body


def test_clients_are_moved_and_are_not_told(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    messages = Message.objects.count()
    done(cast, Wish(portfolio_id=cast.independents.pk))
    assert Enrolment.objects.get(uid=uid).portfolio == cast.independents
    assert Message.objects.count() == messages
    event = Event.objects.get(verb="enrolment.moved")
    assert event.after == {"portfolio": str(cast.independents.uid)}
    assert {tally.portfolio_id: tally.number for tally in Tally.objects.order_by("pk") if tally.number} == {
        cast.independents.pk: 1
    }


def test_clients_are_terminated_together_and_come_back_together(cast: Cast) -> None:
    uids = {cast.enrol(client).uid for client in (EMPLOYER, INDEPENDENT, STRUCK_OFF)}
    came = done(cast, Wish(ends=True), filters=Filters(account_state=AccountState.STRUCK_OFF))
    assert came.ended == 1
    came = done(cast, Wish(ends=True))
    assert (came.ended, came.undoable) == (2, True)
    assert not Enrolment.objects.filter(ended_at=None).exists()
    restored = undo_termination(access=cast.access("alice"), ending=came.uid)
    assert isinstance(restored, Restored)
    assert len(restored.uids) == 2
    assert set(restored.uids) < uids
    assert Event.objects.filter(verb="enrolment.restored").count() == 2


def test_drawing_up_and_looking_change_no_client(cast: Cast) -> None:
    cast.enrol(EMPLOYER)
    before = rows()
    drawn = draw_up(access=cast.access("alice"), wish=Wish(ends=True), filters=Filters())
    assert report(cast, drawn.uid).ended == 1
    after = rows()
    assert {name for name in after if after[name] != before[name]} == {"enrolments_bulkact", "enrolments_bulkrow"}


def test_what_was_looked_at_is_what_is_done(cast: Cast) -> None:
    """A client added after the look is left alone; one that ended meanwhile is left out."""
    cast.enrol(EMPLOYER)
    gone = cast.enrol(INDEPENDENT).uid
    drawn = draw_up(access=cast.access("alice"), wish=Wish(ends=True), filters=Filters())
    late = cast.enrol(MANAGER).uid
    terminate(access=cast.access("alice"), enrolments=[gone])
    assert report(cast, drawn.uid).gone == 1
    assert confirm(access=cast.access("alice"), uid=drawn.uid)
    assert (report(cast, drawn.uid).ended, report(cast, drawn.uid).gone) == (1, 1)
    assert Enrolment.objects.get(uid=late).ended_at is None


def test_confirming_twice_does_it_once(cast: Cast) -> None:
    cast.enrol(EMPLOYER)
    drawn = draw_up(access=cast.access("alice"), wish=Wish(ends=True), filters=Filters())
    assert confirm(access=cast.access("alice"), uid=drawn.uid)
    before = rows()
    assert not confirm(access=cast.access("alice"), uid=drawn.uid)
    assert rows() == before


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_a_draft_is_its_members_alone(cast: Cast, who: str) -> None:
    cast.enrol(EMPLOYER)
    drawn = draw_up(access=cast.access("alice"), wish=Wish(ends=True), filters=Filters())
    before = rows()
    assert report_of(cast.access(who), drawn.uid) is None
    assert not confirm(access=cast.access(who), uid=drawn.uid)
    assert report_of(cast.access("alice"), uuid4()) is None
    assert rows() == before


def test_foreign_and_hidden_clients_are_simply_not_there(cast: Cast) -> None:
    mine = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    hidden = cast.enrol(STRUCK_OFF, portfolio=cast.independents).uid
    foreign = cast.enrol(INDEPENDENT, who="charlie").uid
    chosen = [hidden, foreign, mine, uuid4()]
    assert draw_up(access=cast.access("bob"), wish=Wish(ends=True), enrolments=chosen).total == 1
    drawn = draw_up_each(access=cast.access("bob"), wishes=[(uid, Wish(ends=True)) for uid in chosen])
    assert drawn.total == 1


def test_who_may_only_look_changes_nothing(cast: Cast) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    came = done(cast, Wish(on=Selection(ATTESTATIONS, 0), ends=False), "rita")
    assert (came.changed, came.gone) == (0, 1)
    assert done(cast, Wish(ends=True), "rita").gone == 1


def test_a_narrowed_right_changes_its_service_and_nothing_else(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    came = done(cast, Wish(on=Selection(ATTESTATIONS | 1 << 4, 0b10), off=Selection(1, 1)), "nina")
    assert came.changed == 1
    assert masks(uid) == (0b101 | ATTESTATIONS, 0b1)
    assert done(cast, Wish(ends=True), "nina").gone == 1
    assert done(cast, Wish(portfolio_id=cast.independents.pk), "nina").gone == 1


def test_a_portfolio_that_is_not_the_members_is_not_moved_to(cast: Cast) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    for portfolio in (cast.independents, cast.portfolio_b):
        drawn = draw_up(access=cast.access("bob"), wish=Wish(portfolio_id=portfolio.pk), filters=Filters())
        assert report(cast, drawn.uid, "bob").gone == 1
        assert confirm(access=cast.access("bob"), uid=drawn.uid)
        assert report(cast, drawn.uid, "bob").gone == 1
    assert Enrolment.objects.get().portfolio == cast.employers


def test_an_act_whose_portfolio_is_removed_comes_to_its_end(cast: Cast) -> None:
    """The rows stay, as clients left aside: an act that lost its last rows would never be done."""
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    access = cast.access("alice")
    wish = Wish(portfolio_id=cast.independents.pk)
    drafted = draw_up(access=access, wish=wish, filters=Filters())
    drawn = draw_up(access=access, wish=wish, filters=Filters())
    BulkAct.objects.filter(uid=drawn.uid).update(state=BulkAct.State.RUNNING, due_at=timezone.now())
    assert remove_portfolio(access=access, portfolio=cast.independents.uid, destination=None) == Done()
    assert work_due() == 1
    for uid, state in ((drafted.uid, BulkAct.State.DRAFT), (drawn.uid, BulkAct.State.DONE)):
        found = report(cast, uid)
        assert (found.state, found.total, found.gone) == (state, 1, 1)
    assert Enrolment.objects.get().portfolio == cast.employers


def test_rights_are_asked_again_when_it_is_done(cast: Cast) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    drawn = draw_up(access=cast.access("bob"), wish=Wish(ends=True), filters=Filters())
    PortfolioGrant.objects.filter(member__user=cast.users["bob"]).update(level="view")
    assert confirm(access=cast.access("bob"), uid=drawn.uid)
    assert report(cast, drawn.uid, "bob").gone == 1
    assert Enrolment.objects.get().ended_at is None


def test_a_wish_for_each(cast: Cast) -> None:
    first, second = cast.enrol(EMPLOYER).uid, cast.enrol(INDEPENDENT).uid
    drawn = draw_up_each(
        access=cast.access("alice"), wishes=[(second, Wish(ends=True)), (first, Wish(on=Selection(2, 0)))]
    )
    assert confirm(access=cast.access("alice"), uid=drawn.uid)
    found = report(cast, drawn.uid)
    assert (found.changed, found.ended) == (1, 1)
    assert masks(first) == (0b111, 1)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 40)
    monkeypatch.setattr(bulk, "AT_ONCE", 50)


@pytest.mark.usefixtures("small_chunks")
def test_many_are_left_to_the_worker_who_goes_on_where_another_stopped(cast: Cast) -> None:
    access = cast.access("alice")
    more_clients(access, 130)
    drawn = draw_up(access=access, wish=Wish(on=Selection(ATTESTATIONS, 0)), filters=Filters())
    assert confirm(access=access, uid=drawn.uid)
    seen = []
    while work_due():
        found = report(cast, drawn.uid)
        seen.append((found.done, found.changed, found.state))
    running, finished = BulkAct.State.RUNNING, BulkAct.State.DONE
    assert seen == [(40, 40, running), (80, 80, running), (120, 120, running), (130, 130, finished)]
    assert Event.objects.filter(verb="enrolment.changed").count() == Message.objects.count() == 130
    assert work_due() == 0


@pytest.mark.usefixtures("small_chunks")
def test_a_chunk_that_fails_leaves_no_trace_and_is_done_by_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = cast.access("alice")
    more_clients(access, 60)
    drawn = draw_up(access=access, wish=Wish(ends=True), filters=Filters())
    confirm(access=access, uid=drawn.uid)
    assert work_due() == 40
    before = rows()

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("portefeuille.enrolments.telling.tell_clients", dies)
        with pytest.raises(KeyboardInterrupt):
            work_off(BulkAct.objects.get().pk)
    assert rows() == before
    work_off(BulkAct.objects.get().pk)
    assert report(cast, drawn.uid).ended == 60
    assert Message.objects.count() == 60


@pytest.mark.usefixtures("small_chunks")
def test_a_silent_worker_is_taken_over_and_a_busy_one_is_not(cast: Cast) -> None:
    access = cast.access("alice")
    more_clients(access, 60)
    drawn = draw_up(access=access, wish=Wish(ends=True), filters=Filters())
    confirm(access=access, uid=drawn.uid)
    BulkAct.objects.update(due_at="2999-01-01T00:00:00Z")  # a worker is at it
    assert work_due() == 0
    BulkAct.objects.update(due_at="2020-01-01T00:00:00Z")  # and was, long ago
    assert work_due() == 40


@pytest.mark.django_db(transaction=True)
def test_two_acts_that_move_and_end_across_each_other_are_both_done(committed_cast: Cast) -> None:
    """One moves from a portfolio in which the other ends, and the other way round: both want the tallies of both."""
    cast, access = committed_cast, committed_cast.access("alice")
    first, second = (Portfolio.objects.create(firm=cast.firm_a, name=name) for name in ("Un", "Deux"))
    access = cast.access("alice")
    more_clients(access, 4)
    uids = list(Enrolment.objects.order_by("pk").values_list("uid", flat=True))
    Enrolment.objects.filter(uid__in=uids[:2]).update(portfolio=first)
    Enrolment.objects.filter(uid__in=uids[2:]).update(portfolio=second)
    for moved, to, ended in ((uids[0], cast.employers, uids[2]), (uids[3], cast.independents, uids[1])):
        draw_up_each(access=access, wishes=[(moved, Wish(portfolio_id=to.pk)), (ended, Wish(ends=True))])
    BulkAct.objects.update(state=BulkAct.State.RUNNING, due_at=timezone.now())
    written: list[str] = []

    def wait_for_the_other(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, values, many, context)
        if "UPDATE enrolments_enrolment" in sql:
            written.append(sql)
            until_somebody_waits_or(lambda: len(written) > 1)
        return answer

    def work(act_id: int) -> int:
        with connection.execute_wrapper(wait_for_the_other):
            return work_off(act_id)

    with Crew(2) as crew:
        acts = BulkAct.objects.order_by("pk").values_list("pk", flat=True)
        assert crew.together([partial(work, act_id) for act_id in acts]) == [2, 2]
    assert list(Enrolment.objects.order_by("pk").values_list("portfolio__name", "state")) == [
        (cast.employers.name, "active"),
        ("Un", "terminated"),
        ("Deux", "terminated"),
        (cast.independents.name, "active"),
    ]
    assert sum(tally.number for tally in Tally.objects.order_by("pk")) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
def test_workers_at_one_act_do_each_client_once(committed_cast: Cast) -> None:
    access = committed_cast.access("alice")
    more_clients(access, 200)
    drawn = draw_up(access=access, wish=Wish(ends=True), filters=Filters())
    confirm(access=access, uid=drawn.uid)
    act_id = BulkAct.objects.get().pk
    failures: list[BaseException] = []

    def work() -> None:
        try:
            work_off(act_id)
        except BaseException as failure:  # noqa: BLE001 - told by the test
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert report(committed_cast, drawn.uid).ended == 200
    assert Message.objects.count() == Event.objects.filter(verb="enrolment.terminated").count() == 200


def test_more_clients_are_no_more_statements(cast: Cast) -> None:
    access = cast.access("alice")
    catalogue()
    counts = []
    for number in (20, 100, 300):
        more_clients(access, number)
        with CaptureQueriesContext(connection) as captured:
            drawn = draw_up(access=access, wish=Wish(on=Selection(1 << (number % 9), 0)), filters=Filters())
            report_of(access, drawn.uid)
            confirm(access=access, uid=drawn.uid)
        counts.append(len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]))
    assert len(set(counts)) == 1


def test_old_drafts_are_forgotten(cast: Cast) -> None:
    cast.enrol(EMPLOYER)
    access = cast.access("alice")
    draw_up(access=access, wish=Wish(ends=True), filters=Filters())
    BulkAct.objects.update(created_at="2020-01-01T00:00:00Z")
    draw_up(access=access, wish=Wish(ends=True), filters=Filters())
    assert (BulkAct.objects.count(), BulkRow.objects.count()) == (1, 1)
