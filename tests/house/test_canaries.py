"""The watch over NIRs and amounts can fail: each place, each way of writing them."""

import base64
import logging
from urllib.parse import quote_plus

import pytest
from django.core.mail import EmailMessage
from django.http import HttpResponseRedirect
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.outbox.models import Message
from portefeuille.people.sessions import SessionStore
from tests import canaries
from tests.cast import CANARY_AMOUNTS, CANARY_NIRS

NIR, CORSICAN = CANARY_NIRS
AMOUNT = CANARY_AMOUNTS[0]

WAYS = {
    "as it is": NIR,
    "without its key": NIR[:13],
    "grouped": f"{NIR[0]} {NIR[1:3]} {NIR[3:5]} {NIR[5:7]} {NIR[7:10]} {NIR[10:13]} {NIR[13:]}",
    "grouped by narrow blanks": f"{NIR[0]}\u202f{NIR[1:3]}\u202f{NIR[3:5]}{NIR[5:]}",
    "in an address": quote_plus(f"{NIR[0]} {NIR[1:3]}\u00a0{NIR[3:]}"),
    "Corsican": CORSICAN,
    "Corsican in small letters": CORSICAN.lower(),
    "Corsican for its key": CORSICAN.replace("2A", "19"),
    "backwards": NIR[::-1],
    "in base64": base64.b64encode(f"x {NIR}".encode()).decode(),
    "in hexadecimal": f"a {NIR}".encode().hex(),
    "an amount": AMOUNT,
    "an amount with a comma": AMOUNT.replace(".", ","),
    "an amount grouped": "48\u202f317,29\u202f€",
    "an amount in an address": "fait=48+317%2C29",
    "an amount in cents": "4831729",
    "an amount backwards": AMOUNT[::-1],
    "an amount in base64": base64.b64encode(f"fait={AMOUNT}".encode()).decode(),
}


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_each_way_of_writing_is_seen(text: str) -> None:
    assert canaries.seen_in(f"<{text}>")


@pytest.mark.parametrize(
    "text",
    [
        *("", "732829320", "117000001234567890", "2026-10-15 16:48:31.729", "148317,29", "48317,295"),
        "a4831729-ab12-4c34-8d56-ef0123456789",
        f"\\x{'c4' * 14}a4831729b{'c4' * 14}",
    ],
)
def test_what_is_no_canary_is_not(text: str) -> None:
    assert not canaries.seen_in(text)


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_each_way_is_seen_in_a_table(db: None, text: str) -> None:
    assert canaries.found_in_database() == []
    Message.objects.create(channel="email", subject="s", body=f"<{text}>", due_at=timezone.now())
    assert canaries.found_in_database() == ["the table outbox_message"]


def test_it_is_seen_in_the_trail_and_in_its_json(db: None) -> None:
    trail.record(chain=0, actor="a", verb=Verb.FIRM_CREATED, subject="s", after={"fait": [AMOUNT]})
    assert canaries.found_in_database() == ["the table audit_event"]


def test_it_is_seen_in_a_session(db: None) -> None:
    session = SessionStore()
    session["typed"] = {"fait": AMOUNT}
    session.save()
    assert "a session" in canaries.found_in_database()


def test_it_is_heard_in_a_log_with_its_exception() -> None:
    log = logging.getLogger("portefeuille.canary")
    for say in (
        lambda: log.warning("le NIR %s", NIR),
        lambda: log.warning("le NIR", {"nir": NIR}),
        lambda: log.error("faute", exc_info=ValueError(f"montant {AMOUNT}")),
    ):
        say()
        assert canaries.found == ["a log record of portefeuille.canary"]
        canaries.found.clear()


def test_it_is_seen_in_an_address_and_in_a_mail(mailoutbox: list[EmailMessage]) -> None:
    HttpResponseRedirect(f"/clients/?q={AMOUNT}")
    assert canaries.found == ["the header Location"]
    canaries.found.clear()
    EmailMessage("objet", f"Bonjour {NIR}", "a@b.fr", ["c@d.fr"]).send()
    assert canaries.found_in_mail() == ["an e-mail"]
    mailoutbox.clear()
    assert canaries.found_in_mail() == []
