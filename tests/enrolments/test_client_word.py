"""The client's word: each act from each state, the rule for new firms, the delay, and what the firm is told."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from portefeuille.audit.models import Event
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import client_word, for_client
from portefeuille.enrolments.actions import enrol, terminate
from portefeuille.enrolments.client_word import (
    Answer,
    Done,
    NotTheirs,
    Speaker,
    TooLate,
    by_link,
    expire_due,
    set_rule,
)
from portefeuille.enrolments.decisions import decisions, mark_read
from portefeuille.enrolments.models import ClientRule, Decision, Enrolment, OnlyFor
from portefeuille.enrolments.proving import Proof
from portefeuille.enrolments.results import AlreadyEnrolled, Asked, Closed, Enrolled, FormUsed, NotProved
from portefeuille.firms.models import Member
from portefeuille.firms.telling import tell_administrators
from portefeuille.outbox.models import Message
from tests.cast import CLIENTS, EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, Cast, CastClient
from tests.enrolments.books import assert_the_books_balance
from tests.throttling.together import Crew
from tests.web.reading import rows

Rule = ClientRule.Rule
CARL = Speaker(actor="client:00000000-0000-4000-8000-00000000000c", siren=EMPLOYER.siren)
OTHER = Speaker(actor="client:00000000-0000-4000-8000-00000000000d", siren=INDEPENDENT.siren)
ACTS: dict[str, Callable[..., Answer]] = {
    "confirm": client_word.confirm,
    "refuse": client_word.refuse,
    "contest": client_word.contest,
    "withdraw": client_word.withdraw_contest,
    "end": client_word.end,
}
#: What each act makes of each state; an act that is not here is too late.
BECOMES = {
    ("pending", "confirm"): "active",
    ("pending", "refuse"): "refused",
    ("active", "contest"): "contested",
    ("active", "end"): "terminated",
    ("contested", "withdraw"): "active",
    ("contested", "end"): "terminated",
}
#: What is said again, and was so.
AGAIN = {("active", "confirm"), ("active", "withdraw"), ("contested", "contest"), ("refused", "refuse"),
         ("terminated", "end")}  # fmt: skip


def add(cast: Cast, client: CastClient = EMPLOYER, who: str = "alice", **changes: Any) -> Any:
    access = cast.access(who)
    arguments = {
        "access": access,
        "portfolio_id": cast.portfolio_b.pk if who == "charlie" else cast.employers.pk,
        "subject": client.subject,
        "proof": client.proof,
        "selection": Selection(0b101, 0b1),
        "address": "192.0.2.7",
        **changes,
    }
    return enrol(**arguments)


def put_into(cast: Cast, state: str) -> UUID:
    """An enrolment of ``EMPLOYER`` in a state, by the verbs."""
    if state in ("pending", "refused"):
        set_rule(speaker=CARL, rule=Rule.ASK)
    uid: UUID = add(cast).uid
    if state == "contested":
        client_word.contest(speaker=CARL, enrolment=uid)
    elif state == "refused":
        client_word.refuse(speaker=CARL, enrolment=uid)
    elif state == "terminated":
        client_word.end(speaker=CARL, enrolment=uid)
    assert Enrolment.objects.get(uid=uid).state == state
    return uid


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", ["pending", "active", "contested", "refused", "terminated"])
def test_each_act_from_each_state(cast: Cast, state: str, act: str) -> None:
    uid = put_into(cast, state)
    before = rows()
    answer = ACTS[act](speaker=CARL, enrolment=uid)
    becomes = BECOMES.get((state, act))
    if becomes is None:
        assert answer == (Done(again=True) if (state, act) in AGAIN else TooLate(state))
        assert rows() == before
        return
    assert answer == Done()
    kept = Enrolment.objects.get(uid=uid)
    assert kept.state == becomes
    assert (kept.ended_by, kept.ended_at is None) == (
        ("client", False) if becomes in ("refused", "terminated") else ("", True)
    )
    event = Event.objects.order_by("-pk")[0]
    assert (event.actor, event.subject, event.chain) == (CARL.actor, f"enrolment:{uid}", cast.firm_a.pk)
    assert (event.before, event.after) == ({"state": state}, {"state": becomes})
    assert_the_books_balance()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", ["pending", "active", "contested"])
def test_another_client_changes_nothing(cast: Cast, state: str, act: str) -> None:
    uid = put_into(cast, state)
    before = rows()
    for speaker in (OTHER, by_link(uuid4()), Speaker(actor="client:x", account_number=EMPLOYER.account)):
        assert ACTS[act](speaker=speaker, enrolment=uid) == NotTheirs()
    assert ACTS[act](speaker=CARL, enrolment=uuid4()) == NotTheirs()
    assert rows() == before


def test_the_link_of_a_message_speaks_for_its_enrolment_only(cast: Cast) -> None:
    uid, other = add(cast).uid, add(cast, LIBERAL_SAME_SIREN).uid
    assert client_word.contest(speaker=by_link(uid), enrolment=other) == NotTheirs()
    assert client_word.contest(speaker=by_link(uid), enrolment=uid) == Done()


def test_a_client_without_siren_speaks_for_the_account(cast: Cast) -> None:
    uid = add(cast, MANAGER).uid
    speaker = Speaker(actor="client:m", account_number=MANAGER.account)
    assert client_word.end(speaker=speaker, enrolment=uid) == Done()
    assert [acting.uid for acting in for_client.firms_acting(speaker)] == [uid]
    assert for_client.firms_acting(CARL) == []


# --- the rule for new firms ---------------------------------------------------------------------------------------


def test_whoever_wants_to_say_yes_is_asked(cast: Cast) -> None:
    assert set_rule(speaker=CARL, rule=Rule.ASK)
    key = uuid4()
    asked = add(cast, form_key=key)
    assert isinstance(asked, Asked)
    kept = Enrolment.objects.get(uid=asked.uid)
    assert kept.state == "pending"
    assert timedelta(days=13) < kept.asked_until - timezone.now() < timedelta(days=22)  # type: ignore[operator]
    message = Message.objects.get()
    assert (message.subject, message.recipient) == ("Un cabinet attend votre accord", EMPLOYER.email)
    assert add(cast, form_key=key) == Asked(asked.uid, again=True)
    assert add(cast) == AlreadyEnrolled(asked.uid, visible=True)
    assert_the_books_balance()


def test_whoever_takes_no_new_firm_gets_none(cast: Cast) -> None:
    here = add(cast).uid
    set_rule(speaker=CARL, rule=Rule.CLOSED)
    assert Enrolment.objects.get(uid=here).state == "active"
    told = Message.objects.count()
    assert add(cast, who="charlie") == Closed()
    assert add(cast) == AlreadyEnrolled(here, visible=True)
    assert Enrolment.objects.count() == 1
    assert Message.objects.count() == told
    event = Event.objects.get(verb="enrolment.refused")
    assert (event.subject, event.after) == (f"siren:{EMPLOYER.siren}", {"regime": "RG", "closed": True})


@pytest.mark.parametrize("rule", Rule)
def test_a_wrong_proof_learns_nothing_of_the_rule(cast: Cast, rule: Rule) -> None:
    set_rule(speaker=CARL, rule=rule)
    assert add(cast, proof=Proof(EMPLOYER.account, "0.01")) == NotProved(remaining=2)


def test_the_rule_holds_for_every_regime_of_the_siren_and_for_no_other(cast: Cast) -> None:
    set_rule(speaker=CARL, rule=Rule.CLOSED)
    assert add(cast, LIBERAL_SAME_SIREN) == Closed()
    assert isinstance(add(cast, INDEPENDENT), Enrolled)
    set_rule(speaker=Speaker(actor="client:m", account_number=MANAGER.account), rule=Rule.ASK)
    assert isinstance(add(cast, MANAGER), Asked)


def test_the_rule_is_changed_once_and_traced_without_an_account_number(cast: Cast) -> None:
    speaker = Speaker(actor="client:m", account_number=MANAGER.account)
    assert not set_rule(speaker=speaker, rule=Rule.OPEN)
    assert set_rule(speaker=speaker, rule=Rule.CLOSED)
    assert not set_rule(speaker=speaker, rule=Rule.CLOSED)
    event = Event.objects.get(verb="client.rule_changed")
    assert (event.chain, event.before, event.after) == (0, {"rule": "open"}, {"rule": "closed"})
    assert MANAGER.account not in event.subject
    assert for_client.rule_of(speaker) is Rule.CLOSED
    assert for_client.rule_of(CARL) is Rule.OPEN


@pytest.mark.parametrize("act", ["end", "contest"])
def test_whoever_was_shown_the_door_asks_before_coming_back(cast: Cast, act: str) -> None:
    uid = add(cast).uid
    ACTS[act](speaker=CARL, enrolment=uid)
    terminate(access=cast.access("alice"), enrolments=[uid])
    assert isinstance(add(cast, who="charlie"), Enrolled), "only the firm that was shown the door"
    again = add(cast)
    assert isinstance(again, Asked)
    client_word.refuse(speaker=CARL, enrolment=again.uid)
    again = add(cast)
    assert isinstance(again, Asked)
    client_word.confirm(speaker=CARL, enrolment=again.uid)
    terminate(access=cast.access("alice"), enrolments=[again.uid])
    assert isinstance(add(cast), Enrolled), "the client let it in again"


def test_a_form_whose_request_was_refused_is_used(cast: Cast) -> None:
    set_rule(speaker=CARL, rule=Rule.ASK)
    key = uuid4()
    client_word.refuse(speaker=CARL, enrolment=add(cast, form_key=key).uid)
    assert add(cast, form_key=key) == FormUsed(EMPLOYER.subject)


# --- the delay ----------------------------------------------------------------------------------------------------


def long_ago(uid: UUID) -> None:
    Enrolment.objects.filter(uid=uid).update(asked_until=timezone.now() - timedelta(seconds=1))


def test_a_request_without_an_answer_is_closed_and_both_are_told(cast: Cast) -> None:
    set_rule(speaker=CARL, rule=Rule.ASK)
    uid, other = add(cast).uid, add(cast, LIBERAL_SAME_SIREN).uid
    assert expire_due() == 0
    long_ago(uid)
    assert expire_due() == 1
    assert expire_due() == 0
    kept = Enrolment.objects.get(uid=uid)
    assert (kept.state, kept.ended_by) == ("refused", "delay")
    assert Enrolment.objects.get(uid=other).state == "pending"
    assert Event.objects.get(verb="enrolment.expired").actor == "worker:expiry"
    assert Message.objects.filter(recipient=EMPLOYER.email, subject="La demande d'un cabinet est close").count() == 1
    assert Message.objects.filter(recipient="rita@alder.example").count() == 1
    assert_the_books_balance()
    assert isinstance(add(cast), Asked), "it may ask again"


def test_a_yes_after_the_last_instant_comes_too_late(cast: Cast) -> None:
    set_rule(speaker=CARL, rule=Rule.ASK)
    uid = add(cast).uid
    long_ago(uid)
    for act in ("confirm", "refuse"):
        assert ACTS[act](speaker=CARL, enrolment=uid) == TooLate("pending")
    assert Enrolment.objects.get(uid=uid).state == "pending"


# --- what the firm reads ------------------------------------------------------------------------------------------


def test_a_decision_is_read_once_by_whoever_sees_the_client(cast: Cast) -> None:
    client_word.contest(speaker=CARL, enrolment=add(cast).uid)
    for who in ("alice", "bob", "rita", "nina"):
        assert [d.kind for d in decisions(cast.access(who), unread_only=True)] == ["contested"]
    assert decisions(cast.access("charlie")) == []
    decision = Decision.objects.get()
    assert mark_read(access=cast.access("charlie"), decision=decision.uid) == 0
    assert mark_read(access=cast.access("rita"), decision=decision.uid) == 1
    assert mark_read(access=cast.access("alice")) == 0
    assert Decision.objects.get().read_by == Member.objects.get(user=cast.users["rita"])
    assert decisions(cast.access("alice"), unread_only=True) == []
    assert len(decisions(cast.access("alice"))) == 1


def test_a_decision_about_a_hidden_client_is_told_to_those_who_see_it(cast: Cast) -> None:
    hidden, restricted = add(cast, portfolio_id=cast.independents.pk).uid, add(cast, LIBERAL_SAME_SIREN).uid
    row = Enrolment.objects.get(uid=restricted)
    Enrolment.objects.filter(pk=row.pk).update(restricted=True)
    OnlyFor.objects.create(enrolment=row, member=Member.objects.get(user=cast.users["bob"]))
    for uid in (hidden, restricted):
        client_word.contest(speaker=CARL, enrolment=uid)
    seen = {who: {d.enrolment for d in decisions(cast.access(who))} for who in ("alice", "bob", "rita", "nina")}
    assert seen == {"alice": {hidden, restricted}, "bob": {restricted}, "rita": set(), "nina": set()}
    assert mark_read(access=cast.access("rita")) == 0
    told = Message.objects.filter(subject="Un client conteste une inscription").order_by("pk")
    assert sorted(told.values_list("recipient", flat=True)) == [
        "alice@alder.example", "alice@alder.example", "bob@alder.example"
    ]  # fmt: skip


def test_a_closed_identifier_is_told_nothing_any_more(cast: Cast) -> None:
    enrolled = add(cast).uid
    cast.users["bob"].is_active = False
    cast.users["bob"].save()
    client_word.contest(speaker=CARL, enrolment=enrolled)
    told = Message.objects.filter(subject="Un client conteste une inscription")
    assert "alice@alder.example" in told.values_list("recipient", flat=True)
    assert not told.filter(recipient="bob@alder.example").exists()
    administrators = Member.objects.filter(user=cast.users["bob"])
    administrators.update(role=Member.Role.ADMINISTRATOR)
    tell_administrators(cast.firm_a.pk, "Un essai", "member_left", path="/")
    assert set(Message.objects.filter(subject="Un essai").values_list("recipient", flat=True)) == {
        "alice@alder.example"
    }


# --- what the client reads ----------------------------------------------------------------------------------------


def test_the_client_reads_what_every_firm_did(cast: Cast) -> None:
    ours = add(cast).uid
    theirs = add(cast, who="charlie").uid
    add(cast, INDEPENDENT)
    client_word.contest(speaker=CARL, enrolment=theirs)
    terminate(access=cast.access("alice"), enrolments=[ours])
    acting = for_client.firms_acting(CARL)
    assert [(one.firm, one.state, one.live, one.ender) for one in acting] == [
        ("Bureau Bouleau", "contested", True, ""),
        ("Cabinet Alder", "terminated", False, "le cabinet"),
    ]
    found, more = for_client.acts(CARL)
    assert not more
    assert [(act.firm, act.verb) for act in found] == [
        ("Cabinet Alder", "enrolment.terminated"),
        ("Bureau Bouleau", "enrolment.contested"),
        ("Bureau Bouleau", "enrolment.added"),
        ("Cabinet Alder", "enrolment.added"),
    ]
    older, _ = for_client.acts(CARL, before=found[1].place)
    assert older == found[2:]
    assert for_client.acts(CARL, enrolment=ours)[0] == [found[0], found[3]]
    assert for_client.firm_acting(OTHER, ours) is None
    assert for_client.acts(OTHER, enrolment=ours) == ([], False)


# --- in the same second -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("acts", [("confirm", "refuse"), ("contest", "end"), ("withdraw", "end")])
def test_client_and_firm_at_once(committed_cast: Cast, acts: tuple[str, str]) -> None:
    from tests.enrolments.test_races import start_again

    state = {"confirm": "pending", "contest": "active", "withdraw": "contested"}[acts[0]]
    access = committed_cast.access("alice")
    with Crew(9) as crew:
        for _ in range(6):
            start_again()
            ClientRule.objects.all().delete()
            uid = put_into(committed_cast, state)
            said = [partial(ACTS[act], speaker=CARL, enrolment=uid) for act in acts for _ in range(3)]
            results = crew.together([*said, *[partial(terminate, access=access, enrolments=[uid])] * 3])
            answers, ended = results[:6], results[6:]
            assert all(isinstance(answer, Done | TooLate) for answer in answers), results
            final = Enrolment.objects.get()
            by_firm = sum(len(result.uids) for result in ended)
            done = [answer for answer in answers if answer == Done()]
            # Whoever says that they did it did it: one event each, and the last of them is what is.
            words = Event.objects.filter(actor=CARL.actor, subject=f"enrolment:{uid}").count()
            assert words == len(done) + (state == "contested")
            assert by_firm == (final.ended_by == "firm")
            assert final.ended_at is not None
            assert_the_books_balance()


def test_several_workers_close_each_request_once(committed_cast: Cast) -> None:
    for client in CLIENTS:
        speaker = Speaker(actor="client:x", siren=client.siren, account_number=client.subject.account_number)
        set_rule(speaker=speaker, rule=Rule.ASK)
        long_ago(add(committed_cast, client).uid)
    told = Message.objects.count()
    with Crew(4) as crew:
        results = crew.together([expire_due] * 4)
    assert sum(results) == len(CLIENTS), results
    assert Event.objects.filter(verb="enrolment.expired").count() == len(CLIENTS)
    assert Message.objects.count() == told + len(CLIENTS) * 5
    assert_the_books_balance()


def test_a_yes_in_the_instant_of_the_delay(committed_cast: Cast) -> None:
    from tests.enrolments.test_races import start_again

    with Crew(6) as crew:
        for _ in range(6):
            start_again()
            ClientRule.objects.all().delete()
            uid = put_into(committed_cast, "pending")
            Enrolment.objects.update(asked_until=timezone.now() + timedelta(milliseconds=8))
            yes = partial(client_word.confirm, speaker=CARL, enrolment=uid)
            results = crew.together([yes, yes, yes, expire_due, expire_due, expire_due])
            expire_due()
            state = Enrolment.objects.get().state
            if Done() in results[:3]:
                assert state == "active"
                assert sum(results[3:]) == 0
            else:
                assert state in ("refused", "pending")
            assert_the_books_balance()
