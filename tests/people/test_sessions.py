"""A session ends by itself: after so long without a request, and after so long in all."""

from typing import Any

import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portefeuille.people.models import Session
from portefeuille.people.sessions import row_key
from tests.cast import PASSWORD, Cast

START = 1_800_000_000


def signed_in(cast: Cast) -> Client:
    client = Client()
    answer = client.post("/connexion/", {"login": cast.users["zoe"].email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/mon-espace/").status_code == 200


def test_half_an_hour_without_a_request_ends_it(cast: Cast) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = signed_in(cast)
        clock.shift(29 * 60)
        assert is_in(client)
        clock.shift(29 * 60)
        assert is_in(client)
        key = client.session.session_key
        clock.shift(30 * 60)
        assert not is_in(client)
    assert not Session.objects.filter(session_key=row_key(key)).exists()


def test_twelve_hours_end_it_whatever_one_does(cast: Cast) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = signed_in(cast)
        for _ in range(12 * 3 - 1):
            clock.shift(20 * 60)
            assert is_in(client)
        clock.shift(20 * 60)
        assert not is_in(client)


def test_the_row_is_written_once_a_minute_at_most(cast: Cast) -> None:
    def written(client: Client) -> bool:
        with CaptureQueriesContext(connection) as queries:
            assert is_in(client)
        return any(query["sql"].startswith(("UPDATE", "INSERT")) for query in queries)

    with time_machine.travel(START, tick=False) as clock:
        client = signed_in(cast)
        assert not written(client)
        clock.shift(59)
        assert not written(client)
        clock.shift(1)
        assert written(client)
        assert not written(client)


def test_a_public_page_asks_the_database_nothing(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert Client().get("/").status_code == 200
