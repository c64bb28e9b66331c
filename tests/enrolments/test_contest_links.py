"""Links that only we can make, for thirty days."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from portefeuille.enrolments.actions import terminate, undo_termination
from portefeuille.enrolments.contest_links import GOOD_FOR, enrolment_of, link_of, token_for
from portefeuille.outbox.actions import CODE, text_of
from portefeuille.outbox.models import Message
from tests.cast import EMPLOYER, INDEPENDENT, Cast


def test_a_link_names_its_enrolment() -> None:
    uid = uuid4()
    assert enrolment_of(token_for(uid)) == uid
    assert link_of(token_for(uid)) == f"http://localhost:8000/contester/{token_for(uid)}/"


def test_a_link_does_not_tell_its_enrolment_to_another_page() -> None:
    uid = uuid4()
    other = signing.dumps(uid.hex, salt="portefeuille.other.purpose")
    assert enrolment_of(other) is None
    with pytest.raises(signing.BadSignature):
        signing.loads(token_for(uid), salt="portefeuille.other.purpose")


def test_a_link_expires() -> None:
    uid = uuid4()
    token = token_for(uid)
    with time_machine.travel(timezone.now() + GOOD_FOR - timedelta(minutes=1)):
        assert enrolment_of(token) == uid
    with time_machine.travel(timezone.now() + GOOD_FOR + timedelta(minutes=1)):
        assert enrolment_of(token) is None


def test_every_altered_character_is_refused() -> None:
    token = token_for(UUID("12345678-1234-4234-9234-123456789abc"))
    for place in range(len(token)):
        for character in ("A" if token[place] != "A" else "B", "", ":"):
            altered = token[:place] + character + token[place + 1 :]
            # The last character of a signature carries two unused bits; we compare text, so it is refused too.
            assert altered == token or enrolment_of(altered) is None, place


@pytest.mark.parametrize(
    "token",
    ["", ":", "::", "a:b:c", "é" * 50, "\ud800", "\x00", "x" * 100_000, "." * 40, signing.dumps(["x"])],
    ids=range(10),  # a signature holds the time: pytest-xdist wants the same names in each process
)
def test_nonsense_is_refused(token: str) -> None:
    assert enrolment_of(token) is None


def test_another_secret_is_refused_and_a_retired_one_still_good(settings: object) -> None:
    uid = uuid4()
    token = token_for(uid)
    settings.SECRET_KEY = "another-secret"  # type: ignore[attr-defined]
    assert enrolment_of(token) is None
    settings.SECRET_KEY_FALLBACKS = ["a-secret-for-tests-only"]  # type: ignore[attr-defined]
    assert enrolment_of(token) == uid


def test_the_link_is_in_the_message_that_is_sent_and_in_no_row(cast: Cast) -> None:
    """For who reads a backup: one message alone, and several at once."""
    uids = [cast.enrol(client).uid for client in (EMPLOYER, INDEPENDENT)]
    access = cast.access("alice")
    undo_termination(access=access, ending=terminate(access=access, enrolments=uids).ending)
    messages = [message for message in Message.objects.order_by("pk") if "n'agit plus" not in message.subject]
    assert len(messages) == 4
    opened = []
    for message in messages:
        assert link_of(CODE) in message.body
        token = text_of(message.body, message.secret).partition("/contester/")[2].partition("/")[0]
        assert token not in message.body + message.secret
        opened.append(enrolment_of(token))
    assert opened == uids * 2
