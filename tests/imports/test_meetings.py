"""A file and those who come across it: its member in two tabs, an administrator, the worker that clears away."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from portefeuille.enrolments.taking_over import remove_portfolio
from portefeuille.firms.results import Done as Removed
from portefeuille.imports import actions, working
from portefeuille.imports.models import Import
from portefeuille.imports.results import Done, NotNow, Received, TooMany
from tests.cast import Cast
from tests.enrolments.test_races import after_the_first
from tests.imports.journey import ADDRESS, check, content, everybody, fresh, kept, results, start, work_to_the_end
from tests.throttling.together import SECONDS, Crew


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(2) as crew:
        yield crew


@pytest.fixture
def of(committed_cast: Cast) -> Import:
    return check(committed_cast, kept(committed_cast, everybody()))


def test_a_file_that_is_started_in_one_tab_is_not_deleted_in_the_other(
    committed_cast: Cast, crew: Crew, of: Import
) -> None:
    alice = committed_cast.access("alice")
    answers = after_the_first(
        crew,
        partial(actions.start, access=alice, uid=of.uid, address=ADDRESS),
        partial(actions.delete, access=alice, uid=of.uid),
    )
    assert answers == [Done(), NotNow()]
    work_to_the_end()
    assert {told for told, _ in results(fresh(of))} == {"ajouté"}


def test_files_sent_at_once_are_not_more_than_one_can_follow(committed_cast: Cast, crew: Crew) -> None:
    for _ in range(actions.MOST_OPEN - 1):
        kept(committed_cast, everybody())
    send = partial(actions.receive, access=committed_cast.access("alice"), content=content(everybody()))
    answers = after_the_first(crew, send, send)
    assert [type(answer) for answer in answers] == [Received, TooMany]
    assert Import.objects.count() == actions.MOST_OPEN


def meanwhile(crew: Crew, held: Any, act: Any) -> Any:
    """``act`` is done from its beginning to its end while ``held`` is done and not committed."""
    begun, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            held()
            begun.set()
            assert over.wait(SECONDS)

    def come() -> Any:
        assert begun.wait(SECONDS)
        try:
            return act()
        finally:
            over.set()

    return crew.together([hold, come])[1]


def test_a_file_that_has_expired_and_is_being_started_stays(committed_cast: Cast, crew: Crew, of: Import) -> None:
    Import.objects.update(expires_at="2020-01-01T00:00:00Z")
    starting = partial(actions.start, access=committed_cast.access("alice"), uid=of.uid, address=ADDRESS)
    assert meanwhile(crew, starting, working._forget_expired) is None
    assert fresh(of).state == Import.State.RUNNING
    Import.objects.update(state=Import.State.CHECKED, expires_at="2020-01-01T00:00:00Z")
    working._forget_expired()
    assert not Import.objects.exists()


def test_a_portfolio_is_removed_without_waiting_for_the_worker_at_a_file_into_it(
    committed_cast: Cast, crew: Crew, of: Import
) -> None:
    """Who removes holds the portfolio, which the worker needs next: were it to wait for the file, neither would go."""
    alice, employers = committed_cast.access("alice"), committed_cast.employers.uid
    start(committed_cast, of)
    removal = partial(remove_portfolio, access=alice, portfolio=employers, destination=None)
    assert meanwhile(crew, lambda: Import.objects.select_for_update().get(pk=of.pk), removal) == Removed()
    work_to_the_end()
    assert {told for told, _ in results(fresh(of))} == {"non essayé"}
