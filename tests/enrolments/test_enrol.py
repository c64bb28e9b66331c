"""Adding a client: the three proofs, the wall, and what is written."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portefeuille.audit.models import Event
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments.actions import change, enrol, terminate, undo_termination
from portefeuille.enrolments.models import Enrolment, Tally
from portefeuille.enrolments.proving import Proof
from portefeuille.enrolments.results import AlreadyEnrolled, Enrolled, Gone, NotAllowed, NotProved, Restored
from portefeuille.outbox.models import Message
from portefeuille.registry.models import Account, Regime
from portefeuille.registry.queries import Subject
from portefeuille.throttling import budgets
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, REGULATED, STRUCK_OFF, Cast, CastClient


def attempt(
    cast: Cast, client: CastClient, proof: Proof | None = None, who: str = "alice", **changes: object
) -> object:
    access = cast.access(who)
    arguments = {
        "access": access,
        "portfolio_id": access.managed_ids[0] if access.managed_ids else cast.employers.pk,
        "subject": client.subject,
        "proof": proof or client.proof,
        "selection": Selection(0b11, 0b1),
        "address": "192.0.2.7",
        **changes,
    }
    return enrol(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("client", [EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, REGULATED, MANAGER, STRUCK_OFF])
def test_the_right_facts_add_the_client_with_its_trace_and_its_message(cast: Cast, client: CastClient) -> None:
    result = attempt(cast, client)
    assert isinstance(result, Enrolled)
    enrolment = Enrolment.objects.get(uid=result.uid)
    assert (enrolment.regime, enrolment.siren, enrolment.account_number) == (
        client.regime,
        client.subject.siren,
        client.subject.account_number,
    )
    assert (enrolment.name, enrolment.account_state, enrolment.state) == (client.name, client.state, "active")
    event = Event.objects.get(verb="enrolment.added")
    assert event.subject == f"enrolment:{result.uid}"
    assert event.actor == cast.access("alice").actor
    assert event.after["services"] == ["dpae", "dpae-service-plus"]
    message = Message.objects.get()
    assert message.channel == ("email" if client.email else "letter")
    assert message.recipient == client.email
    assert "Cabinet Alder" in message.body
    assert client.name not in message.body
    assert client.account not in message.body
    assert Tally.objects.get().number == 1


def test_a_wrong_fact_adds_nothing_and_is_audited(cast: Cast) -> None:
    result = attempt(cast, EMPLOYER, Proof(EMPLOYER.account, "0.01"))
    assert result == NotProved(remaining=2)
    assert not Enrolment.objects.exists()
    assert not Message.objects.exists()
    event = Event.objects.get(verb="enrolment.refused")
    assert event.subject == "siren:732829320"
    assert event.after == {"regime": "RG", "locked": False}


def test_the_refusal_of_a_bare_account_number_does_not_name_it_in_the_trail(cast: Cast) -> None:
    attempt(cast, MANAGER, Proof(MANAGER.account, "0.01"))
    assert MANAGER.account not in Event.objects.get(verb="enrolment.refused").subject


def unknown_account() -> CastClient:
    return CastClient("", Regime.MAJORITY_MANAGER, "", "999000000000000001", amount="10.00")


@pytest.mark.parametrize(
    ("client", "proof"),
    [
        (EMPLOYER, Proof(EMPLOYER.account, "0.01")),  # right number, wrong amount
        (EMPLOYER, Proof("117000000000000001", EMPLOYER.amount)),  # number of nobody, right amount
        (EMPLOYER, Proof(STRUCK_OFF.account, EMPLOYER.amount)),  # somebody else's number
        (STRUCK_OFF, Proof(STRUCK_OFF.account, "0.01")),
        (REGULATED, Proof(REGULATED.account, "0.01")),
        (MANAGER, Proof(MANAGER.account, "0.01")),
        (unknown_account(), Proof("999000000000000001", "10.00")),
    ],
)
def test_every_failure_is_one_answer_after_the_same_work(cast: Cast, client: CastClient, proof: Proof) -> None:
    with CaptureQueriesContext(connection) as reference:
        expected = attempt(cast, EMPLOYER, Proof("5", "5.00"), who="charlie")
    with CaptureQueriesContext(connection) as work:
        assert attempt(cast, client, proof) == expected == NotProved(remaining=2)
    assert len(work) == len(reference)


def test_a_locked_client_gets_the_same_answer_and_the_same_work_with_the_right_facts(cast: Cast) -> None:
    for remaining in (2, 1, 0):
        with CaptureQueriesContext(connection) as failed:
            assert attempt(cast, EMPLOYER, Proof(EMPLOYER.account, "0.01")) == NotProved(remaining=remaining)
    with CaptureQueriesContext(connection) as locked:
        assert attempt(cast, EMPLOYER) == NotProved(remaining=0)
    assert len(locked) == len(failed)
    assert not Enrolment.objects.exists()
    assert Event.objects.filter(verb="enrolment.refused").count() == 4


def functions_called(act: Callable[[], object]) -> Counter[str]:
    """Every function of the program that ``act`` calls, and how often: what the clock would tell, without a clock."""
    called: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and "portefeuille" in frame.f_code.co_filename:
            called[frame.f_code.co_qualname] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return called


def test_no_function_more_runs_for_the_right_facts_of_a_locked_client(cast: Cast) -> None:
    wrong = Proof(EMPLOYER.account, "1.23")
    for _ in range(4):
        attempt(cast, EMPLOYER, wrong)
    locked = functions_called(lambda: attempt(cast, EMPLOYER, wrong))
    assert functions_called(lambda: attempt(cast, EMPLOYER)) == locked
    assert sum(locked.values()) > 20


def test_a_lock_is_the_firms_own(cast: Cast) -> None:
    for _ in range(3):
        attempt(cast, EMPLOYER, Proof("117000000000000001", "0.01"))  # not the account's number: locks the pair only
    assert isinstance(attempt(cast, EMPLOYER, who="charlie"), Enrolled)


def test_wrong_facts_with_the_right_number_lock_the_account_for_all_firms(cast: Cast, settings: object) -> None:
    for _ in range(3):
        attempt(cast, EMPLOYER, Proof(EMPLOYER.account, "0.01"))
    for _ in range(2):
        attempt(cast, EMPLOYER, Proof(EMPLOYER.account, "0.01"), who="charlie")
    # Refused with the right facts, and told what any failure is told: nothing betrays that others have tried.
    assert attempt(cast, EMPLOYER, who="charlie") == NotProved(remaining=0)


def test_a_lock_ends_with_its_window(cast: Cast) -> None:
    for _ in range(3):
        attempt(cast, EMPLOYER, Proof("1", "0.01"))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE throttling_budget"
            " SET failures = ARRAY(SELECT at - interval '24 hours 1 second' FROM unnest(failures) at)"
        )
    assert isinstance(attempt(cast, EMPLOYER), Enrolled)


def test_successes_spend_nothing(cast: Cast) -> None:
    attempt(cast, EMPLOYER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM throttling_budget")
        assert cursor.fetchone() == (0,)


def test_an_employer_proves_any_one_of_its_establishments(cast: Cast) -> None:
    other = CastClient(
        "Boulangerie Œuvrard", Regime.GENERAL, "732829320", "117000001111111111", "73282932000082",
        amount="55.55", due=EMPLOYER.due,
    )  # fmt: skip
    from tests.cast import register

    register(other)
    # The other account's number with the first one's amount proves nothing.
    assert isinstance(attempt(cast, EMPLOYER, Proof(other.account, EMPLOYER.amount)), NotProved)
    result = attempt(cast, EMPLOYER, other.proof)
    assert isinstance(result, Enrolled)
    assert Enrolment.objects.get(uid=result.uid).accounts == 2


def test_a_second_add_tells_where_the_client_is(cast: Cast) -> None:
    first = cast.enrol(EMPLOYER, portfolio=cast.employers)
    assert attempt(cast, EMPLOYER, who="bob") == AlreadyEnrolled(first.uid, visible=True)
    assert Enrolment.objects.count() == 1
    assert Event.objects.filter(verb="enrolment.added").count() == 1


def test_a_second_add_does_not_open_a_portfolio_that_was_not_given(cast: Cast) -> None:
    first = cast.enrol(INDEPENDENT, portfolio=cast.independents)
    assert attempt(cast, INDEPENDENT, who="bob") == AlreadyEnrolled(first.uid, visible=False)


def test_two_firms_may_have_one_client(cast: Cast) -> None:
    cast.enrol(EMPLOYER)
    assert isinstance(attempt(cast, EMPLOYER, who="charlie"), Enrolled)


def test_who_may_only_look_adds_nothing(cast: Cast) -> None:
    assert attempt(cast, EMPLOYER, who="rita") == NotAllowed()
    assert not Enrolment.objects.exists()


def test_a_foreign_portfolio_is_refused(cast: Cast) -> None:
    assert attempt(cast, EMPLOYER, portfolio_id=cast.portfolio_b.pk) == NotAllowed()
    assert attempt(cast, EMPLOYER, who="bob", portfolio_id=cast.independents.pk) == NotAllowed()


def test_a_terminated_client_comes_back_within_fifteen_minutes_only(cast: Cast) -> None:
    access = cast.access("alice")
    uid = cast.enrol(EMPLOYER).uid
    ended = terminate(access=access, enrolments=[uid])
    assert ended.uids == (uid,)
    assert undo_termination(access=access, ending=ended.ending) == Restored((uid,))
    ended = terminate(access=access, enrolments=[uid])
    enrolment = Enrolment.objects.get(uid=uid)
    enrolment.ended_at -= settings.UNDO_WINDOW
    enrolment.save()
    result = undo_termination(access=access, ending=ended.ending)
    assert not isinstance(result, Restored)
    assert result.too_late
    assert Enrolment.objects.get(uid=uid).state == "terminated"


def test_terminating_counts_tells_and_traces(cast: Cast) -> None:
    cast.enrol(STRUCK_OFF)
    uid = cast.enrol(EMPLOYER).uid
    terminate(access=cast.access("alice"), enrolments=[uid])
    assert Event.objects.get(verb="enrolment.terminated").subject == f"enrolment:{uid}"
    assert {(t.account_state, t.number) for t in Tally.objects.all()} == {("actif", 0), ("radie", 1)}
    assert Message.objects.filter(subject="Un cabinet n'agit plus pour vous").count() == 1


def test_nobody_terminates_for_another_firm_or_with_the_right_to_look(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    other = cast.enrol(INDEPENDENT, portfolio=cast.independents).uid
    for who in ("charlie", "rita"):
        assert terminate(access=cast.access(who), enrolments=[uid, other]).uids == ()
    assert terminate(access=cast.access("bob"), enrolments=[uid, other]).uids == (uid,)


def test_the_account_that_vanishes_before_the_proof_is_a_failed_proof(cast: Cast) -> None:
    Account.objects.filter(number=EMPLOYER.account).delete()
    assert attempt(cast, EMPLOYER) == NotProved(remaining=2)


def test_a_subject_is_a_siren_or_a_number() -> None:
    with pytest.raises(ValueError, match="subject"):
        Subject(Regime.GENERAL)


def test_the_key_of_a_form_answers_for_its_own_client_only(cast: Cast) -> None:
    key = UUID("00000000-0000-4000-8000-000000000001")
    first = attempt(cast, EMPLOYER, form_key=key)
    assert attempt(cast, EMPLOYER, form_key=key) == Enrolled(first.uid, again=True)  # type: ignore[attr-defined]
    other = attempt(cast, INDEPENDENT, form_key=key)
    assert isinstance(other, Enrolled)
    assert not other.again
    assert Enrolment.objects.count() == 2


def test_an_account_whose_regime_changed_is_still_the_same_client(cast: Cast) -> None:
    first = attempt(cast, MANAGER)
    Account.objects.filter(number=MANAGER.account).update(regime=Regime.REGULATED_LIBERAL)
    changed = replace(MANAGER, regime=Regime.REGULATED_LIBERAL)
    assert attempt(cast, changed) == AlreadyEnrolled(first.uid, visible=True)  # type: ignore[attr-defined]


def test_an_establishment_of_somebody_else_gets_no_choice_of_its_own(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER).uid
    seen = Selection(0b101, 0b1)
    result = change(
        access=cast.access("alice"), enrolment=uid, selection=Selection(1, 1), seen=seen, siret=STRUCK_OFF.siret
    )
    assert result == Gone()


def test_an_account_locked_by_others_looks_like_any_wrong_proof(cast: Cast) -> None:
    budget = budgets.key_of("account", EMPLOYER.account.encode().hex())
    for _ in range(5):  # as five failures of five other firms
        with transaction.atomic():
            budgets.attempt({"account": (budget, settings.PROOF_BUDGETS["account"])}, failed=True)
    assert attempt(cast, EMPLOYER) == NotProved(remaining=2)
    assert attempt(cast, EMPLOYER, Proof(EMPLOYER.account, "0.01")) == NotProved(remaining=1)
    assert not Enrolment.objects.exists()
