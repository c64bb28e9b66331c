"""Who an identity is: the link made before or, the first time, a verified address alone."""

import threading
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, connection, transaction

from portefeuille.audit.models import Event
from portefeuille.outbox.models import Message
from portefeuille.people.models import User
from portefeuille.people.single_sign_on.attempts import Identity
from portefeuille.people.single_sign_on.linking import (
    LastWayIn,
    NoSpace,
    NoSuchLink,
    NotVerified,
    Unlinked,
    links_of,
    person_of,
    unlink,
)
from portefeuille.people.single_sign_on.providers import Provider
from tests.cast import Cast
from tests.single_sign_on.lying_provider import LyingProvider
from tests.single_sign_on.visiting import Visit
from tests.web.reading import rows, text

TILLEUL = Provider("tilleul", "Tilleul", "https://tilleul.example", "portefeuille", "x" * 20)
ORME = Provider("orme", "Orme", "https://orme.example", "portefeuille", "x" * 20)


@pytest.fixture(autouse=True)
def _two_providers(settings: Any) -> None:
    settings.SSO_PROVIDERS = (TILLEUL, ORME)


def identity(email: str, *, subject: str = "s-1", verified: bool = True, provider: Provider = TILLEUL) -> Identity:
    return Identity(provider, subject, email, verified, second_factor=False, is_recent=True, id_token="", leaving="")


BOB = "bob@alder.example"


def test_the_first_time_a_verified_address_makes_the_link(cast: Cast) -> None:
    assert person_of(identity(BOB)) == cast.users["bob"]
    link = SocialAccount.objects.get()
    assert (link.user_id, link.provider, link.uid, link.extra_data) == (cast.users["bob"].pk, "tilleul", "s-1", {})
    event = Event.objects.latest("pk")
    me = f"person:{cast.users['bob'].uid}"
    assert (event.verb, event.actor, event.subject, event.after) == (
        "person.sign_on_linked", me, me, {"provider": "tilleul"},
    )  # fmt: skip
    told = Message.objects.latest("pk")
    assert told.recipient == BOB
    assert "Votre identité Tilleul ouvre désormais votre espace" in told.body
    assert "http://localhost:8000/mon-compte/identites/" in told.body
    assert "s-1" not in told.body


def test_the_next_time_the_link_is_enough(cast: Cast) -> None:
    person_of(identity(BOB))
    before = rows()
    for now in (identity(BOB), identity("ailleurs@alder.example"), identity(BOB, verified=False), identity("")):
        assert person_of(now) == cast.users["bob"]
    after = rows()
    assert {table for table in after if after[table] != before[table]} == {"socialaccount_socialaccount"}  # last used


def test_an_address_that_goes_to_somebody_linked_elsewhere_does_not_move_the_link(cast: Cast) -> None:
    """The link of Bob stays Bob's when the provider now says that his address is Rita's."""
    person_of(identity(BOB))
    person_of(identity("rita@alder.example", subject="s-2"))
    assert person_of(identity("rita@alder.example")) == cast.users["bob"]
    assert person_of(identity(BOB, subject="s-2")) == cast.users["rita"]


@pytest.mark.parametrize("email", [BOB, "personne@nulle-part.example", ""])
def test_an_address_that_is_not_verified_links_nobody(cast: Cast, email: str) -> None:
    before = rows()
    assert person_of(identity(email, verified=False)) == NotVerified()
    assert rows() == before


@pytest.mark.parametrize("email", ["personne@nulle-part.example", "", "bob@alder.example.org", "%", "bob"])
def test_an_unknown_address_makes_nobody(cast: Cast, email: str) -> None:
    before = rows()
    assert person_of(identity(email)) == NoSpace()
    assert rows() == before


def test_another_identity_with_the_same_address_is_not_linked(cast: Cast) -> None:
    person_of(identity(BOB))
    before = rows()
    assert person_of(identity(BOB, subject="s-2")) == NoSpace()
    assert rows() == before
    # that of another provider is
    assert person_of(identity(BOB, subject="s-2", provider=ORME)) == cast.users["bob"]


