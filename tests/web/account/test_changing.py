"""Password, address, name, sessions and devices: what changes them, who is told, and what ends."""

import re
from typing import Any

import pytest
from django.test import Client

from portefeuille.audit.models import Event
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.people.models import Link, Session, User
from portefeuille.people.sessions import row_key
from tests.cast import PASSWORD, Cast
from tests.web.account.second_factors import set_up
from tests.web.reading import form_of, rows, text
from tests.web.test_uniform_answer import ask

NEW = "tuile-vague-orme-sentier-3"
BOB = "bob@alder.example"


def link_in(subject: str) -> str:
    """The path of the link in the last message with this subject."""
    message = Message.objects.filter(subject=subject).order_by("-pk")[0]
    found = re.search(r"https?://[^/\s]+(/\S+)", text_of(message.body, message.secret))
    assert found
    return found[1]


def opens(password: str, email: str = BOB, client: Client | None = None, **extra: Any) -> bool:
    answer = (client or Client()).post("/connexion/", {"login": email, "password": password}, **extra)
    return answer.status_code == 302


# --- reset ----------------------------------------------------------------------------------------------------------


def test_a_lost_password_is_changed_by_the_link(cast: Cast, browse: Any) -> None:
    signed_in = browse("bob")
    assert (
        Client().post("/mot-de-passe/", {"identifiant": " Bob@Alder.example "})["Location"] == "/mot-de-passe/envoye/"
    )
    link = link_in("Votre mot de passe")
    reader = Client()
    page = reader.get(link)
    assert reader.get(link).status_code == 200  # looking does not use it up
    answer = reader.post(link, {**form_of(page), "nouveau": NEW})
    assert answer["Location"] == "/connexion/"
    assert "Votre mot de passe a changé" in text(reader.get("/connexion/"))
    assert opens(NEW)
    assert not opens(PASSWORD)
    assert signed_in.get("/mon-compte/").status_code == 302
    assert reader.get(link).status_code == 404
    assert reader.post(link, {"nouveau": PASSWORD}).status_code == 404
    assert Message.objects.filter(subject="Votre mot de passe a changé", recipient=BOB).count() == 1
    assert Event.objects.filter(verb="person.password_changed").count() == 1


def test_the_link_does_not_go_past_the_second_factor(cast: Cast) -> None:
    set_up(cast.users["bob"])
    Client().post("/mot-de-passe/", {"identifiant": BOB})
    reader = Client()
    reader.post(link_in("Votre mot de passe"), {"nouveau": NEW})
    answer = reader.post("/connexion/", {"login": BOB, "password": NEW})
    assert answer["Location"].startswith("/connexion/double-authentification/")


def test_who_asks_learns_nothing(cast: Cast) -> None:
    closed = cast.users["zoe"]
    closed.is_active = False
    closed.save()
    seen = [
        ask(Client(), "post", "/mot-de-passe/", email, identifiant=email)
        for email in ("nobody@nowhere.example", BOB, "ida@organisme.example", "zoe@nowhere.example")
    ]
    assert seen[0].status == 302
    assert all(other == seen[0] for other in seen)


def test_an_unknown_address_is_told_that_it_is_nobody_s(cast: Cast) -> None:
    Client().post("/mot-de-passe/", {"identifiant": "nobody@nowhere.example"})
    message = Message.objects.get()
    assert message.recipient == "nobody@nowhere.example"
    assert "Personne ne se connecte avec elle" in message.body
    assert not Link.objects.exclude(payload={}).exists()


def test_messages_to_one_person_and_requests_from_one_address_are_counted(cast: Cast) -> None:
    for number in range(6):
        answer = Client().post("/mot-de-passe/", {"identifiant": BOB}, REMOTE_ADDR=f"192.0.2.{number}")
        assert answer["Location"] == "/mot-de-passe/envoye/"
    assert Message.objects.filter(recipient=BOB).count() == 3
    for number in range(10):
        Client().post("/mot-de-passe/", {"identifiant": f"n{number}@nowhere.example"}, REMOTE_ADDR="198.51.100.1")
    before = rows()
    answer = Client().post("/mot-de-passe/", {"identifiant": "alice@alder.example"}, REMOTE_ADDR="198.51.100.1")
    assert "Trop de demandes" in text(answer)
    assert rows() == before


