"""Enrolments repeat the register, and follow it after each feed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portefeuille.audit.models import Event
from portefeuille.enrolments.actions import terminate
from portefeuille.enrolments.following import follow_register
from portefeuille.enrolments.models import Enrolment, Tally
from portefeuille.enrolments.queries import Filters, clients, situation
from portefeuille.firms.models import Firm
from portefeuille.registry.models import Account, AccountState, Company, Establishment, Regime
from tests.cast import CLIENTS, EMPLOYER, MANAGER, STRUCK_OFF, Cast, CastClient, register
from tests.enrolments.books import assert_the_books_balance


def follow() -> int:
    return follow_register(
        sirens=[client.siren for client in CLIENTS if client.siren],
        account_numbers=[client.account for client in CLIENTS if not client.siren],
    )


def found(cast: Cast, text: str, who: str = "alice") -> set[str]:
    return {row.name for row in clients(cast.access(who), Filters(text=text)).rows}


def test_nothing_new_changes_nothing(cast: Cast) -> None:
    for client in CLIENTS:
        cast.enrol(client)
    assert follow() == 0
    assert follow_register(sirens=[], account_numbers=[]) == 0
    assert follow_register(sirens=["", "000000000"], account_numbers=["", "1"]) == 0


def test_a_new_name_is_shown_sorted_and_found(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER).uid
    Company.objects.filter(siren=EMPLOYER.siren).update(name="Ânerie & Œufs")
    assert follow() == 1
    assert follow() == 0
    enrolment = Enrolment.objects.get(uid=uid)
    assert (enrolment.name, enrolment.name_key) == ("Ânerie & Œufs", "anerie oeufs")
    assert found(cast, "œufs ANERIE") == {"Ânerie & Œufs"}
    assert found(cast, "Œuvrard") == set()


def test_a_name_that_folding_lengthens_still_fits(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER).uid
    Company.objects.filter(siren=EMPLOYER.siren).update(name="Œ" * 240 + " fin")
    assert follow() == 1
    assert Enrolment.objects.get(uid=uid).name_key == "oe" * 125
    assert found(cast, "fin") == {"Œ" * 240 + " fin"}


def test_a_manager_without_siren_is_followed_by_account_number(cast: Cast) -> None:
    uid = cast.enrol(MANAGER).uid
    Account.objects.filter(number=MANAGER.account).update(holder="Jeanne d'Ornano", town="Brive", postcode="19100")
    assert follow() == 1
    enrolment = Enrolment.objects.get(uid=uid)
    assert (enrolment.name, enrolment.town, enrolment.postcode) == ("Jeanne d'Ornano", "Brive", "19100")


@pytest.mark.parametrize(
    ("state", "expected"),
    [(AccountState.STRUCK_OFF, (2, 2, 0)), (AccountState.SUSPENDED, (2, 1, 1)), (AccountState.ACTIVE, (2, 1, 0))],
)
def test_a_new_state_moves_the_tallies(cast: Cast, state: AccountState, expected: tuple[int, int, int]) -> None:
    cast.enrol(EMPLOYER)
    cast.enrol(STRUCK_OFF)
    Account.objects.filter(number=EMPLOYER.account).update(state=state)
    assert follow() == (0 if state is AccountState.ACTIVE else 1)
    counts = situation(cast.access("alice"))
    assert (counts.clients, counts.struck_off, counts.suspended) == expected
    assert {row.account_state for row in clients(cast.access("alice"), Filters()).rows} == {state, "radie"}
    assert_the_books_balance()


def told(firm: Firm) -> list[tuple[str, str, str, str]]:
    """Firm by firm, what the feeds wrote in its journal: verb, subject, before, after."""
    events = Event.objects.filter(chain=firm.pk, actor="feed:register").order_by("seq")
    return [
        (event.verb, event.subject, event.before["account_state"], event.after["account_state"]) for event in events
    ]


def test_each_firm_reads_once_in_its_journal_what_became_of_the_account(cast: Cast) -> None:
    ours, theirs = cast.enrol(EMPLOYER).uid, cast.enrol(EMPLOYER, who="charlie").uid
    other = cast.enrol(MANAGER).uid
    Account.objects.filter(number=EMPLOYER.account).update(state=AccountState.STRUCK_OFF)
    Account.objects.filter(number=MANAGER.account).update(state=AccountState.SUSPENDED, holder="Autre")
    follow()
    follow()
    assert sorted(told(cast.firm_a)) == [
        ("enrolment.account_struck_off", f"enrolment:{ours}", "actif", "radie"),
        ("enrolment.account_suspended", f"enrolment:{other}", "actif", "suspendu"),
    ]
    assert told(cast.firm_b) == [("enrolment.account_struck_off", f"enrolment:{theirs}", "actif", "radie")]
    Account.objects.update(state=AccountState.ACTIVE)
    follow()
    assert told(cast.firm_b)[1:] == [("enrolment.account_active", f"enrolment:{theirs}", "radie", "actif")]
    Company.objects.filter(siren=EMPLOYER.siren).update(name="Autre")
    follow()
    assert len(told(cast.firm_b)) == 2
    assert_the_books_balance()


def test_the_account_of_a_new_establishment_is_covered_and_found(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER).uid
    new = CastClient(
        EMPLOYER.name, Regime.GENERAL, EMPLOYER.siren, "117000003333333333", "73282932000082",
        amount="55.55", due=EMPLOYER.due, state=AccountState.SUSPENDED,
    )  # fmt: skip
    register(new)
    Establishment.objects.filter(siret=new.siret).update(is_head_office=False, sign="Aux Délices de l'Isle")
    assert found(cast, new.account) == set()
    assert follow() == 1
    enrolment = Enrolment.objects.get(uid=uid)
    assert (enrolment.accounts, enrolment.siret, enrolment.account_state) == (2, EMPLOYER.siret, "actif")
    for text in (new.account, f"000{new.account}", "delices isle", new.siret):
        assert found(cast, text) == {EMPLOYER.name}, text


def test_every_firm_that_has_the_client_follows(cast: Cast) -> None:
    cast.enrol(EMPLOYER)
    cast.enrol(EMPLOYER, who="charlie")
    Account.objects.filter(number=EMPLOYER.account).update(state=AccountState.STRUCK_OFF)
    assert follow() == 2
    assert [situation(cast.access(who)).struck_off for who in ("alice", "charlie")] == [1, 1]


def test_what_has_ended_keeps_what_it_was(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER).uid
    terminate(access=cast.access("alice"), enrolments=[uid])
    Company.objects.filter(siren=EMPLOYER.siren).update(name="Autre")
    assert follow() == 0
    assert Enrolment.objects.get(uid=uid).name == EMPLOYER.name
    assert not Tally.objects.exclude(number=0).exists()


def test_a_client_that_vanished_from_the_register_stays_as_it_was(cast: Cast) -> None:
    uid = cast.enrol(MANAGER).uid
    Account.objects.filter(number=MANAGER.account).delete()
    assert follow() == 0
    assert Enrolment.objects.get(uid=uid).name == MANAGER.name


def test_following_leaves_what_the_firm_and_the_client_decided(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER).uid
    kept = ("services", "notices", "state", "created_at", "contested_at", "portfolio_id", "uid")
    Enrolment.objects.filter(uid=uid).update(state="contested", contested_at=timezone.now() - timedelta(days=1))
    before = Enrolment.objects.filter(uid=uid).values(*kept).get()
    Company.objects.filter(siren=EMPLOYER.siren).update(name="Autre")
    assert follow() == 1
    assert Enrolment.objects.filter(uid=uid).values(*kept).get() == before