def test_a_closed_person_stays_closed(cast: Cast) -> None:
    User.objects.filter(email=BOB).update(is_active=False)
    assert person_of(identity(BOB)) == NoSpace()
    User.objects.filter(email=BOB).update(is_active=True)
    person_of(identity(BOB))
    User.objects.filter(email=BOB).update(is_active=False)
    before = rows()
    assert person_of(identity(BOB)) == NoSpace()
    assert rows() == before


def test_the_database_holds_one_link_for_each_person_and_provider(cast: Cast) -> None:
    person_of(identity(BOB))
    with pytest.raises(IntegrityError), transaction.atomic():
        SocialAccount.objects.create(user=cast.users["bob"], provider="tilleul", uid="s-2")


def together(*acts: Any) -> list[Any]:
    """The answers of acts that start at once, each with a connection of its own."""
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Any) -> None:
        try:
            gate.wait(10)
            answers[place] = act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_identities_at_once_one_is_linked(committed_cast: Cast) -> None:
    answers = together(*(lambda s=s: person_of(identity(BOB, subject=s)) for s in ("s-1", "s-2", "s-3", "s-4")))
    assert sorted(answers, key=str).count(NoSpace()) == 3
    assert answers.count(committed_cast.users["bob"]) == 1
    assert SocialAccount.objects.count() == 1
    assert Event.objects.filter(verb="person.sign_on_linked").count() == 1
    assert Message.objects.filter(subject__startswith="Une identité extérieure").count() == 1


def test_one_identity_twice_at_once_is_one_link(committed_cast: Cast) -> None:
    bob = committed_cast.users["bob"]
    assert together(*[lambda: person_of(identity(BOB))] * 4) == [bob] * 4
    assert Event.objects.filter(verb="person.sign_on_linked").count() == 1


# --- ending a link ------------------------------------------------------------------------------------------------


def test_a_link_is_ended_and_may_be_made_anew(cast: Cast) -> None:
    bob = cast.users["bob"]
    person_of(identity(BOB))
    (link,) = links_of(bob)
    assert (link.provider, link.provider_name) == (TILLEUL, "Tilleul")
    assert unlink(person=bob, link=link.uid) == Unlinked("Tilleul")
    assert links_of(bob) == []
    assert Event.objects.latest("pk").verb == "person.sign_on_unlinked"
    assert "n'ouvre plus votre espace" in Message.objects.latest("pk").body
    assert person_of(identity(BOB, subject="s-2")) == bob


def test_somebody_else_s_link_is_not_there(cast: Cast) -> None:
    person_of(identity(BOB))
    (link,) = links_of(cast.users["bob"])
    before = rows()
    assert unlink(person=cast.users["rita"], link=link.uid) == NoSuchLink()
    assert unlink(person=cast.users["bob"], link=link.uid + 1) == NoSuchLink()
    assert rows() == before


def test_the_last_way_in_is_not_closed(cast: Cast, settings: Any) -> None:
    bob = cast.users["bob"]
    person_of(identity(BOB))
    bob.set_unusable_password()
    bob.save()
    (link,) = links_of(bob)
    before = rows()
    assert unlink(person=bob, link=link.uid) == LastWayIn()
    assert rows() == before
    person_of(identity(BOB, subject="s-9", provider=ORME))
    settings.SSO_PROVIDERS = (TILLEUL,)  # a link with a provider that is gone opens nothing
    assert unlink(person=bob, link=link.uid) == LastWayIn()
    settings.SSO_PROVIDERS = (TILLEUL, ORME)
    assert unlink(person=bob, link=link.uid) == Unlinked("Tilleul")


def test_of_two_last_links_ended_at_once_one_stays(committed_cast: Cast) -> None:
    bob = committed_cast.users["bob"]
    person_of(identity(BOB))
    person_of(identity(BOB, subject="s-9", provider=ORME))
    bob.set_unusable_password()
    bob.save()
    answers = together(*(lambda uid=link.uid: unlink(person=bob, link=uid) for link in links_of(bob)))
    assert answers.count(LastWayIn()) == 1
    assert len(links_of(bob)) == 1