@pytest.mark.parametrize("token", ["x", "é" * 40, "a" * 300, "%00", "..%2f"])
def test_a_forged_link_is_worth_nothing(cast: Cast, browse: Any, token: str) -> None:
    for browser, place in ((Client(), "/mot-de-passe/"), (browse("bob"), "/mon-compte/identifiant/")):
        for answer in (browser.get(f"{place}{token}/"), browser.post(f"{place}{token}/", {"nouveau": NEW})):
            assert answer.status_code == 404


# --- rules of passwords ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("court", "au moins 12 caractères"),
        ("azertyuiop12", "trop connu"),
        ("123456789012", "trop connu"),
        ("aaaaaaaaaaaaaa", "trop connu"),
        ("motdepasse2026!", "trop connu"),
        ("Portefeuille2026", "se devine"),
        ("Urssaf-bob-alder-1", "se devine"),
        ("x" * 200, "128 caractères au plus"),
        ("", "Choisissez un nouveau mot de passe"),
    ],
)
def test_what_is_too_short_or_known_is_refused_with_what_to_do(
    cast: Cast, browse: Any, password: str, said: str
) -> None:
    bob = browse("bob")
    before = rows()
    answer = bob.post("/mon-compte/mot-de-passe/", {"mot_de_passe": PASSWORD, "nouveau": password})
    assert said in text(answer)
    assert rows() == before
    assert password == "" or f'value="{password}"' not in answer.content.decode()


@pytest.mark.parametrize(
    "password", [NEW, "quatre mots au hasard", "82917304625183", "ÉTÉ à Ménilmontant", "🦔🐢🦊🐌🐝" * 3]
)
def test_nothing_is_asked_of_its_composition(cast: Cast, browse: Any, password: str) -> None:
    bob, elsewhere = browse("bob"), browse("bob")
    answer = bob.post("/mon-compte/mot-de-passe/", {"mot_de_passe": PASSWORD, "nouveau": password})
    assert answer["Location"] == "/mon-compte/"
    assert bob.get("/mon-compte/").status_code == 200  # this session goes on
    assert elsewhere.get("/mon-compte/").status_code == 302
    assert opens(password)


def test_the_present_password_is_asked(cast: Cast, browse: Any) -> None:
    bob = browse("bob")
    for _ in range(10):
        answer = bob.post("/mon-compte/mot-de-passe/", {"mot_de_passe": "autre chose", "nouveau": NEW})
        assert "Mot de passe incorrect" in text(answer)
    answer = bob.post("/mon-compte/mot-de-passe/", {"mot_de_passe": PASSWORD, "nouveau": NEW})
    assert "Trop d'essais" in text(answer)
    assert opens(PASSWORD)


# --- the address ----------------------------------------------------------------------------------------------------


def test_the_address_changes_by_a_link_sent_to_the_new_one(cast: Cast, browse: Any) -> None:
    bob = browse("bob")
    assert bob.post("/mon-compte/identifiant/", {"adresse": "Robert@Alder.example"})["Location"] == "/mon-compte/"
    assert Message.objects.get().recipient == "robert@alder.example"
    link = link_in("Votre identifiant")
    assert browse("rita").get(link).status_code == 404  # of somebody else
    assert Client().get(link).status_code == 302
    page = bob.get(link)
    assert User.objects.get(pk=cast.users["bob"].pk).email == BOB
    assert bob.post(link, form_of(page))["Location"] == "/mon-compte/"
    assert opens(PASSWORD, "robert@alder.example")
    assert not opens(PASSWORD)
    told = Message.objects.filter(subject="Votre identifiant a changé").values_list("recipient", flat=True)
    assert set(told) == {BOB, "robert@alder.example"}
    assert bob.post(link).status_code == 404


