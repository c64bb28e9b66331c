"""Bytes that are no text, bodies that are no forms, headers that no browser sends: never a fault."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import EMPLOYER, INDEPENDENT, Cast
from tests.web.hostile import BROKEN, enrol_page, filled, fine, firm_page, refused_at
from tests.web.reading import rows, soup


@pytest.fixture
def alice(browse: Any) -> Any:
    return browse("alice")


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_bytes_that_are_no_text(cast: Cast, alice: Any, browse: Any, broken: str) -> None:
    raw = bytes.fromhex(broken.replace("t", "%74").replace("%", ""))
    client = cast.enrol(EMPLOYER).uid
    forms = {
        firm_page(cast, "add"): ["identifiant"],
        enrol_page(cast, INDEPENDENT): ["fait", "compte", "cle", "portefeuille", "services", "avis"],
        firm_page(cast, "client", enrolment=client): ["services", "vu"],
        firm_page(cast, "terminate_many"): ["client"],
    }
    before = rows()
    for address, names in forms.items():
        for name in names:
            for body in (f"{name}=".encode() + raw, f"{name}={broken}".encode()):
                answer = fine(alice.generic("POST", address, body, FORM))
                assert answer.status_code in (200, 302)
    for address, names in {
        firm_page(cast, "clients"): ["q", "page", "tri", "nouveau", "etat", "regime", "portefeuille"],
        firm_page(cast, "add"): ["etablissement", "compte", "page"],
        firm_page(cast, "terminate_many"): ["client", "etat"],
        "/mon-espace/": ["choisir"],
    }.items():
        for name in names:
            for query in (f"{name}={broken}", f"{name}=".encode() + raw):
                text_of = query if isinstance(query, str) else query.decode("latin-1")
                fine(alice.get(address, QUERY_STRING=text_of))
    for name in ("login", "password", "next"):
        fine(browse().generic("POST", "/connexion/", f"{name}={broken}", FORM))
    for path in (f"/{broken}/", f"/contester/{broken}/", f"{firm_page(cast, 'add')}compte/{broken}/"):
        assert fine(alice.get(path)).status_code == 404
    # The client's own services may have been changed by a form without any: nothing else has.
    assert {table for table, now in rows().items() if now != before[table]} <= {
        "enrolments_enrolment",
        "audit_event",
        "audit_chain",
        "outbox_message",
        "throttling_budget",
        "throttling_failure",
    }


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"identifiant=1", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"identifiant=1", "application/x-www-form-urlencoded; charset=no-such-thing"),
        (b"\xff\xfe", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="identifiant"\r\n\r\n1', "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=" + "y" * 500),
        (b'{"identifiant": "1"}', "application/json"),
        (b"<a/>", "text/xml"),
        (b"&" * 5000, "application/x-www-form-urlencoded"),
        (b"a=1&" * 2500, "application/x-www-form-urlencoded"),
        (b"identifiant=" + b"9" * (1024 * 1024 + 10), "application/x-www-form-urlencoded"),
    ],
)
def test_bodies_that_are_no_form(cast: Cast, alice: Any, browse: Any, body: bytes, kind: str) -> None:
    before = rows()
    for browser, address in ((alice, firm_page(cast, "add")), (browse(), "/connexion/"), (browse(), "/mon-espace/")):
        browser.handler.enforce_csrf_checks = False
        answer = fine(browser.generic("POST", address, body, kind))
        assert answer.status_code in (200, 302, 400, 405)
        if answer.status_code != 302 and "json" not in kind:
            assert soup(answer).select_one("html[lang=fr] h1") is not None
        browser.handler.enforce_csrf_checks = True
        assert fine(browser.generic("POST", address, body, kind)).status_code in (302, 400, 403)
    assert rows() == before


def test_a_file_where_a_text_is_asked(cast: Cast, alice: Any) -> None:
    file = SimpleUploadedFile("732829320.txt", b"732829320")
    answer = alice.post(firm_page(cast, "add"), {"identifiant": file})
    refused_at(answer, "identifiant", "")
    form = filled(cast, EMPLOYER) | {"fait": SimpleUploadedFile("fait", b"48317.29")}
    refused_at(alice.post(enrol_page(cast, EMPLOYER), form), "fait", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "["},
        {"HTTP_REFERER": "http://["},
        {"HTTP_ORIGIN": "http://["},
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://["},
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "//evil.example//evil.example/"},
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "\xe9\x00"},
        {"HTTP_COOKIE": "session=\x00; csrf=" + "x" * 5000},
        {"HTTP_COOKIE": "session=../../etc; csrf=\xff"},
        {"HTTP_X_FORWARDED_FOR": "x, y, ::1%eth0"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "nonsense"},
        {"HTTP_ACCEPT_LANGUAGE": "\x00;q=zz," * 50},
        {"HTTP_ACCEPT_ENCODING": "gzip;q=1e999"},
        {"HTTP_RANGE": "bytes=9-1"},
        {"HTTP_IF_NONE_MATCH": '"'},
        {"HTTP_IF_MODIFIED_SINCE": "yesterday"},
    ],
    ids=str,
)
def test_headers_made_up(cast: Cast, alice: Any, browse: Any, headers: dict[str, str]) -> None:
    for browser in (alice, browse()):
        for check in (False, True):
            browser.handler.enforce_csrf_checks = check
            for address in ("/", "/connexion/", "/mon-espace/", firm_page(cast, "clients"), "/static/nothing.css"):
                got = fine(browser.get(address, **headers))
                assert "evil.example/" not in got.get("Location", "").partition("?")[0]
                fine(browser.post(address, {"login": "a", "password": "b"}, **headers))