# --- what a provider says of an address ----------------------------------------------------------------------------


def arrived(liar: LyingProvider) -> tuple[Visit, Any]:
    """A browser that came back from the provider."""
    visit = Visit("menteur")
    visit.leave()
    liar.nonce = visit.query["nonce"]
    return visit, visit.come_back(code="c", state=visit.query["state"])


SEEN_AS: dict[str, tuple[dict[str, Any], str]] = {
    "verified": ({"email": BOB, "email_verified": True}, ""),
    "in capitals": ({"email": "BOB@Alder.EXAMPLE", "email_verified": True}, ""),
    "not verified": ({"email": BOB, "email_verified": False}, "adresse-non-verifiee"),
    "nothing said": ({"email": BOB}, "adresse-non-verifiee"),
    "verified in words": ({"email": BOB, "email_verified": "true"}, "adresse-non-verifiee"),
    "verified by a number": ({"email": BOB, "email_verified": 1}, "adresse-non-verifiee"),
    "no address": ({"email_verified": True}, "adresse-non-verifiee"),
    "a list": ({"email": [BOB], "email_verified": True}, "adresse-non-verifiee"),
    "an address too long": ({"email": "a" * 250 + "@alder.example", "email_verified": True}, "adresse-non-verifiee"),
    "a NUL": ({"email": "bob\x00@alder.example", "email_verified": True}, "adresse-non-verifiee"),
    "an unknown one": ({"email": "personne@nulle-part.example", "email_verified": True}, "sans-espace"),
    "two addresses": ({"email": f"{BOB},alice@alder.example", "email_verified": True}, "sans-espace"),
    "HTML": ({"email": "<b>@alder.example", "email_verified": True}, "sans-espace"),
}  # fmt: skip


def test_only_an_address_that_the_provider_vouches_for_counts(cast: Cast, liar: LyingProvider) -> None:
    for name, (about, outcome) in SEEN_AS.items():
        liar.subject, liar.about = f"sujet {name}", about
        SocialAccount.objects.all().delete()
        visit, came = arrived(liar)
        assert visit.is_signed_in == (outcome == ""), name
        assert SocialAccount.objects.count() == (0 if outcome else 1), name
        if outcome:
            assert came["Location"] == f"/connexion/menteur/{outcome}/?next=%2Fmon-espace%2F%3Fchoisir%3D1", name


@pytest.mark.parametrize("look_alike", ["\u212a", "\uff2b", "\u1d4b"])
def test_a_letter_that_only_looks_like_another_is_another(cast: Cast, liar: LyingProvider, look_alike: str) -> None:
    """«K» of Kelvin is «k» in lower case: the address of somebody else must not become that of Karl."""
    User.objects.create_user(email="karl@alder.example")
    liar.about = {"email": f"{look_alike}arl@alder.example", "email_verified": True}
    visit, _ = arrived(liar)
    assert not visit.is_signed_in
    assert SocialAccount.objects.count() == 0


def test_a_provider_may_be_trusted_with_every_address_that_it_gives(
    cast: Cast, liar: LyingProvider, settings: Any
) -> None:
    settings.SSO_PROVIDERS = (liar.as_setting(email_is_verified=True),)
    liar.about = {"email": BOB}
    visit, _ = arrived(liar)
    assert visit.is_signed_in


def test_the_page_of_a_refusal_is_the_same_whoever_was_refused(cast: Cast, liar: LyingProvider) -> None:
    for outcome, abouts in {
        "sans-espace": [("personne@nulle-part.example", "s-1"), (BOB, "s-2")],
        "adresse-non-verifiee": [(BOB, "s-3"), ("personne@nulle-part.example", "s-4")],
    }.items():
        SocialAccount.objects.get_or_create(user=cast.users["bob"], provider="menteur", uid="s-0")
        pages = set()
        for email, subject in abouts:
            liar.subject, liar.about = subject, {"email": email, "email_verified": outcome == "sans-espace"}
            visit, came = arrived(liar)
            assert f"/{outcome}/" in came["Location"]
            pages.add(text(visit.browser.get(came["Location"])))
        assert len(pages) == 1
