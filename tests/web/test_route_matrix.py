"""Every route × method × person × object against a table that people can read.

Objects: ``A`` is a client of firm A in «Employeurs», ``A2`` one of firm A in «Indépendants», ``B`` one of firm B, each
under the address of its own firm; ``A/B`` is the client of firm B under the address of firm A. Routes without a client
have the firms only; those without a firm have ``-``.

Outcomes: a status; ``sign-in`` is a redirection to the sign-in page; ``!`` after a status means that rows changed, and
without it none did. HEAD answers as GET does, without a body. ``other`` are PUT, PATCH, DELETE, OPTIONS.
"""

from collections.abc import Iterator
from copy import copy
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portefeuille.enrolments.actions import terminate
from portefeuille.enrolments.contest_links import token_for
from portefeuille.outbox.models import Message
from portefeuille.registry.models import Account, Establishment, Regime
from portefeuille.sealing import seal
from portefeuille.web.adding.views import _ACCOUNT_IN_ADDRESS
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, REGULATED, STRUCK_OFF, Cast
from tests.web.reading import form_of, goes_to_sign_in, html, rows

PEOPLE = ("", "zoe", "charlie", "rita", "bob", "alice")

TABLE = """
route               object  method  stranger  zoe   charlie  rita  bob   alice
home                -       GET     200       200   200      200   200   200
home                -       POST    405       405   405      405   405   405
home                -       other   405       405   405      405   405   405
create_space        -       GET     200       200   200      200   200   200
create_space        -       POST    405       405   405      405   405   405
create_space        -       other   405       405   405      405   405   405
verify_certificate  -       GET     200       200   200      200   200   200
verify_certificate  -       POST    405       405   405      405   405   405
verify_certificate  -       other   405       405   405      405   405   405
my_space            -       GET     sign-in   200   302      302   302   302
my_space            -       POST    sign-in   405   405      405   405   405
my_space            -       other   sign-in   405   405      405   405   405
health              -       GET     200       200   200      200   200   200
health              -       POST    405       405   405      405   405   405
health              -       other   405       405   405      405   405   405
account_login       -       GET     200       302   302      302   302   302
account_login       -       POST    200!      302   302      302   302   302
account_login       -       other   405       405   405      405   405   405
account_logout      -       GET     302       200   200      200   200   200
account_logout      -       POST    302       302   302      302   302   302
account_logout      -       other   405       405   405      405   405   405
kept_emails         -       GET     404       404   404      404   404   404
kept_emails         -       POST    405       405   405      405   405   405
kept_emails         -       other   405       405   405      405   405   405
kept_email          -       GET     404       404   404      404   404   404
kept_email          -       POST    405       405   405      405   405   405
kept_email          -       other   405       405   405      405   405   405
contest             -       GET     200       200   200      200   200   200
contest             -       POST    200!      200!  200!     200!  200!  200!
contest             -       other   405       405   405      405   405   405
dashboard           A       GET     sign-in   404   404      200   200   200
dashboard           A       POST    sign-in   405   405      405   405   405
dashboard           A       other   sign-in   405   405      405   405   405
dashboard           B       GET     sign-in   404   200      404   404   404
dashboard           B       POST    sign-in   405   405      405   405   405
dashboard           B       other   sign-in   405   405      405   405   405
add                 A       GET     sign-in   404   404      200   200   200
add                 A       POST    sign-in   404   404      302   302   302
add                 A       other   sign-in   405   405      405   405   405
add                 B       GET     sign-in   404   200      404   404   404
add                 B       POST    sign-in   404   302      404   404   404
add                 B       other   sign-in   405   405      405   405   405
choose_regime       A       GET     sign-in   404   404      200   200   200
choose_regime       A       POST    sign-in   405   405      405   405   405
choose_regime       A       other   sign-in   405   405      405   405   405
choose_regime       B       GET     sign-in   404   200      404   404   404
choose_regime       B       POST    sign-in   405   405      405   405   405
choose_regime       B       other   sign-in   405   405      405   405   405
enrol_siren         A       GET     sign-in   404   404      200   200   200
enrol_siren         A       POST    sign-in   404   404      200   302!  302!
enrol_siren         A       other   sign-in   405   405      405   405   405
enrol_siren         B       GET     sign-in   404   200      404   404   404
enrol_siren         B       POST    sign-in   404   302!     404   404   404
enrol_siren         B       other   sign-in   405   405      405   405   405
enrol_account       A       GET     sign-in   404   404      200   200   200
enrol_account       A       POST    sign-in   404   404      200   302!  302!
enrol_account       A       other   sign-in   405   405      405   405   405
enrol_account       B       GET     sign-in   404   200      404   404   404
enrol_account       B       POST    sign-in   404   302!     404   404   404
enrol_account       B       other   sign-in   405   405      405   405   405
clients             A       GET     sign-in   404   404      200   200   200
clients             A       POST    sign-in   405   405      405   405   405
clients             A       other   sign-in   405   405      405   405   405
clients             B       GET     sign-in   404   200      404   404   404
clients             B       POST    sign-in   405   405      405   405   405
clients             B       other   sign-in   405   405      405   405   405
client              A       GET     sign-in   404   404      200   200   200
client              A       POST    sign-in   404   404      404   302!  302!
client              A       other   sign-in   405   405      405   405   405
client              A2      GET     sign-in   404   404      404   404   200
client              A2      POST    sign-in   404   404      404   404   302!
client              A2      other   sign-in   405   405      405   405   405
client              B       GET     sign-in   404   200      404   404   404
client              B       POST    sign-in   404   302!     404   404   404
client              B       other   sign-in   405   405      405   405   405
client              A/B     GET     sign-in   404   404      404   404   404
client              A/B     POST    sign-in   404   404      404   404   404
client              A/B     other   sign-in   405   405      405   405   405
terminate           A       GET     sign-in   404   404      404   200   200
terminate           A       POST    sign-in   404   404      404   302!  302!
terminate           A       other   sign-in   405   405      405   405   405
terminate           A2      GET     sign-in   404   404      404   404   200
terminate           A2      POST    sign-in   404   404      404   404   302!
terminate           A2      other   sign-in   405   405      405   405   405
terminate           B       GET     sign-in   404   200      404   404   404
terminate           B       POST    sign-in   404   302!     404   404   404
terminate           B       other   sign-in   405   405      405   405   405
terminate           A/B     GET     sign-in   404   404      404   404   404
terminate           A/B     POST    sign-in   404   404      404   404   404
terminate           A/B     other   sign-in   405   405      405   405   405
establishment       A       GET     sign-in   404   404      200   200   200
establishment       A       POST    sign-in   404   404      404   302!  302!
establishment       A       other   sign-in   405   405      405   405   405
establishment       A2      GET     sign-in   404   404      404   404   200
establishment       A2      POST    sign-in   404   404      404   404   302!
establishment       A2      other   sign-in   405   405      405   405   405
establishment       B       GET     sign-in   404   200      404   404   404
establishment       B       POST    sign-in   404   302!     404   404   404
establishment       B       other   sign-in   405   405      405   405   405
establishment       A/B     GET     sign-in   404   404      404   404   404
establishment       A/B     POST    sign-in   404   404      404   404   404
establishment       A/B     other   sign-in   405   405      405   405   405
terminate_many      A       GET     sign-in   404   404      302   200   200
terminate_many      A       POST    sign-in   404   404      302   302!  302!
terminate_many      A       other   sign-in   405   405      405   405   405
terminate_many      A2      GET     sign-in   404   404      302   302   200
terminate_many      A2      POST    sign-in   404   404      302   302   302!
terminate_many      A2      other   sign-in   405   405      405   405   405
terminate_many      B       GET     sign-in   404   200      404   404   404
terminate_many      B       POST    sign-in   404   302!     404   404   404
terminate_many      B       other   sign-in   405   405      405   405   405
terminate_many      A/B     GET     sign-in   404   404      302   302   302
terminate_many      A/B     POST    sign-in   404   404      302   302   302
terminate_many      A/B     other   sign-in   405   405      405   405   405
undo                A       GET     sign-in   404   404      302   302   302
undo                A       POST    sign-in   404   404      302   302!  302!
undo                A       other   sign-in   405   405      405   405   405
undo                A2      GET     sign-in   404   404      302   302   302
undo                A2      POST    sign-in   404   404      302   302   302!
undo                A2      other   sign-in   405   405      405   405   405
undo                B       GET     sign-in   404   302      404   404   404
undo                B       POST    sign-in   404   302!     404   404   404
undo                B       other   sign-in   405   405      405   405   405
undo                A/B     GET     sign-in   404   404      302   302   302
undo                A/B     POST    sign-in   404   404      302   302   302
undo                A/B     other   sign-in   405   405      405   405   405
"""