def test_an_address_of_somebody_else_is_not_told(cast: Cast, browse: Any) -> None:
    seen = [
        ask(browse("bob"), "post", "/mon-compte/identifiant/", email, adresse=email)
        for email in ("new@alder.example", "alice@alder.example")
    ]
    assert seen[0] == seen[1]
    bob = browse("bob")
    bob.post("/mon-compte/identifiant/", {"adresse": "alice@alder.example"})
    assert "elle sert déjà" in Message.objects.get().body
    assert not Link.objects.exclude(payload={}).exists()


def test_an_address_taken_meanwhile_stays_somebody_s(cast: Cast, browse: Any) -> None:
    bob = browse("bob")
    bob.post("/mon-compte/identifiant/", {"adresse": "robert@alder.example"})
    User.objects.create_user(email="robert@alder.example", password=PASSWORD)
    link = link_in("Votre identifiant")
    assert bob.post(link)["Location"] == "/mon-compte/identifiant/"
    assert User.objects.get(pk=cast.users["bob"].pk).email == BOB


def test_one_name_is_changed(cast: Cast, browse: Any) -> None:
    bob = browse("bob")
    assert bob.post("/mon-compte/nom/", {"nom": "  Robert   Aulne "}).status_code == 302
    assert User.objects.get(pk=cast.users["bob"].pk).full_name == "Robert Aulne"


# --- sessions and devices -------------------------------------------------------------------------------------------

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


def test_sessions_are_shown_and_ended_one_by_one(cast: Cast) -> None:
    here, there, alice = Client(), Client(), Client()
    opens(PASSWORD, client=here, HTTP_USER_AGENT=FIREFOX)
    opens(PASSWORD, client=there, HTTP_USER_AGENT=SAFARI)
    opens(PASSWORD, "alice@alder.example", client=alice)
    page = here.get("/mon-compte/sessions/")
    assert "Firefox sur Windows Cette session" in text(page)
    assert "Safari sur iPhone" in text(page)
    other = Session.objects.get(user=cast.users["bob"], browser="Safari sur iPhone").uid
    mine = Session.objects.get(user=cast.users["alice"]).uid
    assert here.post(f"/mon-compte/sessions/{mine}/fermer/").status_code == 302
    assert alice.get("/mon-compte/").status_code == 200
    assert here.post(f"/mon-compte/sessions/{other}/fermer/").status_code == 302
    assert there.get("/mon-compte/").status_code == 302
    assert here.get("/mon-compte/").status_code == 200


def test_all_other_sessions_end_together(cast: Cast, browse: Any) -> None:
    here, there, third = browse("bob"), browse("bob"), browse("bob")
    assert here.post("/mon-compte/sessions/fermer/").status_code == 302
    assert here.get("/mon-compte/").status_code == 200
    assert there.get("/mon-compte/").status_code == third.get("/mon-compte/").status_code == 302


def test_a_row_does_not_give_its_session_away(cast: Cast, browse: Any) -> None:
    client = browse("bob")
    key = client.cookies["session"].value
    row = Session.objects.get(user=cast.users["bob"])
    assert row.session_key == row_key(key)
    assert key not in str(row.__dict__) + str(row.get_decoded())
    thief = Client()
    thief.cookies["session"] = row.session_key
    assert thief.get("/mon-compte/").status_code == 302


def test_a_new_device_is_told_once(cast: Cast) -> None:
    told = Message.objects.filter(subject="Connexion depuis un nouvel appareil")
    first, second = Client(), Client()
    opens(PASSWORD, client=first, HTTP_USER_AGENT=FIREFOX)
    assert not told.exists()  # the very first sign-in is no news
    cookie = first.cookies["device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert str(cast.users["bob"].uid.hex) not in cookie.value
    first.post("/deconnexion/")
    opens(PASSWORD, client=first)
    assert not told.exists()
    opens(PASSWORD, client=second, HTTP_USER_AGENT=SAFARI)
    assert "Safari sur iPhone" in told.get().body
    second.cookies["session"] = ""
    opens(PASSWORD, "alice@alder.example", client=second)  # two people at one browser
    second.cookies["session"] = ""
    opens(PASSWORD, client=second)
    assert told.count() == 1
    second.cookies["session"] = ""
    second.cookies["device"] = "forged"
    opens(PASSWORD, client=second)
    assert told.count() == 2
