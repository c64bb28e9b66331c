"""Signing in: one answer for every failure, after the same work; budgets; where one lands."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portefeuille.contributors.models import ClientSpace
from portefeuille.people.models import User
from portefeuille.throttling.models import Budget
from tests.cast import PASSWORD, Cast

INCORRECT = "Identifiant ou mot de passe incorrect."
TOO_MANY = "Trop d'essais depuis votre connexion."


def sign_in(login: str, password: str, client: Client | None = None, goal: str = "", **extra: Any) -> HttpResponse:
    form = {"login": login, "password": password, **({"next": goal} if goal else {})}
    return (client or Client()).post("/connexion/", form, **extra)  # type: ignore[return-value]


def page(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def test_nobody_is_there_at_first(db: None) -> None:
    assert not User.objects.exists()


def test_the_password_is_taken_as_it_was_typed(cast: Cast) -> None:
    """To its last character, with its blanks and its capitals; the longest that is allowed too."""
    alice = cast.users["alice"]
    for password in ("  Étoile filante du 12 août ", "aB3\u2009" * 32):
        alice.set_password(password)
        alice.save()
        for wrong in (password.strip(), password.lower(), password[:-1], f"{password} "):
            if wrong != password:
                assert INCORRECT in page(sign_in("alice@alder.example", wrong, REMOTE_ADDR=f"192.0.2.{len(wrong)}"))
        assert sign_in("alice@alder.example", password)["Location"] == "/mon-espace/"


def test_a_password_does_not_age(cast: Cast) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=5 * 365)):
        assert sign_in("zoe@nowhere.example", PASSWORD)["Location"] == "/mon-espace/"


def test_it_works_whatever_the_case_of_the_address(cast: Cast) -> None:
    answer = sign_in(" Alice@ALDER.example ", PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/mon-espace/")


def test_a_member_of_one_firm_lands_on_its_dashboard(cast: Cast) -> None:
    client = Client()
    sign_in("alice@alder.example", PASSWORD, client)
    assert client.get("/mon-espace/")["Location"] == f"/cabinets/{cast.firm_a.uid}/"


@pytest.fixture
def closed(cast: Cast) -> User:
    user = cast.users["zoe"]
    user.is_active = False
    user.save()
    return user


def test_every_failure_looks_alike_and_asks_alike(closed: User) -> None:
    pages, queries = set(), set()
    for number, (login, password) in enumerate(
        [
            ("alice@alder.example", "autre chose"),
            ("zoe@nowhere.example", PASSWORD),  # a closed account, with its right password
            ("nobody@alder.example", "autre chose"),
            ("no address at all", "autre chose"),
            ("alice@alder.example'--", "autre chose"),
        ]
    ):
        with CaptureQueriesContext(connection) as captured:
            answer = sign_in(login, password, REMOTE_ADDR=f"192.0.2.{number}")
        assert answer.status_code == 200
        body = page(answer)
        assert INCORRECT in body
        assert password not in body
        pages.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body).replace(login, "LOGIN"))
        queries.add(len(captured))
    assert len(pages) == 1
    assert len(queries) == 1


def test_every_failure_hashes_once(closed: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    encode, counted = MD5PasswordHasher.encode, []

    def counting(self: Any, password: str, salt: str) -> str:
        counted.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    for number, login in enumerate(["alice@alder.example", "zoe@nowhere.example", "nobody@alder.example"]):
        sign_in(login, "autre chose")
        assert len(counted) == number + 1


@pytest.mark.parametrize(("login", "password"), [("", PASSWORD), ("alice@alder.example", ""), ("\x00", "x")])
def test_what_is_missing_is_said_at_its_field(cast: Cast, login: str, password: str) -> None:
    answer = sign_in(login, password)
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in page(answer)


def test_the_tenth_failure_closes_the_door_even_to_the_right_password(cast: Cast) -> None:
    for _ in range(10):
        assert INCORRECT in page(sign_in("alice@alder.example", "autre chose"))
    assert TOO_MANY in page(sign_in("alice@alder.example", PASSWORD))
    assert TOO_MANY in page(sign_in("ALICE@alder.example", "autre chose"))
    # from elsewhere, and for others, it stays open
    assert sign_in("alice@alder.example", PASSWORD, REMOTE_ADDR="198.51.100.9").status_code == 302
    assert sign_in("bob@alder.example", PASSWORD).status_code == 302


def test_one_address_cannot_try_everybody(cast: Cast, settings: Any) -> None:
    settings.SIGN_IN_BUDGETS = {**settings.SIGN_IN_BUDGETS, "sign_in_address": [(3, 300)]}
    for number in range(3):
        assert INCORRECT in page(sign_in(f"nobody{number}@alder.example", "autre chose"))
    assert TOO_MANY in page(sign_in("alice@alder.example", PASSWORD))


def test_a_success_spends_nothing(cast: Cast) -> None:
    for _ in range(12):
        assert sign_in("alice@alder.example", PASSWORD).status_code == 302
    assert not Budget.objects.exists()


@pytest.mark.parametrize(
    ("goal", "lands"),
    [
        ("/mon-espace/?choisir=1", "/mon-espace/?choisir=1"),
        ("//evil.example/", "/mon-espace/"),
        ("https://evil.example/", "/mon-espace/"),
        ("javascript:alert(1)", "/mon-espace/"),
        ("/\\evil.example", "/mon-espace/"),
    ],
)
def test_it_leads_only_to_pages_of_this_site(cast: Cast, goal: str, lands: str) -> None:
    assert sign_in("alice@alder.example", PASSWORD, goal=goal)["Location"] == lands


def test_the_key_of_the_session_changes(cast: Cast) -> None:
    client = Client()
    client.post("/mon-espace/", {"a": "1"})  # an anonymous session, for what was typed
    before = client.session.session_key
    sign_in("alice@alder.example", PASSWORD, client)
    assert before
    assert client.session.session_key != before


def test_whoever_is_signed_in_goes_to_their_space(cast: Cast, browse: Any) -> None:
    assert browse("alice").get("/connexion/")["Location"] == "/mon-espace/"


def test_signing_out_is_a_post_and_ends_the_session(cast: Cast, browse: Any) -> None:
    client = browse("alice")
    assert "Se déconnecter" in page(client.get("/deconnexion/"))
    assert client.get("/mon-espace/").status_code == 302
    assert client.get("/mon-espace/")["Location"].startswith("/cabinets/")
    assert client.post("/deconnexion/")["Location"] == "/"
    assert client.get("/mon-espace/")["Location"] == "/connexion/?next=/mon-espace/"
    assert client.get("/deconnexion/")["Location"] == "/"


@pytest.mark.parametrize(
    ("who", "route"),
    [
        ("zoe", "my_space"),
        ("zoe", "account"),
        ("bob", "dashboard"),
        ("carl", "client_space"),
        ("ida", "office"),
    ],
)
def test_every_frame_has_a_way_out(cast: Cast, browse: Any, who: str, route: str) -> None:
    of = {"dashboard": {"firm": cast.firm_a.uid}, "client_space": {"space": ClientSpace.objects.get().uid}}
    answer = browse(who).get(reverse(route, kwargs=of.get(route)))
    assert answer.status_code == 200
    assert re.search(r'<form[^>]*action="/deconnexion/"[^>]*>.*?Se déconnecter', page(answer), re.DOTALL)


def test_many_sign_ins_from_one_address_are_no_reason_to_refuse(cast: Cast) -> None:
    client = Client()
    for _ in range(40):
        assert client.get("/connexion/").status_code == 200


def test_nothing_else_of_the_library_is_open(cast: Cast) -> None:
    for path in ("/inscription/", "/signup/", "/accounts/signup/", "/password/reset/", "/connexion/code/"):
        assert Client().get(path).status_code == 404
