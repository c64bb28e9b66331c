"""PostgreSQL really goes away: refuses connections, or cuts them in the middle of a request.

The requests go through the WSGI application as a server would send them, connections and signals included.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from portefeuille.audit.models import Event
from portefeuille.enrolments import export
from portefeuille.enrolments.models import Enrolment
from portefeuille.outbox.models import Message
from portefeuille.web.downloads import INCOMPLETE
from tests.cast import CLIENTS, EMPLOYER, PASSWORD, Cast
from tests.sheets.test_xlsx_out import cells_of
from tests.web.reading import form_of, rows, soup, text
from tests.web.test_exporting import table


class Browser:
    """A browser before the real application: cookies, forms, and connections as a thread of the server keeps them."""

    def __init__(self) -> None:
        self.application = WSGIHandler()
        self.cookies: dict[str, str] = {}

    def get(self, address: str) -> HttpResponse:
        return self._send(RequestFactory().get(address).environ)

    def post(self, address: str, form: dict[str, Any]) -> HttpResponse:
        body = urlencode(form, doseq=True)
        kind = "application/x-www-form-urlencoded"
        return self._send(RequestFactory().post(address, body, content_type=kind).environ)

    def _send(self, environ: dict[str, Any]) -> HttpResponse:
        environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        environ["HTTP_SEC_FETCH_SITE"] = "same-origin"
        told: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            told.update(status=int(status.split()[0]), headers=headers)

        parts = self.application(environ, start)
        try:
            answer = HttpResponse(b"".join(parts), status=told["status"])
        finally:
            parts.close()  # type: ignore[attr-defined]  # tells Django that the request is over
        for name, value in told["headers"]:
            if name == "Set-Cookie":
                for morsel in SimpleCookie(value).values():
                    self.cookies[morsel.key] = morsel.value
            else:
                answer[name] = value
        return answer

    def sign_in(self) -> None:
        form = form_of(self.get("/connexion/")) | {"login": ["alice@alder.example"], "password": [PASSWORD]}
        assert self.post("/connexion/", form).status_code == 302


@pytest.fixture
def browser(committed_cast: Cast) -> Browser:
    browser = Browser()
    browser.sign_in()
    return browser


@pytest.fixture
def elsewhere() -> Iterator[psycopg.Connection]:
    """A connection of an operator's, on the same database."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:  # type: ignore[arg-type]
        yield other


@contextmanager
def nobody_listens() -> Iterator[None]:
    """The server is stopped: what is open is cut, and nothing listens."""
    connection.close()
    before = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def enrol_address(cast: Cast) -> str:
    arguments = {"firm": cast.firm_a.uid, "siren": EMPLOYER.siren, "regime": EMPLOYER.regime}
    return reverse("enrol_siren", kwargs=arguments)


def filled(cast: Cast, page: HttpResponse) -> dict[str, list[str]]:
    return form_of(page) | {
        "fait": ["48 317,29"],
        "compte": [EMPLOYER.account],
        "portefeuille": [str(cast.employers.pk)],
        "services": ["dpae", "attestations"],
    }


def says_to_try_again(answer: HttpResponse) -> None:
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "no-store" in answer["Cache-Control"]
    assert "Le service est momentanément indisponible." in text(answer)
    assert soup(answer).select_one("html[lang=fr]") is not None
    for english in ("OperationalError", "connection", "psycopg", "Traceback", "server"):
        assert english not in answer.content.decode()


def test_a_stopped_server_then_the_next_request_works(committed_cast: Cast, browser: Browser) -> None:
    address = reverse("clients", kwargs={"firm": committed_cast.firm_a.uid})
    with nobody_listens():
        answer = browser.get(f"{address}?q=boul")
        says_to_try_again(answer)
        again = soup(answer).select_one("main a.button")
        assert again is not None
        assert again["href"] == f"{address}?q=boul"
        assert Browser().get("/").status_code == 200
        assert browser.get("/sante/").status_code == 503
    assert browser.get(f"{address}?q=boul").status_code == 200
    assert browser.get("/sante/").status_code == 200


def test_a_form_sent_to_a_stopped_server_is_sent_again_from_the_page(committed_cast: Cast, browser: Browser) -> None:
    address = enrol_address(committed_cast)
    form = filled(committed_cast, browser.get(address))
    with nobody_listens():
        answer = browser.post(address, form)
        says_to_try_again(answer)
        still = browser.post(address, form_of(answer))
        says_to_try_again(still)
    assert not Enrolment.objects.exists()
    again = form_of(still)
    assert again | {"csrfmiddlewaretoken": []} == form | {"csrfmiddlewaretoken": []}
    button = soup(still).select_one("main form button")
    assert button is not None
    assert button.get_text() == "Réessayer"
    assert browser.post(address, again).status_code == 302
    assert Enrolment.objects.get().name == EMPLOYER.name


