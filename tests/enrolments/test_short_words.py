"""One or two letters: found anywhere in a name like longer words, and counted less far."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from portefeuille.enrolments.models import Enrolment
from portefeuille.enrolments.queries import (
    _RARE,
    _SAMPLE,
    COUNTED_SHORT_HITS,
    PAGE_SIZE,
    Filters,
    clients,
)
from portefeuille.firms.access import Access
from portefeuille.registry.models import Regime
from tests.cast import Cast


def add(access: Access, names: list[str]) -> None:
    first = Enrolment.objects.count()
    Enrolment.objects.bulk_create(
        Enrolment(
            uid=uuid4(),
            firm_id=access.firm_id,
            portfolio_id=access.managed_ids[0],
            regime=Regime.GENERAL,
            siren=f"{number:09d}",
            created_at=timezone.now() - timedelta(days=number),
            created_by_id=access.member_id,
            name=name,
            name_key=name,
            search=f"{name} {number:09d}",
        )
        for number, name in enumerate(names, start=first)
    )


def test_two_letters_are_found_inside_a_name(cast: Cast) -> None:
    access = cast.access("alice")
    add(access, ["bazkor", "zkami", "bakery", "quick"])
    page = clients(access, Filters(text="zk"))
    assert [row.name for row in page.rows] == ["bazkor", "zkami"]
    assert (page.total, page.more) == (2, False)
    assert [row.name for row in clients(access, Filters(text="zk bazkor")).rows] == ["bazkor"]


def test_many_hits_of_two_letters_are_walked_in_order_and_counted_up_to_the_limit(cast: Cast) -> None:
    access = cast.access("alice")
    add(access, [f"zk {number:04d}" for number in reversed(range(COUNTED_SHORT_HITS))])
    last = clients(access, Filters(text="zk", page=COUNTED_SHORT_HITS // PAGE_SIZE))
    assert (last.total, last.more, last.has_next) == (COUNTED_SHORT_HITS, False, False)
    add(access, ["aa zk"])
    first = clients(access, Filters(text="zk"))
    assert (first.total, first.more, first.has_next) == (COUNTED_SHORT_HITS, True, True)
    assert [row.name for row in first.rows] == ["aa zk", *(f"zk {number:04d}" for number in range(PAGE_SIZE - 1))]
    assert clients(access, Filters(text="zk0", page=1)).total == 0
    beyond = clients(access, Filters(text="zk", page=COUNTED_SHORT_HITS // PAGE_SIZE + 1))
    assert [row.name for row in beyond.rows] == [f"zk {COUNTED_SHORT_HITS - 1:04d}"]


def test_two_letters_are_found_after_every_character_that_can_stand_before_them(cast: Cast) -> None:
    access = cast.access("alice")
    names = ["zk", "a zk", "zk b", *(f"x{before}zk" for before in "0123456789abcdefghijklmnopqrstuvwxyz")]
    add(access, [*names, "z k", "kz"])
    page = clients(access, Filters(text="zk"))
    assert {row.name for row in page.rows} == set(names)
    assert (page.total, page.more) == (len(names), False)
    assert [row.name for row in clients(access, Filters(text="zk xq")).rows] == ["xqzk"]


def test_rare_and_common_letters_give_the_same_answer(cast: Cast) -> None:
    """What is rare among the latest clients is looked up, what is common is come upon: nobody can tell."""
    access = cast.access("alice")
    add(access, [f"zk {number:04d}" for number in range(_RARE - 1)])
    add(access, [f"bakery {number:04d}" for number in range(_SAMPLE)])
    rare = clients(access, Filters(text="zk"))
    assert (rare.total, rare.more) == (_RARE - 1, False)
    Enrolment.objects.filter(name__startswith="zk").update(created_at=timezone.now() + timedelta(days=1))
    add(access, ["zk again"])
    Enrolment.objects.filter(name="zk again").update(created_at=timezone.now() + timedelta(days=1))
    common = clients(access, Filters(text="zk"))
    assert [row.name for row in common.rows] == [*(row.name for row in rare.rows), "zk again"]
    assert (common.total, common.more) == (_RARE, False)
