"""One round of the worker."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from portefeuille.cli.serving import work
from portefeuille.enrolments.models import Enrolment
from portefeuille.outbox.models import Message
from portefeuille.posted_codes.actions import Holder
from portefeuille.posted_codes.models import CodeRequest, PostedCode
from portefeuille.posted_codes.requests import ask
from portefeuille.registry.models import Account, AccountState, Touched
from tests.cast import EMPLOYER, Cast


class OneRound(threading.Event):
    """Set when the worker would rest, or would for the ``rounds``-th time."""

    def __init__(self, rounds: int = 1) -> None:
        super().__init__()
        self.rounds = rounds

    def wait(self, timeout: float | None = None) -> bool:
        self.rounds -= 1
        if not self.rounds:
            self.set()
        return True


@pytest.mark.django_db(transaction=True)
def test_enrolments_follow_what_a_load_left(committed_cast: Cast) -> None:
    committed_cast.enrol(EMPLOYER)
    Account.objects.update(state=AccountState.STRUCK_OFF)
    Touched.objects.create(siren=EMPLOYER.siren, noted_at=timezone.now() - timedelta(minutes=2))
    work(OneRound())
    assert Enrolment.objects.get().account_state == "radie"
    assert not Touched.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_request_that_cannot_be_answered_keeps_nothing_else_from_being_done(
    committed_cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    ask(purpose=PostedCode.Purpose.SPACE, holder=Holder(siren=EMPLOYER.siren), code=True)
    CodeRequest.objects.update(purpose="unheard")
    committed_cast.enrol(EMPLOYER)
    with override_settings(SENDS_EMAILS=False):
        work(OneRound())
    assert Message.objects.get().state == Message.State.SENT
    assert CodeRequest.objects.count() == 1
    assert "posted_codes.requests.answer_due failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_server_that_was_demoted_is_left_for_another_one(
    committed_cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """It answers and writes nothing any more, which PostgreSQL calls an internal error."""
    committed_cast.enrol(EMPLOYER)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    with override_settings(SENDS_EMAILS=False):
        work(OneRound())
    assert "answer_due was cut short (InternalError)" in caplog.text
    assert Message.objects.get().state == Message.State.SENT


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_waited_for(committed_cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    committed_cast.enrol(EMPLOYER)
    connection.close()
    port, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], "1"

    class ComesBack(OneRound):
        def wait(self, timeout: float | None = None) -> bool:
            connection.settings_dict["PORT"] = port
            return super().wait(timeout)

    with override_settings(SENDS_EMAILS=False):
        work(ComesBack(2))
    assert caplog.text.count("the database is away; trying again in 1 s") == 1
    assert Message.objects.get().state == Message.State.SENT
