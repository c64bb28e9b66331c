"""Setting up, changing and removing a second factor; recovery codes; who must have one."""

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portefeuille.audit.models import Event
from portefeuille.firms.models import Member
from portefeuille.outbox.models import Message
from portefeuille.people.models import Session
from tests.cast import PASSWORD, Cast
from tests.web.account.second_factors import SECRET, code, set_up
from tests.web.reading import form_of, html, rows, soup, text

START = 1_800_000_000
HOME = "/mon-compte/double-authentification/"
APPLICATION = f"{HOME}application/"
CODES = f"{HOME}codes/"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def shown_secret(page: Any) -> str:
    found = soup(page).select_one("code.secret")
    assert found is not None
    return found.get_text().replace(" ", "")


def shown_codes(page: Any) -> list[str]:
    return [one.get_text() for one in soup(page).select(".codes code")]


def test_an_application_is_added_with_its_recovery_codes(cast: Cast, browse: Any, clock: Any) -> None:
    bob = browse("bob")
    page = bob.get(APPLICATION)
    secret = shown_secret(page)
    assert shown_secret(bob.get(APPLICATION)) == secret  # another tab shows the same
    answer = bob.post(APPLICATION, {**form_of(page), "code": code(0, secret)})
    assert answer["Location"] == CODES
    page = bob.get(CODES)
    codes = shown_codes(page)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", one) for one in codes)
    kept = bob.get(f"{CODES}fichier/")
    assert kept["Content-Disposition"].startswith("attachment")
    assert all(one in kept.content.decode() for one in codes)
    # Shown once: put away, they are gone.
    assert bob.post(CODES, {"ranges": "1"})["Location"] == HOME
    assert shown_codes(bob.get(CODES)) == []
    assert bob.get(f"{CODES}fichier/").status_code == 302
    assert "Il vous en reste 10 sur 10" in text(bob.get(HOME))
    # Nothing of it stands anywhere in clear.
    everything = str(list(Authenticator.objects.order_by("pk").values_list("data", flat=True)))
    everything += "".join(str(row.get_decoded()) for row in Session.objects.order_by("pk"))
    everything += "".join(message.body for message in Message.objects.order_by("pk"))
    for one in [secret, *codes]:
        assert one not in everything
        assert one.replace("-", "") not in everything
    assert Event.objects.filter(verb="person.factor_added").count() == 1
    assert Message.objects.filter(recipient="bob@alder.example").count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Saisissez le code"),
        ("12345", "a 6 chiffres"),
        ("１２３４５６", "a 6 chiffres"),
        ("\x00", "a 6 chiffres"),
        ("1" * 10_000, "a 6 chiffres"),
        ("<b>x</b>", "a 6 chiffres"),
    ],
)
def test_what_is_no_code_is_said_so(cast: Cast, browse: Any, typed: str, said: str) -> None:
    bob = browse("bob")
    before = rows()
    assert said in text(bob.post(APPLICATION, {"code": typed}))
    assert rows() == before


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (-4, "l'heure de votre appareil n'est pas juste"),  # two minutes late
        (4, "l'heure de votre appareil n'est pas juste"),  # and two minutes early
        (-11, "n'est pas le bon"),
        (11, "n'est pas le bon"),
    ],
)
def test_a_clock_that_is_wrong_is_told(cast: Cast, browse: Any, clock: Any, off: int, said: str) -> None:
    bob = browse("bob")
    secret = shown_secret(bob.get(APPLICATION))
    before = rows()
    answer = bob.post(APPLICATION, {"code": code(off, secret)})
    assert said in text(answer)
    assert rows() == before


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_clock_that_is_a_little_off_is_right(cast: Cast, browse: Any, clock: Any, off: int) -> None:
    bob = browse("bob")
    secret = shown_secret(bob.get(APPLICATION))
    assert bob.post(APPLICATION, {"code": f" {code(off, secret)[:3]} {code(off, secret)[3:]}"}).status_code == 302


def test_another_application_takes_the_place_of_the_first(cast: Cast, browse: Any, clock: Any) -> None:
    set_up(cast.users["bob"])
    bob = browse("bob")
    secret = shown_secret(bob.get(APPLICATION))
    assert secret != SECRET
    assert bob.post(APPLICATION, {"code": code(0, secret)})["Location"] == HOME  # the recovery codes stay
    assert Authenticator.objects.filter(user=cast.users["bob"]).count() == 2


def test_other_sessions_end_when_a_factor_changes(cast: Cast, browse: Any, clock: Any) -> None:
    here, elsewhere, alice = browse("bob"), browse("bob"), browse("alice")
    secret = shown_secret(here.get(APPLICATION))
    here.post(APPLICATION, {"code": code(0, secret)})
    assert here.get(HOME).status_code == 200
    assert elsewhere.get(HOME).status_code == 302
    assert alice.get(HOME).status_code == 200


