"""What was typed while a session had ended is there after sign-in: shown again, never acted upon, never in clear."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpRequest, QueryDict
from django.test import Client, RequestFactory

from portefeuille.people.models import Session, User
from portefeuille.people.sessions import SessionStore
from portefeuille.web.parking import park, take_parked
from tests.cast import CANARY_NIRS, PASSWORD, Cast

START = 1_800_000_000


@pytest.fixture
def session(db: None) -> SessionStore:
    return SessionStore()


def posted(session: SessionStore, fields: dict[str, Any], path: str = "/ici/") -> HttpRequest:
    request = RequestFactory().post(path, fields)
    request.session = session
    return request


def opened(session: SessionStore, path: str = "/ici/", person: int = 1, method: str = "get") -> HttpRequest:
    request: HttpRequest = getattr(RequestFactory(), method)(path)
    request.session = session
    request.user = User(pk=person)
    return request


def test_it_comes_back_once_and_whole(session: SessionStore) -> None:
    fields = {"nom": ["Œuvrard & fils", "deux"], "csrfmiddlewaretoken": "k", "password": "secret"}
    assert park(posted(session, fields))
    taken = take_parked(opened(session))
    assert isinstance(taken, QueryDict)
    assert dict(taken.lists()) == {"nom": ["Œuvrard & fils", "deux"]}
    assert take_parked(opened(session)) is None


def test_only_its_own_page_and_only_by_get(session: SessionStore) -> None:
    park(posted(session, {"a": "1"}))
    assert take_parked(opened(session, "/ailleurs/")) is None
    assert take_parked(opened(session, method="post")) is None
    assert take_parked(opened(session)) is not None


def test_nobody_else_gets_it(session: SessionStore) -> None:
    park(posted(session, {"a": "1"}), owner="1")
    assert take_parked(opened(session, person=2)) is None
    assert take_parked(opened(session, person=1)) is None  # it was thrown away


def test_it_lasts_half_an_hour(session: SessionStore) -> None:
    with time_machine.travel(START, tick=False) as clock:
        park(posted(session, {"a": "1"}))
        clock.shift(30 * 60 + 1)
        assert take_parked(opened(session)) is None
        assert "parked_form" not in session


def test_too_much_is_not_kept(session: SessionStore) -> None:
    assert not park(posted(session, {"a": "x" * 70_000}))
    assert take_parked(opened(session)) is None


def test_what_was_tampered_with_is_nothing(session: SessionStore) -> None:
    park(posted(session, {"a": "1"}))
    session["parked_form"] = {**session["parked_form"], "form": "gAAAAA" + "x" * 60}
    assert take_parked(opened(session)) is None


def test_the_database_never_holds_it_in_clear(cast: Cast) -> None:
    client = Client()
    address = f"/cabinets/{cast.firm_a.uid}/ajouter/"
    client.post(address, {"nir": CANARY_NIRS[0]})
    [row] = Session.objects.order_by("pk")
    assert CANARY_NIRS[0] not in row.session_data
    assert CANARY_NIRS[0] not in str(row.get_decoded())


def test_a_form_posted_after_the_end_is_there_after_sign_in(cast: Cast) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = Client()
        sign_in = {"login": cast.users["alice"].email, "password": PASSWORD}
        client.post("/connexion/", sign_in)
        clock.shift(31 * 60)
        address = f"/cabinets/{cast.firm_a.uid}/ajouter/"
        answer = client.post(address, {"designation": "732 829 320"})
        assert answer["Location"] == f"/connexion/?next={address}"
        answer = client.post("/connexion/", {**sign_in, "next": address})
        assert answer["Location"] == address
        request = opened(client.session, address, person=cast.users["alice"].pk)  # type: ignore[arg-type]
        taken = take_parked(request)
        assert taken is not None
        assert taken["designation"] == "732 829 320"


def test_signing_out_throws_it_away(cast: Cast) -> None:
    client = Client()
    client.post(f"/cabinets/{cast.firm_a.uid}/ajouter/", {"designation": "1"})
    client.post("/connexion/", {"login": cast.users["alice"].email, "password": PASSWORD})
    assert "parked_form" in client.session
    client.post("/deconnexion/")
    assert "parked_form" not in client.session


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(cast: Cast) -> None:
    here = f"/cabinets/{cast.firm_a.uid}/clients/?q=boul"
    answer = Client().get(here, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/connexion/?next={here.replace('?', '%3F').replace('=', '%3D')}"


def test_a_nonsensical_place_leads_home_after_sign_in(db: None) -> None:
    answer = Client().get("/mon-espace/", headers={"HX-Request": "true", "HX-Current-URL": "https://["})
    assert answer["HX-Redirect"] == "/connexion/?next=/"


@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_firm_page_is_private(db: None, method: str) -> None:
    answer = getattr(Client(), method)(f"/cabinets/{uuid4()}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/connexion/?next=")
