"""Opening a client's space: the link and the code together, once, for whom they were sent."""

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from portefeuille.audit.models import Event
from portefeuille.contributors.access import access_of, spaces_of
from portefeuille.contributors.models import ClientSpace, SpaceHolder
from portefeuille.contributors.opening import AddressTaken, LinkSpent, Opened, TooMany, WrongCode, ask, open_space
from portefeuille.enrolments.models import ClientRule
from portefeuille.outbox.models import Message
from portefeuille.people import links
from portefeuille.people.models import Link, User
from portefeuille.posted_codes.actions import Holder, bearer_of
from portefeuille.posted_codes.models import CodeRequest, PostedCode
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, PASSWORD, Cast
from tests.posted_codes.test_codes import post_code
from tests.throttling.together import Crew
from tests.web.reading import rows

NADIA = "nadia@neuf.example"
PAYLOAD = {"siren": INDEPENDENT.siren, "account_number": ""}


def link(email: str = NADIA, **payload: str) -> str:
    return links.issue(Link.Purpose.OPEN_CLIENT_SPACE, email=email, payload={**PAYLOAD, **payload})


def code(email: str = NADIA, siren: str = INDEPENDENT.siren) -> str:
    return post_code(Holder(siren=siren), bearer_of(email))


def opened(token: str, typed: str, **options: Any) -> Any:
    return open_space(
        **{
            "token": token,
            "code": typed,
            "address": "192.0.2.9",
            "full_name": "Nadia Neuve",
            "password": PASSWORD,
            **options,
        }
    )


def test_a_new_person_opens_the_space(cast: Cast) -> None:
    token = link()
    result = opened(token, code())
    assert isinstance(result, Opened)
    assert (result.person.email, result.person.full_name) == (NADIA, "Nadia Neuve")
    assert result.person.check_password(PASSWORD)
    (space,) = spaces_of(result.person.pk)
    assert (space.space_uid, space.siren, space.name) == (result.space, INDEPENDENT.siren, INDEPENDENT.name)
    assert access_of(cast.users["carl"].pk, result.space) is None
    assert ClientRule.objects.get(siren=INDEPENDENT.siren).rule == "open"
    event = Event.objects.get(verb="client.space_opened")
    assert (event.actor, event.subject) == (space.actor, f"space:{space.space_uid}")
    assert Message.objects.filter(subject="Votre espace est ouvert", channel="letter").count() == 1
    before = rows()
    assert opened(token, code()) == LinkSpent()
    assert {name for name, now in rows().items() if now != before[name]} <= {
        "posted_codes_postedcode",
        "outbox_message",
    }


def test_a_known_person_opens_it_as_themselves(cast: Cast) -> None:
    bob = cast.users["bob"]
    result = opened(link(bob.email), code(bob.email), user=bob)
    assert isinstance(result, Opened)
    assert result.person == bob
    assert not Event.objects.filter(verb="person.opened").exists()


def test_several_people_hold_one_space_each_with_a_code(cast: Cast) -> None:
    result = opened(link(siren=EMPLOYER.siren), code(siren=EMPLOYER.siren))
    assert isinstance(result, Opened)
    assert ClientSpace.objects.count() == 1
    assert SpaceHolder.objects.count() == 2
    told = Message.objects.filter(subject="Votre espace est ouvert").order_by("pk")
    assert sorted(told.values_list("recipient", flat=True)) == ["carl@oeuvrard.example", EMPLOYER.email]


def test_a_client_without_siren(cast: Cast) -> None:
    token = link(siren="", account_number=MANAGER.account)
    result = opened(token, post_code(Holder(account_number=MANAGER.account), bearer_of(NADIA)))
    assert isinstance(result, Opened)
    (space,) = spaces_of(result.person.pk)
    assert (space.name, space.speaker.account_number) == (MANAGER.name, MANAGER.account)


@pytest.mark.parametrize("typed", ["", "AAAAA-AAAAA", "\x00", "x" * 5000])
def test_a_wrong_code_opens_nothing_and_leaves_the_link(cast: Cast, typed: str) -> None:
    token, right = link(), code()
    people, spaces = User.objects.count(), ClientSpace.objects.count()
    assert opened(token, typed) == WrongCode()
    assert (User.objects.count(), ClientSpace.objects.count()) == (people, spaces)
    assert PostedCode.objects.get().tries_left == 4
    assert isinstance(opened(token, right), Opened)


def test_a_code_sent_to_another_asker_is_wrong(cast: Cast) -> None:
    assert opened(link(), code("thief@example.org")) == WrongCode()