def test_the_password_is_not_in_the_page(committed_cast: Cast) -> None:
    browser = Browser()
    form = form_of(browser.get("/connexion/")) | {"login": ["alice@alder.example"], "password": [PASSWORD]}
    with nobody_listens():
        answer = browser.post("/connexion/", form)
    says_to_try_again(answer)
    assert PASSWORD not in answer.content.decode()
    assert form_of(answer)["login"] == ["alice@alder.example"]


class Cutter:
    """Cuts the connection of the request just before its n-th statement, as a crash or an administrator would."""

    def __init__(self, elsewhere: psycopg.Connection, at: int) -> None:
        self.elsewhere, self.left, self.cut = elsewhere, at, False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.cut:
            self.cut = True
            pid = connection.connection.info.backend_pid
            self.elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        return execute(sql, params, many, context)


def test_cut_before_each_statement_in_turn_nothing_is_half_done(
    committed_cast: Cast, browser: Browser, elsewhere: psycopg.Connection
) -> None:
    address = enrol_address(committed_cast)
    form = filled(committed_cast, browser.get(address))
    before = rows()
    cut = 0
    for at in range(1, 60):
        cutter = Cutter(elsewhere, at)
        with connection.execute_wrapper(cutter):
            answer = browser.post(address, form)
        if not cutter.cut:
            break
        cut += 1
        says_to_try_again(answer)
        assert rows() == before, f"cut before statement {at}"
        assert form_of(answer) | {"csrfmiddlewaretoken": []} == form | {"csrfmiddlewaretoken": []}
        assert browser.get("/mon-espace/").status_code == 302
    assert cut > 8
    assert answer.status_code == 302
    assert (Enrolment.objects.count(), Message.objects.count()) == (1, 1)
    assert Event.objects.filter(verb="enrolment.added").count() == 1


def test_cut_between_two_requests_costs_nobody_a_page(
    committed_cast: Cast, browser: Browser, elsewhere: psycopg.Connection
) -> None:
    for _ in range(3):
        connection.ensure_connection()
        elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        assert browser.get(reverse("dashboard", kwargs={"firm": committed_cast.firm_a.uid})).status_code == 200


def test_cut_while_the_session_is_written_is_no_session_that_ended(
    committed_cast: Cast, browser: Browser, elsewhere: psycopg.Connection
) -> None:
    """A notice waits in the session: it is the last thing that is written, and the person stays signed in."""
    uid = committed_cast.enrol(EMPLOYER).uid
    address = reverse("client", kwargs={"firm": committed_cast.firm_a.uid, "enrolment": uid})
    form = form_of(browser.get(address)) | {"services": ["dpae"]}

    def cut(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "people_session"'):
            elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut):
        answer = browser.post(address, form)
    says_to_try_again(answer)
    assert browser.post(address, form_of(answer)).status_code == 302
    assert Event.objects.filter(verb="enrolment.changed").count() == 1


def test_a_migration_under_a_site_at_work_costs_a_page_and_no_more(
    committed_cast: Cast, browser: Browser, elsewhere: psycopg.Connection
) -> None:
    """A statement that was prepared before a column got another type fails for ever on its connection."""
    committed_cast.enrol(EMPLOYER)
    address = reverse("clients", kwargs={"firm": committed_cast.firm_a.uid})
    for _ in range(8):
        assert browser.get(address).status_code == 200
    try:
        elsewhere.execute("ALTER TABLE enrolments_enrolment ALTER COLUMN name TYPE varchar(300)")
        says_to_try_again(browser.get(address))
        assert browser.get(address).status_code == 200
    finally:
        connection.close()
        elsewhere.execute("ALTER TABLE enrolments_enrolment ALTER COLUMN name TYPE varchar(250)")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_that_is_cut_in_the_middle_says_so_at_its_end(
    committed_cast: Cast, browser: Browser, elsewhere: psycopg.Connection, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends an answer that breaks as if it were whole: a list that lacks clients would look like any."""
    for client in CLIENTS[:3]:
        committed_cast.enrol(client)
    read = export.rows

    def cut_after_the_first(*asked: Any) -> Iterator[Sequence[str]]:
        for place, row in enumerate(read(*asked)):
            yield row
            if place == 1:
                elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])

    monkeypatch.setattr(export, "CHUNK", 1)
    monkeypatch.setattr(export, "rows", cut_after_the_first)
    address = reverse("export_clients", kwargs={"firm": committed_cast.firm_a.uid})
    answer = browser.post(address, form_of(browser.get(address)) | {"format": [form]})
    cells = cells_of(answer.content) if form == "xlsx" else table(answer.content)
    assert [row[0] for row in cells][2:] == [INCOMPLETE]
    assert browser.get(address).status_code == 200


def test_an_answer_lost_after_the_commit_is_given_again(committed_cast: Cast, browser: Browser) -> None:
    """The act was done and the person saw an outage: «Réessayer» answers what was done."""
    address = enrol_address(committed_cast)
    form = filled(committed_cast, browser.get(address)) | {"cle": [str(uuid4())]}
    first = browser.post(address, form)
    again = browser.post(address, form)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]
    assert Enrolment.objects.count() == 1
