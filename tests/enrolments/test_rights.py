"""Rights narrowed to some services, and clients reserved for some members: held by the verbs, whoever calls (R10)."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.utils import timezone

from portefeuille.audit.models import Event
from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.enrolments import queries
from portefeuille.enrolments.actions import change, enrol, terminate, undo_termination
from portefeuille.enrolments.last_changes import last_changes
from portefeuille.enrolments.models import Enrolment, EstablishmentChoice, OnlyFor
from portefeuille.enrolments.queries import Filters
from portefeuille.enrolments.results import (
    AlreadyEnrolled,
    Changed,
    ChangedMeanwhile,
    Enrolled,
    Gone,
    NotRestored,
    Restored,
)
from portefeuille.enrolments.sharing import Restricted, UnknownMember, open_to_all, restrict
from portefeuille.firms.models import PortfolioGrant
from portefeuille.outbox.models import Message
from portefeuille.registry.models import Account, Establishment, Regime
from tests.cast import EMPLOYER, INDEPENDENT, Cast
from tests.web.reading import rows


def bit(code: str) -> int:
    return 1 << next(entry.bit for entry in catalogue().services if entry.code == code)


@pytest.fixture
def attestations() -> int:
    return bit("attestations")


def test_a_narrowed_right_changes_its_services_and_leaves_the_others(cast: Cast, attestations: int) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid  # services 0b101, notices 0b1
    nina = cast.access("nina")
    everything = Selection((1 << 10) - 1, (1 << 7) - 1)
    assert change(access=nina, enrolment=uid, selection=everything, seen=Selection()) == Changed()
    row = Enrolment.objects.get(uid=uid)
    assert (row.services, row.notices) == (0b101 | attestations, 0b1)
    event = Event.objects.get(verb="enrolment.changed")
    assert set(event.after["services"]) - set(event.before["services"]) == {"attestations"}
    nothing = change(access=nina, enrolment=uid, selection=Selection(), seen=Selection(attestations))
    assert nothing == Changed()
    row.refresh_from_db()
    assert (row.services, row.notices) == (0b101, 0b1)


def test_what_a_narrowed_member_does_not_see_is_no_change_meanwhile(cast: Cast, attestations: int) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    seen = queries.client(cast.access("nina"), uid)
    assert seen is not None
    assert seen.shown == Selection()
    change(access=cast.access("bob"), enrolment=uid, selection=Selection(0b111, 0b11), seen=Selection(0b101, 0b1))
    nina = cast.access("nina")
    assert change(access=nina, enrolment=uid, selection=Selection(attestations), seen=seen.shown) == Changed()
    again = change(access=nina, enrolment=uid, selection=Selection(), seen=seen.shown)
    assert again == ChangedMeanwhile(Selection(attestations))
    assert Enrolment.objects.get(uid=uid).services == 0b111 | attestations


def test_a_narrowed_right_is_held_for_an_establishment_too(cast: Cast, attestations: int) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    first = Account.objects.get(number=EMPLOYER.account)
    Establishment.objects.create(siret="73282932000082", siren=EMPLOYER.siren)
    Account.objects.create(
        number="117000003333333333", shown_number="117000003333333333", regime=Regime.GENERAL, organisation="117",
        siren=EMPLOYER.siren, siret="73282932000082", holder=first.holder, town=first.town, state=first.state,
    )  # fmt: skip
    wished = Selection((1 << 10) - 1, (1 << 7) - 1)
    result = change(
        access=cast.access("nina"), enrolment=uid, selection=wished, seen=Selection(), siret="73282932000082"
    )
    assert result == Changed()
    choice = EstablishmentChoice.objects.get()
    assert (choice.services, choice.notices) == (0b101 | attestations, 0b1)
    assert Enrolment.objects.get(uid=uid).services == 0b101


def test_a_narrowed_right_enrols_with_its_services_only(cast: Cast, attestations: int) -> None:
    nina = cast.access("nina")
    result = enrol(
        access=nina,
        portfolio_id=cast.employers.pk,
        subject=EMPLOYER.subject,
        proof=EMPLOYER.proof,
        selection=Selection(0b101 | attestations, 0b1),
        address="192.0.2.1",
    )
    assert isinstance(result, Enrolled)
    row = Enrolment.objects.get(uid=result.uid)
    assert (row.services, row.notices) == (attestations, 0)


def test_who_manages_some_services_ends_and_restores_nobody(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    nina = cast.access("nina")
    before = rows()
    assert terminate(access=nina, enrolments=[uid]).uids == ()
    assert rows() == before
    ending = terminate(access=cast.access("bob"), enrolments=[uid]).ending
    before = rows()
    assert isinstance(undo_termination(access=nina, ending=ending), NotRestored)
    assert rows() == before
    assert isinstance(undo_termination(access=cast.access("bob"), ending=ending), Restored)


def test_a_right_that_was_widened_counts_at_the_next_request(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    PortfolioGrant.objects.filter(member=cast.access("nina").member_id).update(services=None)
    assert terminate(access=cast.access("nina"), enrolments=[uid]).uids == (uid,)


# --- Reserved clients ---------------------------------------------------------------------------------------------


@pytest.fixture
def reserved(cast: Cast) -> Enrolled:
    """A client in «Employeurs» for Bob's eyes, and administrators'."""
    enrolled = cast.enrol(EMPLOYER, portfolio=cast.employers)
    result = restrict(access=cast.access("alice"), enrolment=enrolled.uid, members=[cast.access("bob").member_uid])
    assert result == Restricted()
    return enrolled


def sees(cast: Cast, who: str, enrolled: Enrolled) -> bool:
    """Whether a member meets the client anywhere: all reads say the same."""
    access = cast.access(who)
    everywhere = {
        queries.client(access, enrolled.uid) is not None,
        bool(queries.clients(access, Filters()).rows),
        bool(queries.clients(access, Filters()).total),
        bool(queries.clients(access, Filters(text="boulangerie")).rows),
        bool(queries.clients(access, Filters(text="ou")).rows),
        bool(queries.uids(access, Filters(), 10)),
        bool(queries.clients_by_uid(access, [enrolled.uid])),
        bool(queries.situation(access).clients),
        bool(last_changes(access)),
        queries.enrolled_regimes(access, EMPLOYER.siren)[EMPLOYER.regime][1],
    }
    assert len(everywhere) == 1, (who, everywhere)
    return everywhere.pop()


def test_a_reserved_client_is_seen_by_those_named_and_administrators(cast: Cast, reserved: Enrolled) -> None:
    assert [sees(cast, who, reserved) for who in ("alice", "bob", "rita", "nina")] == [True, True, False, False]
    assert open_to_all(access=cast.access("alice"), enrolment=reserved.uid) == Restricted()
    assert all(sees(cast, who, reserved) for who in ("alice", "bob", "rita", "nina"))
    assert not OnlyFor.objects.exists()


def test_being_named_gives_no_portfolio(cast: Cast, reserved: Enrolled) -> None:
    PortfolioGrant.objects.filter(member=cast.access("bob").member_id).delete()
    access = cast.access("bob")
    assert queries.client(access, reserved.uid) is None
    assert queries.clients(access, Filters()).total == 0
    assert queries.situation(access).clients == 0


def test_nobody_acts_on_a_client_reserved_for_others(cast: Cast, reserved: Enrolled) -> None:
    PortfolioGrant.objects.filter(member=cast.access("nina").member_id).update(services=None)
    nina = cast.access("nina")
    before = rows()
    assert change(access=nina, enrolment=reserved.uid, selection=Selection(), seen=Selection(0b101, 0b1)) == Gone()
    assert terminate(access=nina, enrolments=[reserved.uid]).uids == ()
    assert restrict(access=nina, enrolment=reserved.uid, members=[nina.member_uid]) == Gone()
    assert open_to_all(access=nina, enrolment=reserved.uid) == Gone()
    assert rows() == before
    ending = terminate(access=cast.access("bob"), enrolments=[reserved.uid]).ending
    before = rows()
    assert undo_termination(access=nina, ending=ending) == NotRestored(too_late=False)
    assert rows() == before
    assert undo_termination(access=cast.access("bob"), ending=ending) == Restored((reserved.uid,))
    assert not sees(cast, "rita", reserved)  # it comes back as reserved as it was


def test_a_second_add_of_a_reserved_client_shows_no_link(cast: Cast, reserved: Enrolled) -> None:
    answers = {}
    for who in ("bob", "nina"):
        answers[who] = enrol(
            access=cast.access(who),
            portfolio_id=cast.employers.pk,
            subject=EMPLOYER.subject,
            proof=EMPLOYER.proof,
            selection=Selection(),
            address="192.0.2.1",
        )
    assert answers == {
        "bob": AlreadyEnrolled(reserved.uid, visible=True),
        "nina": AlreadyEnrolled(reserved.uid, visible=False),
    }


def test_reserving_is_traced_once_and_tells_nobody(cast: Cast, reserved: Enrolled) -> None:
    alice, bob = cast.access("alice"), str(cast.access("bob").member_uid)
    told = Message.objects.count()
    traced = Event.objects.filter(verb="enrolment.restricted")
    assert [(event.before, event.after) for event in traced] == [({"only_for": None}, {"only_for": [bob]})]
    before = rows()
    again = restrict(access=alice, enrolment=reserved.uid, members=[cast.access("bob").member_uid])
    assert again == Restricted(nothing_new=True)
    assert rows() == before
    assert restrict(access=alice, enrolment=reserved.uid, members=[]) == Restricted()
    assert open_to_all(access=alice, enrolment=reserved.uid) == Restricted()
    assert [(event.before["only_for"], event.after["only_for"]) for event in traced.order_by("seq")] == [
        (None, [bob]),
        ([bob], []),
        ([], None),
    ]
    assert Message.objects.count() == told


def test_only_members_at_work_in_the_firm_can_be_named(cast: Cast, reserved: Enrolled) -> None:
    alice = cast.access("alice")
    left = cast.access("nina")
    cast.users["nina"].memberships.update(active=False)
    before = rows()
    for stranger in (cast.access("charlie").member_uid, uuid4(), left.member_uid):
        both = [cast.access("bob").member_uid, stranger]
        assert restrict(access=alice, enrolment=reserved.uid, members=both) == UnknownMember()
    other = cast.enrol(INDEPENDENT, who="charlie").uid
    before = rows()
    assert restrict(access=alice, enrolment=other, members=[]) == Gone()
    assert restrict(access=cast.access("charlie"), enrolment=reserved.uid, members=[]) == Gone()
    bob = replace(cast.access("bob"))
    assert restrict(access=bob, enrolment=reserved.uid, members=[bob.member_uid]) == Gone()
    assert rows() == before


# --- The state that an undo brings back ---------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["active", "contested", "pending"])
def test_an_undo_brings_back_the_state_that_it_was_in(cast: Cast, state: str) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    until = timezone.now() if state == "pending" else None
    contested = timezone.now() if state == "contested" else None
    Enrolment.objects.filter(uid=uid).update(state=state, asked_until=until, contested_at=contested)
    bob = cast.access("bob")
    ending = terminate(access=bob, enrolments=[uid]).ending
    assert queries.client(bob, uid) is None
    assert isinstance(undo_termination(access=bob, ending=ending), Restored)
    row = Enrolment.objects.get(uid=uid)
    assert (row.state, row.asked_until, row.contested_at, row.ended_from) == (state, until, contested, "")