def test_wrong_codes_from_one_address_come_to_an_end(cast: Cast, settings: Any) -> None:
    settings.CLIENT_SPACE_BUDGETS = {**settings.CLIENT_SPACE_BUDGETS, "space_codes": [(2, 3600)]}
    token, right = link(), code()
    assert [opened(token, "AAAAA-AAAAA") for _ in range(3)] == [WrongCode(), WrongCode(), TooMany()]
    assert opened(token, right) == TooMany()
    assert isinstance(opened(token, right, address="198.51.100.1"), Opened)


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "é"])
def test_a_forged_link_opens_nothing(cast: Cast, token: str) -> None:
    before = rows()
    assert opened(token, "AAAAA-AAAAA") == LinkSpent()
    assert rows() == before


def test_a_link_of_somebody_else_or_of_another_purpose_opens_nothing(cast: Cast) -> None:
    bob = cast.users["bob"]
    assert opened(link(), code(), user=bob) == LinkSpent()
    assert opened(links.issue(Link.Purpose.OPEN_FIRM, email=NADIA, payload=PAYLOAD), code()) == LinkSpent()


def test_an_address_that_was_taken_meanwhile_uses_nothing_up(cast: Cast) -> None:
    token, right = link(), code()
    nadia = User.objects.create_user(email=NADIA, password=PASSWORD)
    assert opened(token, right) == AddressTaken()
    assert isinstance(opened(token, right, user=nadia), Opened)


def test_one_link_and_one_code_sent_many_times_at_once_open_once(committed_cast: Cast) -> None:
    token, right = link(), code()
    with Crew(8) as crew:
        results = crew.together([partial(opened, token, right)] * 8)
    assert sum(isinstance(result, Opened) for result in results) == 1, results
    assert all(isinstance(result, Opened | LinkSpent | WrongCode | AddressTaken) for result in results), results
    assert SpaceHolder.objects.count() == 2
    assert User.objects.filter(email=NADIA).count() == 1


def test_two_people_open_one_space_at_once(committed_cast: Cast) -> None:
    emails = [f"{n}@neuf.example" for n in range(4)]
    jobs = [partial(opened, link(email), code(email)) for email in emails]
    with Crew(4) as crew:
        results = crew.together(jobs)
    assert all(isinstance(result, Opened) for result in results), results
    assert ClientSpace.objects.filter(siren=INDEPENDENT.siren).count() == 1
    assert SpaceHolder.objects.filter(space__siren=INDEPENDENT.siren).count() == 4


# --- asking -------------------------------------------------------------------------------------------------------


def asked(email: str = NADIA, address: str = "192.0.2.9", **who: str) -> bool:
    return ask(**{"siren": EMPLOYER.siren, "account_number": "", **who}, email=email, address=address)


def test_what_is_asked_too_often_is_kept_and_not_sent(cast: Cast, settings: Any) -> None:
    settings.CLIENT_SPACE_BUDGETS = {
        "space_address": [(6, 3600)],
        "space_email": [(2, 3600)],
        "space_pair": [(3, 86400)],
        "space_client": [(3, 86400)],
        "space_codes": [(9, 3600)],
    }
    answers = [asked(), asked(), asked(), asked("other@example.org"), asked("other@example.org", siren="130025265")]
    assert answers == [True] * 5
    kept = CodeRequest.objects.order_by("pk").values_list("link", "code")
    assert list(kept) == [(True, True), (True, True), (False, True), (True, False), (True, True)]
    assert asked()
    assert not asked()
    assert CodeRequest.objects.count() == 6
    assert Event.objects.filter(verb="client.code_asked").count() == 6


def test_the_trail_does_not_name_who_asked_nor_an_account(cast: Cast) -> None:
    asked(siren="", account_number=MANAGER.account)
    event = Event.objects.get(verb="client.code_asked")
    for secret in (NADIA, MANAGER.account):
        assert secret not in f"{event.actor}{event.subject}{event.after}"


def test_the_budgets_hold_in_the_same_instant(committed_cast: Cast) -> None:
    with Crew(16) as crew:
        jobs = [partial(asked, f"{n}@neuf.example", f"192.0.2.{n}") for n in range(16)]
        assert all(crew.together(jobs))
    assert CodeRequest.objects.filter(code=True).count() == 3
    with transaction.atomic():
        assert CodeRequest.objects.filter(link=True).count() == 16


def test_one_network_address_does_not_spend_all_that_a_client_has(cast: Cast) -> None:
    for n in range(9):
        asked(f"{n}@neuf.example", "203.0.113.1")
    assert CodeRequest.objects.filter(code=True).count() == 2
    asked("carl@oeuvrard.example", "192.0.2.1")
    assert CodeRequest.objects.filter(code=True).count() == 3, "the client's own"
    asked("x@neuf.example", "203.0.113.1", siren=INDEPENDENT.siren)
    assert CodeRequest.objects.filter(code=True).count() == 4, "another client is another matter"
