"""One round of the worker."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from portefeuille.cli.serving import work
from portefeuille.enrolments.models import Enrolment
from portefeuille.registry.models import Account, AccountState, Touched
from tests.cast import EMPLOYER, Cast


class OneRound(threading.Event):
    """Set when the worker would rest."""

    def wait(self, timeout: float | None = None) -> bool:
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
