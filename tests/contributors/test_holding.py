"""Leaving a client's space, and removing another from it: at once, told to all, never the last one."""

import threading
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import connection

from portefeuille.audit.models import Event
from portefeuille.contributors.access import SpaceAccess, access_of
from portefeuille.contributors.holding import Ended, LastHolder, NotAHolder, end_holding, holders
from portefeuille.contributors.models import ClientSpace, SpaceHolder
from portefeuille.contributors.opening import Opened, WrongCode
from portefeuille.outbox.models import Message
from portefeuille.people.models import User
from tests.cast import EMPLOYER, INDEPENDENT, Cast
from tests.contributors.test_opening import code, link, opened
from tests.enrolments.test_races import wait_for_somebody_who_waits
from tests.throttling.together import SECONDS, Crew
from tests.web.reading import rows

LEFT, REMOVED = "Une personne a quitté votre espace", "Une personne est retirée de votre espace"
YOU = "Vous ne tenez plus un espace client"


def hold(cast: Cast, who: str, siren: str = EMPLOYER.siren) -> SpaceAccess:
    """Somebody of the cast at work in the space of a client, where they come now if they did not hold it."""
    space, _ = ClientSpace.objects.get_or_create(siren=siren, defaults={"name": siren})
    SpaceHolder.objects.get_or_create(space=space, user=cast.users[who])
    access = access_of(cast.users[who].pk, space.uid)
    assert access is not None
    return access


def told() -> set[tuple[str, str]]:
    return {(message.recipient, message.subject) for message in Message.objects.order_by("pk")}


def test_who_leaves_sees_nothing_more_and_all_are_told(cast: Cast) -> None:
    carl, zoe, _bob = (hold(cast, who) for who in ("carl", "zoe", "bob"))
    assert end_holding(access=zoe, holder=zoe.holder_uid) == Ended()
    assert access_of(cast.users["zoe"].pk, zoe.space_uid) is None
    assert [person.email for person in holders(carl)] == ["bob@alder.example", "carl@oeuvrard.example"]
    event = Event.objects.get(verb="client.space_left")
    assert (event.actor, event.subject) == (zoe.actor, f"space:{zoe.space_uid}")
    assert told() == {
        ("zoe@nowhere.example", YOU),
        ("carl@oeuvrard.example", LEFT),
        ("bob@alder.example", LEFT),
    }
    before = rows()
    assert end_holding(access=zoe, holder=zoe.holder_uid) == NotAHolder()
    assert end_holding(access=zoe, holder=carl.holder_uid) == NotAHolder(), "who has left removes nobody"
    assert rows() == before


def test_who_is_removed_and_the_address_of_record_are_told(cast: Cast) -> None:
    carl, zoe = hold(cast, "carl"), hold(cast, "zoe")
    assert end_holding(access=carl, holder=zoe.holder_uid) == Ended()
    assert access_of(cast.users["zoe"].pk, zoe.space_uid) is None
    event = Event.objects.get(verb="client.holder_removed")
    assert (event.actor, event.before) == (carl.actor, {"holder": zoe.actor})
    assert told() == {
        ("zoe@nowhere.example", YOU),
        ("carl@oeuvrard.example", REMOVED),
        (EMPLOYER.email, REMOVED),
    }


def test_a_client_without_an_address_is_told_by_letter(cast: Cast) -> None:
    bob, zoe = hold(cast, "bob", INDEPENDENT.siren), hold(cast, "zoe", INDEPENDENT.siren)
    end_holding(access=bob, holder=zoe.holder_uid)
    assert Message.objects.get(channel="letter").subject == REMOVED


def test_no_message_names_anybody(cast: Cast) -> None:
    carl, zoe = hold(cast, "carl"), hold(cast, "zoe")
    end_holding(access=carl, holder=zoe.holder_uid)
    for message in Message.objects.order_by("pk"):
        for word in ("Zoe", "zoe@", "Carl", EMPLOYER.name, EMPLOYER.siren):
            assert word not in message.body


