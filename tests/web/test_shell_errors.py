"""The pages that say that something went wrong: what to do, a reference, nothing lost, no database."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import psycopg
import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from portefeuille.web.errors import is_outage
from tests.cast import Cast


@login_not_required
def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("le NIR est 185057512345607")


@login_not_required
def slow(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 20")
        try:
            cursor.execute("SELECT pg_sleep(5)")
        finally:
            connection.close()
    return HttpResponse()


@login_not_required
def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


@login_not_required
def absent(request: HttpRequest) -> HttpResponse:
    raise Http404


@login_not_required
def odd(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("dedans")


urlpatterns = [
    path("defaut/", fault),
    path("lent/", slow),
    path("refus/", refused),
    path("absent/", absent),
    path("bizarre/", odd),
    path("prive/", private),
    path("", include("portefeuille.config.urls")),
]
handler400 = "portefeuille.web.errors.bad_request"
handler403 = "portefeuille.web.errors.permission_denied"
handler404 = "portefeuille.web.errors.not_found"
handler500 = "portefeuille.web.errors.server_error"

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def no_database(settings: Any, transactional_db: None) -> Iterator[None]:
    """A server that does not answer: nothing listens where the connection is opened next."""
    connection.close()
    before = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")
    yield
    connection.close()
    connection.settings_dict.update(before)


def text(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("address", "status", "title"),
    [
        ("/bizarre/", 400, "Demande incomprise"),
        ("/refus/", 403, "Accès refusé"),
        ("/absent/", 404, "Page introuvable"),
        ("/nulle-part/", 404, "Page introuvable"),
        ("/defaut/", 500, "Un défaut de notre part"),
    ],
)
def test_each_says_what_to_do(client: Client, address: str, status: int, title: str) -> None:
    answer = client.get(address)
    body = text(answer)
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in body
    assert f"<title>{title} " in body
    assert "<a " in body.split("<h1>")[1].split("</main>")[0]


def test_a_method_that_is_not_allowed_has_a_page(client: Client) -> None:
    answer = client.post("/conditions/")
    assert answer.status_code == 405
    assert "Rien n'a été enregistré" in text(answer)
    assert answer["Allow"] == "GET, HEAD"


def test_a_fault_has_a_reference_that_stands_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    body = text(client.get("/defaut/"))
    found = re.search(r'<strong class="id">([0-9a-f]{8})</strong>', body)
    assert found
    assert len([record for record in caplog.records if found.group(1) in record.getMessage()]) == 1
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    assert "RuntimeError" not in body


def test_without_a_database_a_page_says_so(
    client: Client, no_database: None, caplog: pytest.LogCaptureFixture
) -> None:
    client.cookies["session"] = "a" * 32
    answer = client.get("/mon-espace/?a=1&b=2")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "no-store" in answer["Cache-Control"]
    assert 'href="/mon-espace/?a=1&b=2"' in text(answer)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "\n" not in caplog.records[0].getMessage()


def test_what_was_posted_can_be_posted_again(no_database: None) -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    key = re.search(r'csrfmiddlewaretoken" value="(\w+)"', text(client.get("/connexion/")))
    assert key
    client.cookies["session"] = "a" * 32
    fields = {"csrfmiddlewaretoken": key.group(1), "nom": ['Œuvrard "et" fils', "<b>"], "password": "secret"}
    answer = client.post("/prive/?x=1", fields)
    assert answer.status_code == 503
    body = answer.content.decode()
    assert '<form method="post" action="/prive/?x=1">' in body
    assert "Réessayer" in body
    hidden = {
        (unescape(name), unescape(value))
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', body)
    }
    again = {pair for pair in hidden if pair[0] != "csrfmiddlewaretoken"}
    assert again == {("nom", 'Œuvrard "et" fils'), ("nom", "<b>")}
    assert len(hidden) == 3  # with a key that lets it through
    assert "secret" not in body


def test_the_public_pages_do_not_need_the_database(client: Client, no_database: None) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/nulle-part/").status_code == 404


def test_health_tells_the_truth(client: Client, transactional_db: None, request: pytest.FixtureRequest) -> None:
    answer = client.get("/sante/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    request.getfixturevalue("no_database")
    assert client.get("/sante/").status_code == 503


def test_a_statement_that_takes_too_long_is_an_outage(client: Client, transactional_db: None) -> None:
    assert client.get("/lent/").status_code == 503


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (psycopg.errors.AdminShutdown, True),
        (psycopg.errors.QueryCanceled, True),
        (psycopg.errors.LockNotAvailable, True),
        (psycopg.errors.TooManyConnections, True),
        (psycopg.errors.DeadlockDetected, True),
        (psycopg.errors.ReadOnlySqlTransaction, True),
        (psycopg.OperationalError, True),
        (psycopg.errors.InsufficientPrivilege, False),
        (psycopg.errors.DiskFull, True),
    ],
)
def test_which_errors_are_outages(cause: type[psycopg.Error], expected: bool) -> None:
    error = OperationalError()
    error.__cause__ = cause()
    assert is_outage(error) is expected


def test_our_own_mistakes_are_no_outages() -> None:
    error = ProgrammingError()
    error.__cause__ = psycopg.errors.UndefinedTable()
    assert not is_outage(error)
    assert not is_outage(ProgrammingError())
    assert not is_outage(ValueError())
    assert is_outage(InterfaceError())


def test_a_form_of_another_site_is_refused_and_nothing_is_kept(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.users["zoe"], backend="allauth.account.auth_backends.AuthenticationBackend")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {},
    ):
        answer = client.post("/prive/", {"a": "1"}, headers=headers)
        assert answer.status_code == 403
        assert "<h1>Formulaire périmé</h1>" in text(answer)
    assert "parked_form" not in client.session


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}])
def test_a_form_of_before_a_sign_in_elsewhere_is_kept(cast: Cast, headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.users["zoe"], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/prive/?x=1", {"a": "1"}, headers=headers)
    assert (answer.status_code, answer["Location"]) == (302, "/prive/?x=1")
    assert client.session["parked_form"]["owner"] == str(cast.users["zoe"].pk)


def test_an_old_sign_in_form_is_shown_anew_and_its_password_kept_nowhere(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    form = {"login": "a@b.fr", "password": "secret", "next": "/mon-espace/"}
    answer = client.post("/connexion/", form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer["Location"] == "/connexion/?next=%2Fmon-espace%2F"
    assert "parked_form" not in client.session
