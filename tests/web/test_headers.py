"""What a browser is told and given: on every route, for whoever asks, errors included."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.test import Client

from portefeuille.web import errors
from tests.web.matrix import PEOPLE, Scene, every_route, objects_of
from tests.web.reading import body, soup

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


def check(answer: Any, what: str) -> None:
    """All that holds for every answer of the site."""
    policy = {part.strip() for part in answer.get("Content-Security-Policy", "").split(";") if part.strip()}
    assert policy == POLICY, what
    assert answer.get("Cache-Control") is not None, what
    assert "no-store" in answer["Cache-Control"], what
    assert answer.get("X-Content-Type-Options") == "nosniff", what
    assert answer.get("Referrer-Policy") == "same-origin", what
    assert answer.get("Cross-Origin-Opener-Policy") == "same-origin", what
    assert answer.get("Cross-Origin-Resource-Policy") == "same-origin", what
    assert "camera=()" in answer.get("Permissions-Policy", ""), what
    for name, cookie in answer.cookies.items():
        assert name in ("session", "csrf", "device"), what
        if cookie.value:
            assert cookie["httponly"], what
            assert cookie["samesite"] == "Lax", what
            assert not cookie["domain"], what
    if body(answer) and answer.get("Content-Type", "").startswith("text/html"):
        nothing_inline(answer, what)


def nothing_inline(answer: Any, what: str) -> None:
    """No style, script or handler in the page; all that it fetches and all that it sends stays on this site."""
    page = soup(answer)
    assert not page.find_all("style"), what
    assert not page.select("[style]"), what
    for script in page.find_all("script"):
        assert script.get("src"), what
        assert not script.string, what
    for tag in page.find_all(True):
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), f"{what}: {name}"
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
                assert not str(value).startswith(("http:", "https:", "//", "javascript:", "data:")), f"{what}: {value}"
    assert not page.find_all(["iframe", "object", "embed", "base"]), what
    for form in page.find_all("form", method="post"):
        assert form.find("input", {"name": "csrfmiddlewaretoken"}) is not None, what
    for form in page.find_all("form", method="get"):
        assert form.find("input", {"name": "csrfmiddlewaretoken"}) is None, what


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who or "stranger")
def test_every_route_for_everybody(scene: Scene, browse: Any, settings: Any, who: str) -> None:
    settings.DEMO = True
    for route in every_route():
        for thing in sorted(objects_of(route)):
            for method in ("get", "put"):
                browser = browse(who)
                check(getattr(browser, method)(scene.address(route, thing)), f"{method} {route} {thing} by {who}")


def test_what_is_posted(scene: Scene, browse: Any) -> None:
    """Refusals in the page, refusals for want of a key, acts, and what comes after them."""
    for route in every_route():
        for thing in sorted(objects_of(route) & {"-", "A"}):
            address = scene.address(route, thing)
            keyless = browse("alice")
            keyless.handler.enforce_csrf_checks = True
            check(keyless.post(address, {}), f"keyless {route}")
            for form in ({}, scene.sent(route, thing)):
                browser = browse("alice")
                answer = browser.post(address, form)
                check(answer, f"post {route}")
                if answer.status_code == 302:
                    check(browser.get(answer["Location"]), f"after {route}")


def test_the_pages_of_errors(scene: Scene, browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browse("alice")
    browser.raise_request_exception = False
    seen = {}
    for what, answer in {
        "host": browser.get("/", HTTP_HOST="evil.example"),
        "unknown": browser.get("/nulle-part/"),
        "slash": browser.get("/mon-espace"),
        "too many fields": browser.post(
            "/connexion/", "a=1&" * 3000, content_type="application/x-www-form-urlencoded"
        ),
        "static": browser.get("/static/nothing.js"),
    }.items():
        check(answer, what)
        seen[what] = answer.status_code
    assert seen == {"host": 400, "unknown": 404, "slash": 301, "too many fields": 400, "static": 404}

    def fault(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    def outage(*_: Any, **__: Any) -> None:
        raise OperationalError

    for status, broken in ((500, fault), (503, outage)):
        monkeypatch.setattr("portefeuille.enrolments.queries.situation", broken)
        answer = browser.get(scene.address("dashboard", "A"))
        assert answer.status_code == status
        check(answer, str(status))
    assert errors.is_outage(OperationalError())


def test_a_policy_that_is_not_strict_would_be_seen(scene: Scene, browse: Any, settings: Any) -> None:
    """That these tests see something."""
    answer = browse().get("/")
    for spoilt in (
        b"<p style='color:red'>",
        b"<script>1</script>",
        b"<a onclick='x()'>",
        b"<a href='javascript:x()'>",
        b"<img src='//evil.example/x.png'>",
        b"<form method=post></form>",
        b"<style>p{}</style>",
    ):
        answer.content = b"<html>" + spoilt + b"</html>"
        with pytest.raises(AssertionError):
            check(answer, "spoilt")


def test_our_scripts_need_no_more_than_the_policy_gives() -> None:
    script = Path(str(finders.find("portefeuille.js"))).read_text()
    for word in ("eval(", "new Function", 'setAttribute("style"', "cssText", "document.write", "onclick="):
        assert word not in script
    style = Path(str(finders.find("portefeuille.css"))).read_text()
    for word in ("@import", "http://", "https://", "data:"):
        assert word not in style


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "https://portefeuille.example",
            {"names": ["__Host-session", "__Host-csrf"], "secure": [True, True], "hsts": 31536000},
        ),
        ("http://localhost:8000", {"names": ["session", "csrf"], "secure": [False, False], "hsts": 0}),
    ],
)
def test_cookies_and_transport_by_the_address_of_the_site(address: str, expected: dict[str, Any]) -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json; from portefeuille.config import settings as s; print(json.dumps({"
            "'names': [s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME],"
            "'secure': [s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE],"
            "'hsts': s.SECURE_HSTS_SECONDS}))",
        ],
        env={**os.environ, "SITE_ADDRESS": address},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == expected


def test_over_tls_a_browser_is_told_to_stay_there(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True
    answer = Client().get("/", secure=True)
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
