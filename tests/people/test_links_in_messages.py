"""The links that open something stand in the message that is sent, and in no row: not for who reads a backup."""

from collections.abc import Callable
from typing import Any

import pytest

from portefeuille.firms import joining, opening
from portefeuille.firms.models import Member
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.people import changing
from portefeuille.people.links import look
from portefeuille.people.models import Link
from portefeuille.posted_codes import requests
from portefeuille.posted_codes.actions import Holder
from portefeuille.posted_codes.models import PostedCode
from tests.cast import EMPLOYER, INDEPENDENT, Cast

NEW = "lea@ailleurs.example"


def _invite(cast: Cast) -> Any:
    joining.invite(access=cast.access("alice"), email=NEW, full_name="", role=Member.Role.COLLABORATOR, rights={})


def _ask_for_space(cast: Cast) -> None:
    requests.ask(
        purpose=PostedCode.Purpose.SPACE, holder=Holder(siren=EMPLOYER.siren), email=NEW, link=True, code=False
    )
    requests.answer_due()


ASKED: dict[Link.Purpose, Callable[[Cast], Any]] = {
    Link.Purpose.RESET: lambda cast: changing.ask_reset(email=cast.users["bob"].email, address="192.0.2.1"),
    Link.Purpose.CHANGE_EMAIL: lambda cast: changing.ask_email(person=cast.users["bob"], email=NEW),
    Link.Purpose.OPEN_FIRM: lambda cast: opening.ask(siren=INDEPENDENT.siren, email=NEW, address="192.0.2.1"),
    Link.Purpose.INVITATION: _invite,
    Link.Purpose.OPEN_CLIENT_SPACE: _ask_for_space,
}


@pytest.mark.parametrize("purpose", ASKED)
def test_a_row_of_the_outbox_opens_nothing(cast: Cast, purpose: Link.Purpose) -> None:
    Message.objects.all().delete()
    ASKED[purpose](cast)
    message = Message.objects.get()
    read = text_of(message.body, message.secret)
    token = next(word.rstrip("/").rsplit("/", 1)[1] for word in read.split() if word.startswith("http"))
    assert look(purpose, token) is not None
    assert token not in message.body + message.secret