def test_the_last_one_stays(cast: Cast) -> None:
    carl = hold(cast, "carl")
    before = rows()
    assert end_holding(access=carl, holder=carl.holder_uid) == LastHolder()
    assert rows() == before


def test_one_whose_identifier_is_closed_does_not_count_but_can_be_removed(cast: Cast) -> None:
    carl, zoe = hold(cast, "carl"), hold(cast, "zoe")
    User.objects.filter(pk=cast.users["zoe"].pk).update(is_active=False)
    assert access_of(cast.users["zoe"].pk, zoe.space_uid) is None
    before = rows()
    assert end_holding(access=carl, holder=carl.holder_uid) == LastHolder()
    assert rows() == before
    assert end_holding(access=carl, holder=zoe.holder_uid) == Ended()


def test_only_a_holder_of_the_same_space_is_removed(cast: Cast) -> None:
    carl, zoe = hold(cast, "carl"), hold(cast, "zoe", INDEPENDENT.siren)
    hold(cast, "bob", INDEPENDENT.siren)
    before = rows()
    for holder in (zoe.holder_uid, uuid4()):
        assert end_holding(access=carl, holder=holder) == NotAHolder()
    assert rows() == before


def test_a_code_that_waited_opens_nothing_and_a_new_one_does(cast: Cast) -> None:
    carl, zoe = hold(cast, "carl"), hold(cast, "zoe")
    first = SpaceHolder.objects.get(uid=zoe.holder_uid).since
    email = cast.users["zoe"].email
    waiting = code(email, EMPLOYER.siren)
    end_holding(access=carl, holder=zoe.holder_uid)
    token = link(email, siren=EMPLOYER.siren)
    assert opened(token, waiting, user=cast.users["zoe"]) == WrongCode()
    assert isinstance(opened(token, code(email, EMPLOYER.siren), user=cast.users["zoe"]), Opened)
    back = SpaceHolder.objects.get(uid=zoe.holder_uid)
    assert (back.active, back.since > first) == (True, True)


def test_two_who_remove_each_other_leave_one(committed_cast: Cast) -> None:
    carl, zoe = hold(committed_cast, "carl"), hold(committed_cast, "zoe")
    acts = [
        partial(end_holding, access=carl, holder=zoe.holder_uid),
        partial(end_holding, access=zoe, holder=carl.holder_uid),
    ]
    with Crew(2) as crew:
        results = crew.together(acts)
    assert sorted(type(result).__name__ for result in results) == ["Ended", "NotAHolder"]
    assert SpaceHolder.objects.filter(active=True).count() == 1


def test_two_who_leave_at_once_leave_one(committed_cast: Cast) -> None:
    both = [hold(committed_cast, "carl"), hold(committed_cast, "zoe")]
    with Crew(2) as crew:
        results = crew.together([partial(end_holding, access=one, holder=one.holder_uid) for one in both])
    assert sorted(type(result).__name__ for result in results) == ["Ended", "LastHolder"]
    assert SpaceHolder.objects.filter(active=True).count() == 1


def test_who_is_removed_while_they_come_in_again_is_out(committed_cast: Cast) -> None:
    """Both want the code and the space: each in the same order."""
    carl, zoe = hold(committed_cast, "carl"), hold(committed_cast, "zoe")
    user = committed_cast.users["zoe"]
    token, typed = link(user.email, siren=EMPLOYER.siren), code(user.email, EMPLOYER.siren)
    used = threading.Event()

    def once_it_is_used(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, values, many, context)
        if sql.startswith("UPDATE posted_codes_postedcode") and not used.is_set():
            used.set()
            wait_for_somebody_who_waits()
        return answer

    def come_in() -> Any:
        with connection.execute_wrapper(once_it_is_used):
            return opened(token, typed, user=user)

    def remove() -> Any:
        assert used.wait(SECONDS)
        return end_holding(access=carl, holder=zoe.holder_uid)

    with Crew(2) as crew:
        came, removed = crew.together([come_in, remove])
    assert isinstance(came, Opened), came
    assert removed == Ended()
    assert SpaceHolder.objects.get(active=True).uid == carl.holder_uid
