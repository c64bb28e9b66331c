"""The letter route: a code asked for, and the enrolment that it opens."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portefeuille.audit.models import Event
from portefeuille.enrolments import client_word
from portefeuille.enrolments.client_word import Speaker, set_rule
from portefeuille.enrolments.letters import CodeAsked, NoMoreCodes, ask_code
from portefeuille.enrolments.models import ClientRule, Enrolment
from portefeuille.enrolments.proving import CodeProof, Proof
from portefeuille.enrolments.results import AlreadyEnrolled, Asked, Closed, Enrolled, NotProved
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.posted_codes.models import CodeRequest, PostedCode
from portefeuille.posted_codes.requests import answer_due
from portefeuille.registry.models import ProofFact, Regime
from portefeuille.registry.queries import Subject
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, STRUCK_OFF, Cast, CastClient
from tests.enrolments.test_client_word import CARL, add


def code_for(cast: Cast, client: CastClient, who: str = "alice") -> str:
    """The code that the client reads in the letter."""
    assert ask_code(access=cast.access(who), subject=client.subject) == CodeAsked()
    answer_due()
    letter = Message.objects.filter(channel="letter").order_by("-pk")[0]
    return text_of(letter.body, letter.secret).split("\n\n")[2].strip()


def with_code(cast: Cast, client: CastClient, code: str, account: str = "", who: str = "alice") -> Any:
    return add(cast, client, who, proof=CodeProof(account_number=account or client.account, code=code))


@pytest.mark.parametrize("client", [EMPLOYER, INDEPENDENT, MANAGER, STRUCK_OFF], ids=lambda client: client.name)
def test_the_code_of_the_letter_adds_the_client(cast: Cast, client: CastClient) -> None:
    ProofFact.objects.all().delete()  # no proof is possible
    code = code_for(cast, client)
    told = Message.objects.count()
    result = with_code(cast, client, code)
    assert isinstance(result, Enrolled)
    assert Enrolment.objects.get().state == "active"
    event = Event.objects.get(verb="enrolment.added")
    assert event.after["by"] == "code"
    assert code not in str(list(Event.objects.order_by("pk").values()))
    assert Message.objects.count() == told + 1, "the client is told as ever"


def test_the_code_works_where_the_tries_of_the_proof_are_spent(cast: Cast) -> None:
    for _ in range(4):
        add(cast, proof=Proof(EMPLOYER.account, "0.01"))
    assert add(cast) == NotProved(remaining=0)
    assert isinstance(with_code(cast, EMPLOYER, code_for(cast, EMPLOYER)), Enrolled)


def test_a_wrong_number_costs_a_try_as_a_wrong_code_does(cast: Cast) -> None:
    code = code_for(cast, EMPLOYER)
    for account, typed in (
        (EMPLOYER.account, "AAAAA-AAAAA"),
        (INDEPENDENT.account, code),
        ("999000000000000017", code),
        (LIBERAL_SAME_SIREN.account, code),
    ):
        assert with_code(cast, EMPLOYER, typed, account) == NotProved(remaining=0)
    assert PostedCode.objects.get().tries_left == 1
    assert with_code(cast, EMPLOYER, "AAAAA-AAAAA") == NotProved(remaining=0)
    assert with_code(cast, EMPLOYER, code) == NotProved(remaining=0)
    assert not Enrolment.objects.exists()
    assert Event.objects.filter(verb="enrolment.refused").count() == 6


def test_a_code_is_of_its_firm_and_its_regime(cast: Cast) -> None:
    code = code_for(cast, EMPLOYER)
    assert with_code(cast, EMPLOYER, code, who="charlie") == NotProved(remaining=0)
    assert with_code(cast, LIBERAL_SAME_SIREN, code) == NotProved(remaining=0)
    assert isinstance(with_code(cast, EMPLOYER, code), Enrolled)
    assert with_code(cast, EMPLOYER, code) == NotProved(remaining=0), "used"


def test_a_code_for_a_client_who_is_there_already(cast: Cast) -> None:
    code = code_for(cast, EMPLOYER)
    uid = add(cast).uid
    assert with_code(cast, EMPLOYER, code) == AlreadyEnrolled(uid, visible=True)


def test_the_client_who_gave_the_code_said_yes(cast: Cast) -> None:
    set_rule(speaker=CARL, rule=ClientRule.Rule.ASK)
    assert isinstance(add(cast, who="charlie"), Asked)
    uid = with_code(cast, EMPLOYER, code_for(cast, EMPLOYER)).uid
    assert Enrolment.objects.get(uid=uid).state == "active"
    client_word.end(speaker=CARL, enrolment=uid)
    PostedCode.objects.all().delete()
    assert isinstance(add(cast), Asked)


def test_a_client_who_takes_nobody_takes_nobody(cast: Cast) -> None:
    code = code_for(cast, EMPLOYER)
    set_rule(speaker=Speaker(actor="client:x", siren=EMPLOYER.siren), rule=ClientRule.Rule.CLOSED)
    assert with_code(cast, EMPLOYER, code) == Closed()


def test_the_work_is_the_same_for_a_number_that_nobody_has(cast: Cast) -> None:
    unknown = Subject(Regime.MAJORITY_MANAGER, account_number="999000000000000017")
    counts = []
    for subject in (MANAGER.subject, unknown):
        with CaptureQueriesContext(connection) as asking:
            assert ask_code(access=cast.access("alice"), subject=subject) == CodeAsked()
        client = CastClient("", Regime.MAJORITY_MANAGER, "", subject.account_number)
        with CaptureQueriesContext(connection) as trying:
            assert with_code(cast, client, "AAAAA-AAAAA") == NotProved(remaining=0)
        counts.append((len(asking), len(trying)))
    assert counts[0] == counts[1]


def test_a_firm_asks_once_a_day_about_a_client_and_is_told(cast: Cast) -> None:
    access = cast.access("alice")
    assert ask_code(access=access, subject=EMPLOYER.subject) == CodeAsked()
    assert ask_code(access=cast.access("bob"), subject=EMPLOYER.subject) == NoMoreCodes()
    assert ask_code(access=access, subject=LIBERAL_SAME_SIREN.subject) == CodeAsked()
    assert ask_code(access=cast.access("charlie"), subject=EMPLOYER.subject) == CodeAsked()
    events = Event.objects.filter(verb="enrolment.code_asked")
    assert events.count() == CodeRequest.objects.count() == 3


def test_what_other_firms_asked_is_not_told(cast: Cast, settings: Any) -> None:
    settings.CODE_BUDGETS = {**settings.CODE_BUDGETS, "code_client": [(1, 86400)]}
    ask_code(access=cast.access("charlie"), subject=MANAGER.subject)
    assert ask_code(access=cast.access("alice"), subject=MANAGER.subject) == CodeAsked()
    assert list(CodeRequest.objects.order_by("pk").values_list("code", flat=True)) == [True, False]
    assert MANAGER.account not in str(list(Event.objects.filter(verb="enrolment.code_asked").order_by("pk").values()))
