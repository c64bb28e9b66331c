"""Delivering over real SMTP: sent once when all is well, and never lost when it is not."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments.actions import change, terminate, undo_termination
from portefeuille.enrolments.client_word import Done, by_link, contest
from portefeuille.outbox.actions import CODE, post, text_of
from portefeuille.outbox.delivery import BACK_OFF, BATCH, GIVE_UP_AFTER, deliver_due
from portefeuille.outbox.models import Message
from tests.cast import CLIENTS, Cast
from tests.outbox.sink import Server, Sink
from tests.throttling.together import Crew, start

pytestmark = pytest.mark.django_db(transaction=True)

TO = "holder@example.org"


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    server = Server(Sink())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    settings.EMAIL_TIMEOUT = 5
    yield server.sink
    server.stop()


@pytest.fixture
def server_down(settings: Any) -> None:
    import socket

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = unused.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"


def put(*recipients: str, subject: str = "Un cabinet agit désormais pour vous") -> list[Message]:
    with transaction.atomic():
        for recipient in recipients:
            post(recipient=recipient, account_id=1, subject=subject, body="Bonjour,\n\nL'été à Noël.\n.\nFin\n")
    return list(Message.objects.order_by("pk"))


def let_time_pass(**interval: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_message SET due_at = due_at - %s", [timedelta(**interval)])


def our_log(caplog: pytest.LogCaptureFixture) -> str:
    """What the program logged; the sink, in this process too, tells all that it hears."""
    return "\n".join(record.getMessage() for record in caplog.records if record.name != "mail.log")


def the_message() -> Message:
    return Message.objects.get()


def test_a_message_is_sent_once_with_its_own_id(sink: Sink) -> None:
    (message,) = put(TO)
    assert deliver_due() == 1
    assert deliver_due() == 0
    (mail,) = sink.received
    assert mail["Message-ID"] == f"<{message.uid}@localhost>"
    assert (mail["To"], mail["Subject"]) == (TO, "Un cabinet agit désormais pour vous")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().replace("\r\n", "\n") == message.body
    sent = the_message()
    assert (sent.state, sent.attempts, sent.failure) == ("sent", 1, "")
    assert sent.sent_at is not None


def test_a_batch_goes_through_one_connection(sink: Sink, worst_plan: None) -> None:
    put(*(f"n{n}@example.org" for n in range(BATCH + 3)))
    assert deliver_due() == BATCH
    assert sink.connections == 1
    assert deliver_due() == 3
    assert {mail["To"] for mail in sink.received} == {f"n{n}@example.org" for n in range(BATCH + 3)}
    assert len(sink.ids()) == len(set(sink.ids()))


def test_what_is_not_committed_is_not_sent(sink: Sink) -> None:
    with transaction.atomic():
        post(recipient=TO, account_id=None, subject="Rien", body="Rien")
        transaction.set_rollback(True)
    assert deliver_due() == 0
    assert sink.connections == 0


def test_a_message_belongs_to_a_transaction() -> None:
    with pytest.raises(TransactionManagementError):
        post(recipient=TO, account_id=None, subject="Rien", body="Rien")


def test_a_letter_waits_for_the_printer(sink: Sink) -> None:
    put("")
    assert deliver_due() == 0
    message = the_message()
    assert (message.channel, message.state, message.account_id) == ("letter", "waiting", 1)


def test_while_the_server_is_down_messages_wait_and_leave_later_under_the_same_id(
    server_down: None, request: pytest.FixtureRequest
) -> None:
    (message,) = put(TO)
    assert deliver_due() == 1
    waiting = the_message()
    assert (waiting.state, waiting.attempts, waiting.failure) == ("waiting", 1, "ConnectionRefusedError")
    assert deliver_due() == 0  # not before its time
    sink: Sink = request.getfixturevalue("sink")
    let_time_pass(minutes=1)
    assert deliver_due() == 1
    assert sink.ids() == [f"<{message.uid}@localhost>"]
    assert (the_message().state, the_message().failure) == ("sent", "")


def test_a_temporary_refusal_is_tried_again_after_growing_delays(sink: Sink) -> None:
    put(TO)
    refusals = ["rcpt 450 grey", "data 451 later", "data 554 spam", "rcpt 421 closing"]
    sink.faults.extend(refusals)
    waits = []
    for _ in refusals:
        assert deliver_due() == 1
        waiting = the_message()
        assert waiting.state == "waiting"
        waits.append(round((waiting.due_at - timezone.now()).total_seconds() / 60))
        let_time_pass(minutes=waits[-1] + 1)
    assert waits == [wait.total_seconds() // 60 for wait in BACK_OFF[: len(waits)]]
    assert deliver_due() == 1
    assert (the_message().state, len(sink.received)) == ("sent", 1)


def test_after_three_days_of_refusals_a_message_is_given_up(sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    put(TO)
    sink.faults.extend(["rcpt 450 grey"] * GIVE_UP_AFTER)
    waited = timedelta()
    for turn in range(GIVE_UP_AFTER):
        assert the_message().state == "waiting", turn
        assert deliver_due() == 1
        waited += max(the_message().due_at - timezone.now(), timedelta()) if turn < GIVE_UP_AFTER - 1 else timedelta()
        let_time_pass(hours=5)
    assert the_message().state == "dead"
    assert timedelta(hours=70) < waited < timedelta(hours=75)
    assert deliver_due() == 0
    assert "450" in our_log(caplog)
    assert TO not in our_log(caplog)


def test_a_recipient_that_does_not_exist_ends_the_message_at_once(
    sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    put("gone@example.org", TO)
    sink.faults.append("rcpt 550 gone@example.org unknown here")
    assert deliver_due() == 2
    gone, other = Message.objects.order_by("pk")
    assert (gone.state, gone.failure) == ("dead", "SMTPRecipientsRefused 550")
    assert other.state == "sent"
    assert f"message {gone.pk}" in our_log(caplog)
    assert "gone@example.org" not in our_log(caplog)


def test_a_server_that_leaves_before_its_answer_gets_the_message_again_under_the_same_id(sink: Sink) -> None:
    put(TO)
    sink.faults.append("drop")
    assert deliver_due() == 1
    assert the_message().state == "waiting"
    let_time_pass(minutes=1)
    assert deliver_due() == 1
    assert sink.ids() == [f"<{the_message().uid}@localhost>"]
    assert (the_message().state, the_message().attempts) == ("sent", 2)


def test_a_server_that_leaves_after_its_answer_has_the_message(sink: Sink) -> None:
    put(TO)
    sink.faults.append("leave")
    assert deliver_due() == 1
    assert the_message().state == "sent"
    let_time_pass(days=1)
    assert deliver_due() == 0
    assert len(sink.received) == 1


def test_a_message_that_breaks_the_connection_does_not_hold_the_others_back(sink: Sink) -> None:
    put(*(f"n{n}@example.org" for n in range(6)))
    sink.faults.append("drop")
    deliver_due()
    first, *others = Message.objects.order_by("pk")
    assert (first.recipient, first.attempts) == ("n0@example.org", 1)
    assert {(other.state, other.attempts) for other in others} == {("waiting", 0)}  # not tried, not charged
    assert deliver_due() == 5
    assert {mail["To"] for mail in sink.received} == {f"n{n}@example.org" for n in range(1, 6)}
    assert Message.objects.filter(state="sent").count() == 5


def test_a_server_that_never_answers_is_not_waited_for(sink: Sink, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    put(TO, "other@example.org")
    sink.faults.append("hang")
    assert deliver_due() == 2
    hung, other = Message.objects.order_by("pk")
    assert (hung.state, hung.attempts, hung.failure) == ("waiting", 1, "SMTPServerDisconnected")
    assert (other.state, other.attempts) == ("waiting", 0)
    sink.release.set()
    settings.EMAIL_TIMEOUT = 5
    let_time_pass(minutes=1)
    assert deliver_due() == 2
    assert sorted(sink.ids()) == sorted(f"<{message.uid}@localhost>" for message in (hung, other))


def test_a_name_that_makes_no_header_is_never_sent_and_stops_nobody(sink: Sink) -> None:
    put(
        "a@example.org\nBcc: thief@example.org",
        "x@",
        "é@exa mple..org",
        "a@b@c",
        "<",
        "=?utf-8?q?=0A?=@example.org",
        TO,
    )
    with transaction.atomic():
        post(recipient="b@example.org", account_id=None, subject="Bonjour\nBcc: thief@example.org", body="x")
    while deliver_due():
        pass
    assert TO in {mail["To"] for mail in sink.received}
    for mail in sink.received:
        assert "thief" not in mail.as_string().partition("\n\n")[0]
    assert Message.objects.get(subject__startswith="Bonjour").state == "waiting"


def test_the_demonstration_keeps_what_it_would_send(sink: Sink, settings: Any) -> None:
    settings.DEMO, settings.SENDS_EMAILS = True, False
    put(TO)
    assert deliver_due() == 1
    assert (the_message().state, the_message().failure) == ("sent", "")
    assert sink.connections == 0


def test_a_demonstration_that_sends_keeps_too(sink: Sink, settings: Any) -> None:
    settings.DEMO = settings.SENDS_EMAILS = True
    with transaction.atomic():
        post(recipient=TO, account_id=None, subject="Un code", body=f"Voici {CODE}.", secret="AAAAA-BBBBB")
    assert deliver_due() == 1
    assert "Voici AAAAA-BBBBB." in sink.received[0].get_content()
    assert text_of(the_message().body, the_message().secret) == "Voici AAAAA-BBBBB."


def test_a_message_whose_key_the_worker_has_not_yet_waits_for_it(sink: Sink, settings: Any) -> None:
    """As where pages have a new ``SECRET_KEY`` already: a message without its code or its link says nothing."""
    ours = settings.SECRET_KEY
    settings.SECRET_KEY = "another one, that the pages have"
    with transaction.atomic():
        post(recipient=TO, account_id=None, subject="Un code", body=f"Voici {CODE}.", secret="AAAAA-BBBBB")
    put("next@example.org")
    settings.SECRET_KEY = ours
    assert deliver_due() == 2
    assert [mail["To"] for mail in sink.received] == ["next@example.org"]
    waiting = Message.objects.get(recipient=TO)
    assert (waiting.state, waiting.failure) == ("waiting", "SecretLost")
    settings.SECRET_KEY_FALLBACKS = ["another one, that the pages have"]
    let_time_pass(minutes=2)
    assert deliver_due() == 1
    assert "Voici AAAAA-BBBBB." in sink.received[-1].get_content()


def test_two_workers_share_the_messages(sink: Sink) -> None:
    put(*(f"n{n}@example.org" for n in range(120)))
    with Crew(4) as crew:
        for _ in range(3):
            assert all(isinstance(taken, int) for taken in crew.together([deliver_due] * 4))
    assert len(sink.received) == 120
    assert len(set(sink.ids())) == 120
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_a_slow_worker_does_not_send_what_another_took_over_meanwhile(sink: Sink) -> None:
    """The first message takes so long that the leases of those behind it run out."""
    first, *behind = put(*(f"n{n}@example.org" for n in range(4)))
    sink.faults.append("wait")

    def slow() -> int:
        return deliver_due()

    def quick() -> int:
        assert sink.busy.wait(20)
        Message.objects.exclude(pk=first.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        taken = deliver_due()
        sink.release.set()
        return taken

    with Crew(2) as crew:
        assert crew.together([slow, quick]) == [4, 3]
    assert sorted(sink.ids()) == sorted(f"<{message.uid}@localhost>" for message in (first, *behind))
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


_DELIVER = """
from portefeuille.outbox.delivery import deliver_due
deliver_due()
"""


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["hang", "wait"])
def test_a_worker_killed_between_taking_and_noting_is_replaced_after_its_lease(sink: Sink, fault: str) -> None:
    (message,) = put(TO)
    sink.faults.append(fault)
    with start(_DELIVER, SMTP_HOST="127.0.0.1", SMTP_PORT=str(_port())) as worker:
        assert sink.busy.wait(30)
        worker.kill()
    sink.release.set()
    assert (the_message().state, the_message().attempts) == ("waiting", 1)
    assert deliver_due() == 0  # still the dead worker's
    let_time_pass(minutes=2)
    assert deliver_due() == 1
    assert the_message().state == "sent"
    # One, or two under the same id when the server had accepted before the worker could note it.
    assert set(sink.ids()) == {f"<{message.uid}@localhost>"}
    assert len(sink.ids()) <= 2


def _port() -> int:
    from django.conf import settings

    port: int = settings.EMAIL_PORT
    return port


def test_no_message_holds_an_identifier_a_fact_or_a_name(committed_cast: Cast, sink: Sink) -> None:
    """Every text that the acts on an enrolment post, for every kind of client."""
    access = committed_cast.access("alice")
    for client in CLIENTS:
        uid = committed_cast.enrol(client).uid
        change(access=access, enrolment=uid, selection=Selection(1, 1), seen=Selection(0b101, 0b1))
        undo_termination(access=access, ending=terminate(access=access, enrolments=[uid]).ending)
        assert contest(speaker=by_link(uid), enrolment=uid) == Done()
    # Four to the client, and one about the contest to each member who sees «Employeurs».
    seeing = {f"{who}@alder.example" for who in ("alice", "bob", "rita", "nina")}
    assert Message.objects.count() == (4 + len(seeing)) * len(CLIENTS)
    for message in Message.objects.order_by("pk"):
        text = message.subject + message.body
        for client in CLIENTS:
            for secret in (client.account, client.siren, client.siret, client.name, client.amount, client.nir):
                assert not secret or secret not in text
    while deliver_due():
        pass
    assert {mail["To"] for mail in sink.received} == {c.email for c in CLIENTS if c.email} | seeing


def test_a_firm_cannot_write_lines_of_its_own_into_a_message(committed_cast: Cast, sink: Sink) -> None:
    firm = committed_cast.firm_a
    firm.name = "Alder\r\nBcc: thief@example.org\r\n\r\nBonjour,\u2028\nAllez sur https://evil.example"
    firm.save()
    committed_cast.enrol(CLIENTS[0])
    body = the_message().body
    assert body.splitlines() == body.split("\n")
    (line,) = [line for line in body.splitlines() if "evil" in line]
    assert line.startswith("Le cabinet «\u00a0Alder Bcc:")
    assert deliver_due() == 1
    (mail,) = sink.received
    assert (mail["Bcc"], mail["To"]) == (None, CLIENTS[0].email)
