"""What everybody gets of each route is what the tables of ``tests/web/matrix/`` say."""

from copy import copy
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portefeuille.outbox.models import Message
from tests.web.matrix import METHODS, PEOPLE, Scene, every_route, lines, objects_of
from tests.web.reading import body, form_of, goes_to_sign_in, html, rows


def test_the_tables_have_every_route_and_no_other() -> None:
    routes = list(every_route())
    assert len(routes) == len(set(routes))
    assert {route for route, *_ in lines()} == set(routes)


def test_the_tables_have_every_object_and_method_of_each_route() -> None:
    said = [(route, thing, method) for route, thing, method, _ in lines()]
    assert len(said) == len(set(said))
    assert set(said) == {
        (route, thing, method) for route in every_route() for thing in objects_of(route) for method in METHODS
    }


def outcome(browser: Client, method: str, address: str, sent: dict[str, Any], before: dict[str, str]) -> str:
    """What the table says about one request, made and taken back. ``before``: the rows as they are."""
    cookies = copy(browser.cookies)
    with transaction.atomic():
        if method in ("GET", "HEAD"):
            answer = browser.generic(method, address)
        elif method == "POST":
            answer = browser.post(address, sent)
        else:
            answer = browser.generic(method, address, urlencode(sent), "application/x-www-form-urlencoded")
        changed = "!" if rows() != before else ""
        transaction.set_rollback(True)
        browser.cookies = cookies
    read = body(answer)
    if method == "HEAD":
        assert read == b""
    return ("sign-in" if goes_to_sign_in(answer) else str(answer.status_code)) + changed


@pytest.mark.parametrize("route", sorted({route for route, *_ in lines()}))
def test_everybody_gets_what_the_table_says(scene: Scene, browse: Any, route: str) -> None:
    browsers = {who: browse(who) for who in PEOPLE}
    before = rows()
    wrong = []
    for said, thing, methods, expected in lines():
        if said != route:
            continue
        address, sent = scene.address(route, thing), scene.sent(route, thing)
        for method in METHODS[methods]:
            for who, wanted in zip(PEOPLE, expected, strict=True):
                got = outcome(browsers[who], method, address, sent, before)
                if got != wanted:
                    wrong.append(f"{method} {route} of {thing} by {who or 'stranger'}: {got}, not {wanted}")
    assert wrong == []


def test_unknown_objects_are_answered_as_foreign_ones_are(scene: Scene, browse: Any) -> None:
    """A page that is not there says the same as a page that is somebody else's."""
    nobody = UUID("00000000-0000-4000-8000-000000000000")
    browser = browse("bob")
    pages = set()
    for firm, client in (
        (scene.cast.firm_b.uid, scene.client["B"]),
        (scene.cast.firm_a.uid, scene.client["B"]),
        (scene.cast.firm_a.uid, scene.client["A2"]),
        (scene.cast.firm_a.uid, nobody),
        (nobody, nobody),
        (nobody, scene.client["A"]),
    ):
        answer = browser.get(reverse("client", kwargs={"firm": firm, "enrolment": client}))
        assert answer.status_code == 404
        pages.add(answer.content)
    assert len(pages) == 1


def acting() -> list[tuple[str, str]]:
    """The routes that take POST from somebody, with an object of Alice's."""
    return sorted({(route, thing) for route, thing, method, outcomes in lines()
                   if method == "POST" and outcomes[-1] != "405" and thing in ("-", "A")})  # fmt: skip


NOT_OURS: list[dict[str, str]] = [
    {},
    {"HTTP_SEC_FETCH_SITE": "cross-site"},
    {"HTTP_SEC_FETCH_SITE": "same-site"},
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_ORIGIN": "https://["},
]


@pytest.mark.parametrize(("route", "thing"), acting())
def test_a_form_without_its_key_does_nothing(scene: Scene, browse: Any, route: str, thing: str) -> None:
    for who in ("", "alice"):
        browser = browse(who)
        browser.handler.enforce_csrf_checks = True
        before = rows()
        for sent_by in NOT_OURS:
            answer = browser.post(scene.address(route, thing), scene.sent(route, thing), **sent_by)
            assert answer.status_code == 403, sent_by
            assert "Formulaire périmé" in html(answer)
            assert rows() == before


@pytest.mark.parametrize(("route", "thing"), acting())
def test_a_form_of_ours_with_an_old_key_does_nothing_either(scene: Scene, browse: Any, route: str, thing: str) -> None:
    """It is shown again, for the person to send it again."""
    browser = browse("alice")
    browser.handler.enforce_csrf_checks = True
    before = rows()
    answer = browser.post(scene.address(route, thing), scene.sent(route, thing), HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 302
    assert rows() == before


def test_a_form_with_its_key_acts(scene: Scene, browse: Any) -> None:
    browser = browse("alice")
    browser.handler.enforce_csrf_checks = True
    address = scene.address("terminate", "A")
    form = form_of(browser.get(address))
    before = rows()
    assert browser.post(address, form).status_code == 302
    assert rows() != before


def test_a_demonstration_shows_its_emails_to_all(scene: Scene, browse: Any, settings: Any) -> None:
    settings.DEMO = True
    email = Message.objects.order_by("pk")[0]
    browsers = {who: browse(who) for who in PEOPLE}
    before = rows()
    for browser in browsers.values():
        for route, arguments in (("kept_emails", {}), ("kept_email", {"uid": email.uid})):
            assert outcome(browser, "GET", reverse(route, kwargs=arguments), {}, before) == "200"
    unknown = reverse("kept_email", kwargs={"uid": UUID(int=1)})
    assert outcome(browsers["alice"], "GET", unknown, {}, before) == "404"
