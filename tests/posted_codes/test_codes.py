"""Codes: what a request becomes, five tries, thirty days, once; and whose they are."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portefeuille.outbox.actions import CODE, text_of
from portefeuille.outbox.models import Message
from portefeuille.posted_codes import requests
from portefeuille.posted_codes.actions import ALPHABET, LENGTH, TRIES, Holder, bearer_of, parse, redeem, send, show
from portefeuille.posted_codes.models import CodeRequest, PostedCode
from portefeuille.posted_codes.requests import EMAIL_TAKES, LETTER_TAKES, answer_due, ask
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, Cast
from tests.enrolments.test_races import after_the_first
from tests.throttling.together import Crew

SPACE, ENROLMENT = PostedCode.Purpose.SPACE, PostedCode.Purpose.ENROLMENT
HOLDER = Holder(siren=EMPLOYER.siren)
CARL, OTHER = bearer_of("carl@oeuvrard.example"), bearer_of("other@example.org")


def post_code(holder: Holder = HOLDER, bearer: str = CARL, purpose: PostedCode.Purpose = SPACE) -> str:
    """A code, as its reader gets it."""
    with transaction.atomic():
        send(
            purpose=purpose,
            holder=holder,
            email="x@example.org",
            account_id=None,
            subject="s",
            body=CODE,
            bearer=bearer,
        )
    return code_of(Message.objects.order_by("-pk")[0])


def code_of(message: Message) -> str:
    return text_of(message.body, message.secret)


def try_it(code: str, bearer: str = CARL, holder: Holder = HOLDER, purpose: PostedCode.Purpose = SPACE) -> bool:
    with transaction.atomic():
        return redeem(purpose=purpose, holder=holder, code=code, bearer=bearer)


def test_a_code_is_good_once_however_it_is_typed(cast: Cast) -> None:
    code = post_code()
    assert len(parse(code)) == LENGTH
    assert set(parse(code)) <= set(ALPHABET)
    typed = f" {code[:3].lower()} {code[3:].lower().replace('0', 'o').replace('1', 'l')}\u00a0"
    assert try_it(typed)
    assert not try_it(code)
    used = PostedCode.objects.get()
    assert (used.used_at is None, used.ended_at is None) == (False, False)


def test_a_code_dies_after_five_tries_the_right_one_included(cast: Cast) -> None:
    code = post_code()
    wrong = show("0" * LENGTH)
    for _ in range(TRIES - 1):
        assert not try_it(wrong)
    assert PostedCode.objects.get().tries_left == 1
    with transaction.atomic():
        assert try_it(code)
        transaction.set_rollback(True)
    assert not try_it(wrong)
    assert not try_it(code)


def test_a_code_dies_after_thirty_days(cast: Cast) -> None:
    code = post_code()
    PostedCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not try_it(code)


@pytest.mark.parametrize(
    "other",
    [
        {"bearer": OTHER},
        {"bearer": ""},
        {"holder": Holder(siren=INDEPENDENT.siren)},
        {"holder": Holder(siren=EMPLOYER.siren, regime="RG")},
        {"holder": Holder(account_number=EMPLOYER.account)},
        {"purpose": ENROLMENT},
    ],
)
def test_a_code_is_for_its_bearer_its_client_and_its_purpose(cast: Cast, other: dict[str, Any]) -> None:
    code = post_code()
    for _ in range(TRIES + 1):
        assert not try_it(code, **other)
    assert try_it(code), "the tries of others cost it nothing"


def test_a_new_code_ends_the_one_before_of_the_same_bearer_only(cast: Cast) -> None:
    first, others, second = post_code(), post_code(bearer=OTHER), post_code()
    assert not try_it(first)
    assert try_it(others, bearer=OTHER)
    assert try_it(second)


def test_an_agent_s_code_is_good_for_whoever_holds_it(cast: Cast) -> None:
    own, agents = post_code(), post_code(bearer="")
    assert try_it(agents)
    assert not try_it(agents)
    assert try_it(own)


@pytest.mark.parametrize("typed", ["", " ", "\x00", "é" * 10, "x" * 10_000, "‮ABCDEFGHJK", "０" * 10, "<b>"])
def test_nonsense_is_a_wrong_code(cast: Cast, typed: str) -> None:
    post_code()
    assert not try_it(typed)


def test_the_work_is_the_same_whether_there_is_a_code_or_not(cast: Cast) -> None:
    post_code()
    counts = []
    for holder in (HOLDER, Holder(siren=INDEPENDENT.siren), Holder(siren="552100554")):
        with CaptureQueriesContext(connection) as work:
            assert not try_it("AAAAA-AAAAA", holder=holder)
        counts.append(len(work))
    assert len(set(counts)) == 1


def test_no_code_stands_in_a_row(cast: Cast) -> None:
    code = post_code()
    for found in (PostedCode.objects.values(), Message.objects.values()):
        assert parse(code) not in str(list(found.order_by("pk"))).replace("-", "")


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(16) as crew:
        yield crew


def test_of_many_who_send_the_right_code_at_once_one_is_taken(committed_cast: Cast, crew: Crew) -> None:
    for _ in range(4):
        code = post_code()
        assert sum(crew.together([partial(try_it, code)] * 5)) == 1


def test_of_many_wrong_codes_at_once_five_are_judged(committed_cast: Cast, crew: Crew) -> None:
    code = post_code()
    assert not any(crew.together([partial(try_it, "AAAAA-AAAAA")] * 16))
    assert not try_it(code)
    assert PostedCode.objects.get().tries_left == 0


# --- requests -----------------------------------------------------------------------------------------------------


def request(holder: Holder = HOLDER, **options: Any) -> int:
    """One request, answered; how many messages it made."""
    before = Message.objects.count()
    with transaction.atomic():
        ask(
            **{"purpose": SPACE, "holder": holder, "email": "carl@oeuvrard.example", "link": True, "code": True}
            | options
        )
    assert answer_due() == 1
    assert not CodeRequest.objects.exists()
    return Message.objects.count() - before


def test_a_request_sends_the_link_to_who_asks_and_the_code_to_the_address_of_record(cast: Cast) -> None:
    assert request() == 2
    link, code = Message.objects.order_by("pk")
    assert link.recipient == "carl@oeuvrard.example"
    assert f"/espace-client/ouvrir/{CODE}/" in link.body
    assert (code.channel, code.recipient) == ("email", EMPLOYER.email)
    assert CODE in code.body
    assert try_it(code_of(code).split("\n\n")[2])


def test_a_client_without_an_address_gets_a_letter(cast: Cast) -> None:
    assert request(Holder(siren=INDEPENDENT.siren)) == 2
    letter = Message.objects.get(channel="letter")
    assert letter.account_id is not None
    assert INDEPENDENT.account not in letter.body


def test_a_client_without_siren_is_known_by_its_account(cast: Cast) -> None:
    assert request(Holder(account_number=MANAGER.account)) == 2
    assert Message.objects.filter(recipient=MANAGER.email).count() == 1


@pytest.mark.parametrize("holder", [Holder(siren="130025265"), Holder(account_number=EMPLOYER.account)])
def test_who_is_not_known_gets_the_link_only(cast: Cast, holder: Holder) -> None:
    assert request(holder) == 1
    assert not PostedCode.objects.exists()


def test_what_the_budgets_did_not_admit_is_answered_with_nothing(cast: Cast) -> None:
    assert request(link=False, code=False) == 0
    assert request(code=False) == 1
    assert request(link=False) == 1


@pytest.mark.parametrize(("holder", "takes"), [(HOLDER, EMAIL_TAKES), (Holder(siren=INDEPENDENT.siren), LETTER_TAKES)])
def test_a_code_on_its_way_is_not_replaced(cast: Cast, holder: Holder, takes: timedelta) -> None:
    assert request(holder) == 2
    assert request(holder) == 1
    PostedCode.objects.update(created_at=timezone.now() - takes)
    assert request(holder) == 2


def test_a_firm_s_code_goes_by_letter_whatever_address_the_body_has(cast: Cast) -> None:
    holder = Holder(siren=EMPLOYER.siren, regime="RG")
    options = {"purpose": ENROLMENT, "firm_id": cast.firm_a.pk, "email": "", "link": False}
    assert request(holder, **options) == 1
    letter = Message.objects.get()
    assert (letter.channel, letter.recipient) == ("letter", "")
    assert "Cabinet Alder" in letter.body


def test_several_workers_answer_each_request_once(committed_cast: Cast, crew: Crew) -> None:
    for _ in range(12):
        with transaction.atomic():
            ask(purpose=SPACE, holder=HOLDER, email="carl@oeuvrard.example", link=True, code=False)
    assert sum(crew.together([answer_due] * 8)) == 12
    assert Message.objects.count() == 12


def test_two_workers_at_two_requests_about_one_client_send_one_code(
    committed_cast: Cast, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one waits for the first, and then sees that a code is on its way."""
    monkeypatch.setattr(requests, "_BATCH", 1)
    for _ in range(2):
        ask(purpose=SPACE, holder=HOLDER, email="carl@oeuvrard.example", code=True)
    assert after_the_first(crew, answer_due, answer_due) == [1, 1]
    assert PostedCode.objects.count() == Message.objects.count() == 1
