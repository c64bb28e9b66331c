"""Templates: kept by administrators, one default for each regime, never two of one name."""

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from portefeuille.audit.models import Event
from portefeuille.catalogue.models import DefaultTemplate, SelectionTemplate
from portefeuille.catalogue.selection import Selection
from portefeuille.catalogue.templates import (
    Kept,
    NameTaken,
    NoTemplate,
    default_for,
    keep_template,
    remove_template,
    templates,
)
from portefeuille.registry.models import Regime
from tests.cast import Cast
from tests.web.reading import rows

PAYROLL = Selection(0b1101, 0b11)


def keep(cast: Cast, name: str = "Paie", who: str = "alice", **more: Any) -> Any:
    return keep_template(access=cast.access(who), name=name, **{"selection": PAYROLL, **more})


def made(cast: Cast, name: str = "Paie", **more: Any) -> UUID:
    result = keep(cast, name, **more)
    assert isinstance(result, Kept)
    return result.uid


def test_a_template_is_kept_changed_and_removed_with_its_traces(cast: Cast) -> None:
    uid = made(cast, defaults=[Regime.GENERAL])
    assert made(cast, "Paie complète", uid=uid, selection=Selection(1, 0)) == uid
    (template,) = templates(cast.access("bob"))
    assert (template.uid, template.name, template.selection) == (uid, "Paie complète", Selection(1, 0))
    assert template.defaults == (Regime.GENERAL,)  # not said: left
    assert remove_template(access=cast.access("alice"), uid=uid)
    assert templates(cast.access("alice")) == []
    events = Event.objects.filter(subject=f"template:{uid}").order_by("seq")
    assert [event.verb for event in events] == ["template.kept", "template.kept", "template.removed"]
    assert events[1].before["name"] == "Paie"
    assert events[1].after == {"name": "Paie complète", "services": ["dpae"], "notices": [], "defaults": ["RG"]}


def test_a_regime_has_the_default_that_was_said_last(cast: Cast) -> None:
    made(cast, "Un", defaults=[Regime.GENERAL, Regime.LIBERAL])
    second = made(cast, "Deux", defaults=[Regime.GENERAL])
    known = templates(cast.access("alice"))
    assert [(one.name, one.defaults) for one in known] == [("Deux", (Regime.GENERAL,)), ("Un", (Regime.LIBERAL,))]
    found = default_for(known, Regime.GENERAL)
    assert found is not None
    assert found.uid == second
    assert default_for(known, Regime.CRAFT_TRADE) is None
    made(cast, "Deux", uid=second, defaults=[])
    assert default_for(templates(cast.access("alice")), Regime.GENERAL) is None


@pytest.mark.parametrize("name", ["Paie", "paie", "PAIE"])
def test_another_of_the_name_is_refused_and_changes_nothing(cast: Cast, name: str) -> None:
    made(cast)
    other = made(cast, "Autre")
    before = rows()
    assert keep(cast, name, selection=Selection(1, 1)) == NameTaken()
    assert keep(cast, name, uid=other) == NameTaken()
    assert rows() == before


def test_what_is_so_already_is_not_traced_again(cast: Cast) -> None:
    uid = made(cast, defaults=[Regime.GENERAL])
    before = rows()
    assert keep(cast) == Kept(uid, nothing_new=True)  # a double click
    assert keep(cast, uid=uid) == Kept(uid, nothing_new=True)
    assert rows() == before
    assert made(cast, "paie", uid=uid) == uid  # its own name in another case is not taken
    assert rows() != before


@pytest.mark.parametrize("who", ["bob", "rita", "charlie"])
def test_nobody_else_keeps_or_removes_one(cast: Cast, who: str) -> None:
    uid = made(cast)
    before = rows()
    assert keep(cast, "Paie", who, uid=uid) == NoTemplate()
    assert not remove_template(access=cast.access(who), uid=uid)
    if who != "charlie":
        assert keep(cast, "Neuf", who) == NoTemplate()
    assert rows() == before


def test_unknown_ones_are_not_there(cast: Cast) -> None:
    before = rows()
    assert keep(cast, uid=uuid4()) == NoTemplate()
    assert not remove_template(access=cast.access("alice"), uid=uuid4())
    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_make_one_default_and_one_of_a_name(committed_cast: Cast) -> None:
    access = committed_cast.access("alice")
    results: list[object] = []

    def act(bits: int) -> None:
        try:
            results.append(
                keep_template(access=access, name="Paie", selection=Selection(bits, 0), defaults=[Regime.GENERAL])
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=[bits]) for bits in (1, 2, 4, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(result).__name__ for result in results) == ["Kept", "NameTaken", "NameTaken", "NameTaken"]
    assert SelectionTemplate.objects.count() == DefaultTemplate.objects.count() == 1
