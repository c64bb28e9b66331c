"""The worker's connection ends at some statement, whichever job sends it: the process lives on, nothing is lost and
nothing is done twice."""

import random
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from portefeuille.audit.models import Event
from portefeuille.cli.serving import work
from portefeuille.enrolments.bulk import Wish, draw_up
from portefeuille.enrolments.models import BulkAct, Decision, Enrolment
from portefeuille.outbox.models import Message
from portefeuille.people import links
from portefeuille.people.models import Link
from portefeuille.posted_codes.actions import Holder
from portefeuille.posted_codes.models import CodeRequest, PostedCode
from portefeuille.posted_codes.requests import ask
from portefeuille.registry.models import Account, AccountState, FlatRateAmount, Touched
from tests.cast import INDEPENDENT, REGULATED, STRUCK_OFF, Cast
from tests.ground.test_worker import OneRound
from tests.imports.rounds import Rounds, let_the_lease_run_out

PAST = timedelta(days=60)
#: How many of its statements: each of them was tried once, which takes a minute.
PLACES = 30
#: What ``Rounds.found`` tells of keys, which are drawn by lot, and of the order of events, which is that of the jobs.
_KEYS, _EVENTS = 3, 4


class Everything(Rounds):
    """Something to do for each job."""

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.cast = cast

    def begin(self) -> None:
        super().begin()
        for model in (BulkAct, CodeRequest, PostedCode, Touched, Link, FlatRateAmount):
            model.objects.all().delete()
        cast, access = self.cast, self.cast.access("alice")
        ended = cast.enrol(STRUCK_OFF)
        draw_up(access=access, wish=Wish(ends=True), enrolments=[ended.uid])
        BulkAct.objects.update(state=BulkAct.State.RUNNING, due_at=timezone.now() - PAST)
        # Another firm's, so that no job meets what another one does.
        late = cast.enrol(INDEPENDENT, who="charlie", portfolio=cast.portfolio_b)
        Enrolment.objects.filter(uid=late.uid).update(state="pending", asked_until=timezone.now() - PAST)
        Account.objects.filter(number=REGULATED.account).update(state=AccountState.ACTIVE)
        cast.enrol(REGULATED, who="charlie", portfolio=cast.portfolio_b)
        Account.objects.filter(number=REGULATED.account).update(state=AccountState.SUSPENDED)
        Touched.objects.create(siren=REGULATED.siren, noted_at=timezone.now() - PAST)
        ask(
            purpose=PostedCode.Purpose.SPACE,
            holder=Holder(siren=STRUCK_OFF.siren),
            email="a@b.example",
            link=True,
            code=True,
        )
        FlatRateAmount.objects.create(amount="1.00", label="Un")
        links.issue(Link.Purpose.RESET, email="a@b.example")
        Link.objects.update(ended_at=timezone.now() - PAST)

    def found(self) -> tuple[Any, ...]:
        return (
            *(part for place, part in enumerate(super().found()) if place not in (_KEYS, _EVENTS)),
            sorted(Message.objects.values_list("recipient", "subject", "state")),
            sorted(Event.objects.values_list("chain", "verb")),
            sorted(Decision.objects.values_list("kind", flat=True)),
            sorted(Link.objects.values_list("purpose", flat=True)),
            list(BulkAct.objects.order_by("pk").values_list("state", "done")),
            [model.objects.count() for model in (CodeRequest, PostedCode, Touched)],
            FlatRateAmount.objects.filter(applied_at=None).count(),
        )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_cut_at_any_statement_the_worker_does_all_of_it_once(committed_cast: Cast) -> None:
    rounds = Everything(committed_cast)
    sent = 0
    at = 0
    with (
        override_settings(SENDS_EMAILS=False),
        psycopg.connect(**connection.get_connection_params(), autocommit=True) as elsewhere,  # type: ignore[arg-type]
    ):

        def cut(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
            nonlocal sent
            sent += 1
            if sent == at:
                elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
            return execute(sql, values, many, context)

        rounds.begin()
        with connection.execute_wrapper(cut):
            work(OneRound(3))
        expected, number = rounds.found(), sent
        assert number > PLACES
        for place in random.Random(7).sample(range(1, number + 1), PLACES):
            rounds.begin()
            sent, at = 0, place
            with connection.execute_wrapper(cut):
                work(OneRound())
            let_the_lease_run_out()
            Message.objects.filter(channel="email", state="waiting").update(due_at=timezone.now() - PAST)
            BulkAct.objects.update(due_at=timezone.now() - PAST)
            at = 0
            work(OneRound(3))
            assert rounds.found() == expected, place