def test_the_last_factor_goes_with_its_codes(cast: Cast, browse: Any, clock: Any) -> None:
    set_up(cast.users["bob"])
    bob = browse("bob")
    factor = Authenticator.objects.get(user=cast.users["bob"], type="totp")
    address = reverse("second_factor_remove", kwargs={"factor": factor.pk})
    assert address in html(bob.get(HOME))
    page = bob.get(address)
    assert "C'est le dernier" in text(page)
    assert bob.post(address, form_of(page))["Location"] == HOME
    assert "ne sert plus à vous connecter" in text(bob.get(HOME))
    assert not Authenticator.objects.filter(user=cast.users["bob"]).exists()
    assert bob.post(address).status_code == 404
    assert Message.objects.filter(subject="Votre double authentification a changé").count() == 2


@pytest.mark.parametrize("who", ["alice", "ida", "ada"])
def test_who_must_have_one_keeps_the_last(cast: Cast, browse: Any, clock: Any, who: str) -> None:
    person = cast.users[who]
    Authenticator.objects.filter(user=person).delete()
    set_up(person)
    browser = browse(who)
    factor = Authenticator.objects.get(user=person, type="totp")
    address = reverse("second_factor_remove", kwargs={"factor": factor.pk})
    assert address not in html(browser.get(HOME))
    before = rows()
    assert browser.post(address)["Location"] == HOME
    assert "Vous devez garder un moyen" in text(browser.get(HOME))
    assert rows() == before


def test_a_factor_of_somebody_else_is_not_there(cast: Cast, browse: Any, clock: Any) -> None:
    set_up(cast.users["bob"])
    factor = Authenticator.objects.get(user=cast.users["bob"], type="totp")
    rita = browse("rita")
    pages = set()
    before = rows()
    for number in (factor.pk, 999_999, 2**70):
        for ask in (rita.get, rita.post):
            answer = ask(f"{HOME}{number}/retirer/")
            assert answer.status_code == 404
            pages.add(answer.content)
    assert len(pages) == 1
    assert rows() == before


def test_new_recovery_codes_end_the_old(cast: Cast, browse: Any, clock: Any) -> None:
    old = set_up(cast.users["bob"])
    bob = browse("bob")
    page = bob.get(CODES)
    assert "10 codes que vous avez encore ne serviront plus" in text(page)
    assert bob.post(CODES, form_of(page))["Location"] == CODES
    new = shown_codes(bob.get(CODES))
    assert len(new) == 10
    assert not set(new) & set(old)
    for one, right in ((old[0], False), (new[0], True)):
        door = Client()
        door.post("/connexion/", {"login": "bob@alder.example", "password": PASSWORD})
        answer = door.post("/connexion/double-authentification/?secours=1", {"code": one})
        assert (answer.status_code == 302) is right


def test_without_a_factor_there_are_no_codes(cast: Cast, browse: Any) -> None:
    bob = browse("bob")
    before = rows()
    assert bob.get(CODES)["Location"] == HOME
    assert bob.post(CODES)["Location"] == HOME
    assert rows() == before


# --- who must have one --------------------------------------------------------------------------------------------


def test_an_administrator_without_grace_sets_one_up_first(cast: Cast, browse: Any, clock: Any) -> None:
    Member.objects.filter(user=cast.users["alice"]).update(second_factor_by=None)
    alice = browse("alice")
    address = reverse("clients", kwargs={"firm": cast.firm_a.uid}) + "?q=a"
    there = alice.get(address)["Location"]
    assert there.startswith(HOME + "?next=")
    page = alice.get(there)
    assert "Ajoutez un moyen pour continuer" in text(page)
    way = next(str(link["href"]) for link in soup(page).select("main a") if "application" in str(link["href"]))
    page = alice.get(way)
    to_codes = alice.post(APPLICATION, {**form_of(page), "code": code(0, shown_secret(page))})["Location"]
    page = alice.get(to_codes)
    assert alice.post(CODES, {**form_of(page), "ranges": "1"})["Location"] == address
    assert alice.get(address).status_code == 200


def test_a_form_sent_without_one_is_shown_again_afterwards(cast: Cast, browse: Any, clock: Any) -> None:
    Member.objects.filter(user=cast.users["alice"]).update(second_factor_by=None)
    alice = browse("alice")
    address = reverse("add", kwargs={"firm": cast.firm_a.uid})
    before = rows()
    assert alice.post(address, {"identifiant": "732 829 320"})["Location"].startswith(HOME)
    assert rows() == before
    set_up(cast.users["alice"])
    alice = browse("alice") if alice.get(address).status_code != 200 else alice


def test_the_grace_says_until_when(cast: Cast, browse: Any) -> None:
    address = reverse("dashboard", kwargs={"firm": cast.firm_a.uid})
    assert "Ajoutez une double authentification avant le" in text(browse("alice").get(address))
    assert "double authentification" not in text(browse("bob").get(address))
    Member.objects.filter(user=cast.users["alice"]).update(second_factor_by=timezone.now())
    assert browse("alice").get(address)["Location"].startswith(HOME)


def test_a_part_of_a_page_leads_there_whole(cast: Cast, browse: Any) -> None:
    Member.objects.filter(user=cast.users["alice"]).update(second_factor_by=None)
    address = reverse("clients", kwargs={"firm": cast.firm_a.uid})
    answer = browse("alice").get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith(HOME)