_METHODS = {"GET": ("GET", "HEAD"), "POST": ("POST",), "other": ("PUT", "PATCH", "DELETE", "OPTIONS")}
#: Routes about a client, whichever way the client is named.
_OF_A_CLIENT = {"client", "terminate", "establishment", "terminate_many", "undo"}


def _lines() -> Iterator[tuple[str, str, str, list[str]]]:
    for line in TABLE.strip().splitlines()[1:]:
        route, thing, method, *outcomes = line.split()
        assert len(outcomes) == len(PEOPLE), line
        yield route, thing, method, outcomes


def every_route(patterns: Any = None, prefix: tuple[str, ...] = ()) -> Iterator[str]:
    """The name of each route of the URLconf; a route without a name is named by its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from every_route(pattern.url_patterns, (*prefix, str(pattern.pattern)))
        else:
            assert isinstance(pattern, URLPattern)
            yield pattern.name or "".join([*prefix, str(pattern.pattern)])


def objects_of(route: str) -> set[str]:
    arguments = get_resolver().reverse_dict.getlist(route)[0][0][0][1]
    if "firm" not in arguments:
        return {"-"}
    return {"A", "A2", "B", "A/B"} if route in _OF_A_CLIENT else {"A", "B"}


def test_the_table_has_every_route_and_no_other() -> None:
    routes = list(every_route())
    assert len(routes) == len(set(routes))
    assert {route for route, *_ in _lines()} == set(routes)


def test_the_table_has_every_object_and_method_of_each_route() -> None:
    said = [(route, thing, method) for route, thing, method, _ in _lines()]
    assert len(said) == len(set(said))
    assert set(said) == {
        (route, thing, method) for route in every_route() for thing in objects_of(route) for method in _METHODS
    }


SECOND_ACCOUNTS = {
    EMPLOYER: ("117000003333333333", "73282932000082"),
    STRUCK_OFF: ("117000004444444444", "57201524600026"),
}


class Scene:
    """The cast with a client in each place, an act to undo in each place, and the addresses of them all."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        for client, (number, siret) in SECOND_ACCOUNTS.items():
            first = Account.objects.get(number=client.account)
            Establishment.objects.create(siret=siret, siren=client.siren)
            Account.objects.create(
                number=number, shown_number=number, regime=Regime.GENERAL, organisation="117", siren=client.siren,
                siret=siret, holder=first.holder, town=first.town, postcode=first.postcode, state=first.state,
            )  # fmt: skip
        independents = cast.independents
        self.client = {
            "A": cast.enrol(EMPLOYER, portfolio=cast.employers).uid,
            "A2": cast.enrol(STRUCK_OFF, portfolio=independents).uid,
            "B": cast.enrol(EMPLOYER, who="charlie").uid,
        }
        ended = {
            "A": ("alice", cast.enrol(INDEPENDENT, portfolio=cast.employers).uid),
            "A2": ("alice", cast.enrol(REGULATED, portfolio=independents).uid),
            "B": ("charlie", cast.enrol(INDEPENDENT, who="charlie").uid),
        }
        self.ending = {
            place: terminate(access=cast.access(who), enrolments=[uid]).ending for place, (who, uid) in ended.items()
        }
        self.client["A/B"], self.ending["A/B"] = self.client["B"], self.ending["B"]
        self.firm = {"A": cast.firm_a, "A2": cast.firm_a, "A/B": cast.firm_a, "B": cast.firm_b}
        self.siret = {"A": "73282932000082", "B": "73282932000082", "A/B": "73282932000082", "A2": "57201524600026"}

    def address(self, route: str, thing: str) -> str:
        arguments: dict[str, Any] = {
            "choose_regime": {"siren": EMPLOYER.siren},
            "enrol_siren": {"siren": LIBERAL_SAME_SIREN.siren, "regime": LIBERAL_SAME_SIREN.regime},
            "enrol_account": {"token": seal(_ACCOUNT_IN_ADDRESS, MANAGER.account.encode())},
            "client": {"enrolment": self.client.get(thing)},
            "terminate": {"enrolment": self.client.get(thing)},
            "establishment": {"enrolment": self.client.get(thing), "siret": self.siret.get(thing)},
            "undo": {"ending": self.ending.get(thing)},
            "kept_email": {"uid": UUID(int=1)},
            "contest": {"token": token_for(self.client["A"])},
        }.get(route, {})
        if thing != "-":
            arguments["firm"] = self.firm[thing].uid
        asked = f"?client={self.client[thing]}" if route == "terminate_many" else ""
        return reverse(route, kwargs=arguments) + asked

    def sent(self, route: str, thing: str) -> dict[str, Any]:
        """A form that acts, for whoever may act."""
        firm = self.firm.get(thing)
        portfolio = (
            "" if firm is None else (self.cast.portfolio_b if firm == self.cast.firm_b else self.cast.employers).pk
        )
        sent: dict[str, Any] = {
            "account_login": {"login": "nobody@nowhere.example", "password": "x"},
            "add": {"identifiant": EMPLOYER.siren},
            "enrol_siren": {
                "fait": LIBERAL_SAME_SIREN.nir,
                "compte": LIBERAL_SAME_SIREN.account,
                "portefeuille": portfolio,
            },
            "enrol_account": {"fait": MANAGER.amount, "compte": MANAGER.account, "portefeuille": portfolio},
            "client": {"services": ["attestations"]},
            "establishment": {"services": ["attestations"]},
            "terminate_many": {"client": str(self.client.get(thing))},
        }.get(route, {})
        return sent


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)


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
    if method == "HEAD":
        assert answer.content == b""
    return ("sign-in" if goes_to_sign_in(answer) else str(answer.status_code)) + changed


@pytest.mark.parametrize("route", sorted({route for route, *_ in _lines()}))
def test_everybody_gets_what_the_table_says(scene: Scene, browse: Any, route: str) -> None:
    browsers = {who: browse(who) for who in PEOPLE}
    before = rows()
    wrong = []
    for said, thing, methods, expected in _lines():
        if said != route:
            continue
        address, sent = scene.address(route, thing), scene.sent(route, thing)
        for method in _METHODS[methods]:
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
    return sorted({(route, thing) for route, thing, method, outcomes in _lines()
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
