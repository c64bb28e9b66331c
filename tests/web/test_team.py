"""The pages of a team: bad input, stale pages, who reads what, and statements that do not grow with the team."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portefeuille.catalogue.selection import catalogue
from portefeuille.firms.models import Invitation, Member, Portfolio, PortfolioGrant
from portefeuille.firms.rights import Level, Right, put_rights, rights_of
from portefeuille.people import sessions
from portefeuille.people.models import User
from tests.cast import EMPLOYER, PASSWORD, Cast
from tests.firms.test_team import invited, member_of, token_of
from tests.web.reading import form_of, rows, soup, text


def base(cast: Cast) -> str:
    return f"/cabinets/{cast.firm_a.uid}/"


def page_of(cast: Cast, who: str) -> str:
    return f"{base(cast)}equipe/{member_of(cast, who).uid}/"


# --- the journeys, without a script ------------------------------------------------------------------------------


def test_an_invitation_from_the_form_to_the_dashboard(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    form = form_of(alice.get(f"{base(cast)}equipe/inviter/"))
    form |= {"courriel": ["Lea@Neuf.example "], "nom": ["Léa\u202e Petit"], f"droit-{cast.employers.uid}": ["view"]}
    answer = alice.post(f"{base(cast)}equipe/inviter/", form, follow=True)
    assert "L'invitation est envoyée à lea@neuf.example." in text(answer)
    assert "Léa Petit" in text(answer)
    newcomer = Client()
    address = f"/invitations/{token_of('lea@neuf.example')}/"
    form = form_of(newcomer.get(address))
    assert form["nom"] == ["Léa Petit"]
    answer = newcomer.post(address, {**form, "mot_de_passe": PASSWORD, "conditions": "on"}, follow=True)
    assert "Bienvenue chez Cabinet Alder." in text(answer)
    assert newcomer.get(address).status_code == 404
    assert "Léa Petit" in text(alice.get(f"{base(cast)}equipe/"))


def test_the_rights_of_another_are_copied_after_a_look(cast: Cast, browse: Any) -> None:
    alice, nina, rita = browse("alice"), member_of(cast, "nina"), member_of(cast, "rita")
    address = f"{page_of(cast, 'rita')}droits/"
    before = rows()
    page = alice.get(f"{address}?comme={nina.uid}")
    assert rows() == before
    assert "Rien n'est changé avant" in text(page)
    answer = alice.post(address, form_of(page), follow=True)
    assert "Les droits sont enregistrés : Rita." in text(answer)
    assert rights_of(rita.pk) == rights_of(nina.pk)


def test_a_right_is_narrowed_and_widened_again(cast: Cast, browse: Any) -> None:
    alice, bob = browse("alice"), member_of(cast, "bob")
    address = f"{page_of(cast, 'bob')}droits/{cast.employers.uid}/"
    form = form_of(alice.get(address))
    first = catalogue().services[0]
    answer = alice.post(address, {**form, "services": [first.code]}, follow=True)
    assert f"pour {first.label}" in text(answer)
    assert rights_of(bob.pk) == {cast.employers.uid: Right(Level.MANAGE, 1 << first.bit)}
    kept = form_of(alice.get(f"{page_of(cast, 'bob')}droits/"))
    alice.post(f"{page_of(cast, 'bob')}droits/", {**kept, f"droit-{cast.employers.uid}": "view"})
    assert rights_of(bob.pk)[cast.employers.uid] == Right(Level.VIEW, 1 << first.bit), "still narrowed"
    alice.post(address, {**form_of(alice.get(address)), "tous_services": "1"})
    assert rights_of(bob.pk) == {cast.employers.uid: Right(Level.VIEW)}


def test_nothing_ticked_is_no_right(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    address = f"{page_of(cast, 'bob')}droits/{cast.employers.uid}/"
    form = {**form_of(alice.get(address)), "services": []}
    before = rows()
    assert "Cochez au moins un service" in text(alice.post(address, form))
    assert rows() == before


def test_who_leaves_chooses_who_takes_over(cast: Cast, browse: Any) -> None:
    bob, rita = browse("bob"), member_of(cast, "rita")
    address = f"{page_of(cast, 'bob')}depart/"
    page = bob.get(address)
    choices = [option.text for option in soup(page).select("#id_repreneur option")]
    assert choices == ["Les administrateurs", "Nina", "Rita"]
    answer = bob.post(address, {**form_of(page), "repreneur": str(rita.uid)}, follow=True)
    assert "Vous avez quitté Cabinet Alder." in text(answer)
    assert rights_of(rita.pk) == {cast.employers.uid: Right(Level.MANAGE)}
    assert bob.get(f"{base(cast)}clients/").status_code == 404


# --- stale and hostile ------------------------------------------------------------------------------------------


def test_a_member_removed_while_working_finds_nothing_any_more(cast: Cast, browse: Any) -> None:
    bob, alice = browse("bob"), browse("alice")
    uid = cast.enrol(EMPLOYER, "bob").uid
    form = form_of(bob.get(f"{base(cast)}clients/{uid}/"))
    alice.post(f"{page_of(cast, 'bob')}depart/", {"repreneur": ""})
    before = rows()
    assert bob.post(f"{base(cast)}clients/{uid}/", form).status_code == 404
    assert bob.get(f"{base(cast)}equipe/").status_code == 404
    assert rows() == before
    assert "vous n'êtes membre d'aucun cabinet" in text(bob.get("/mon-espace/"))


def test_rights_that_changed_meanwhile_are_said_and_kept_on_the_page(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    address = f"{page_of(cast, 'bob')}droits/"
    stale = {**form_of(alice.get(address)), f"droit-{cast.independents.uid}": "manage"}
    bob = member_of(cast, "bob")
    put_rights(firm_id=cast.firm_a.pk, member_id=bob.pk, rights={})
    before = rows()
    page = alice.post(address, stale)
    assert "Ces droits ont changé entre-temps" in text(page)
    assert rows() == before
    alice.post(address, form_of(page))
    assert set(rights_of(bob.pk)) == {cast.employers.uid, cast.independents.uid}


def test_an_administrator_who_demotes_themselves_meets_the_last_administrator_s_rule(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    address = f"{page_of(cast, 'alice')}role/"
    before = rows()
    for answer in (alice.get(address, follow=True), alice.post(address, {"role": "collaborator"}, follow=True)):
        assert "Ce cabinet n'a qu'un administrateur. Nommez-en un autre d'abord." in text(answer)
    assert rows() == before
    alice.post(f"{page_of(cast, 'bob')}role/", {"role": "administrator"})
    answer = alice.post(address, {"role": "collaborator"}, follow=True)
    assert "Alice Alder est maintenant collaborateur." in text(answer)
    assert alice.get(f"{base(cast)}equipe/inviter/").status_code == 404


def test_the_same_question_answered_twice_changes_once(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    form = form_of(alice.get(f"{page_of(cast, 'bob')}role/"))
    alice.post(f"{page_of(cast, 'bob')}role/", form)
    before = rows()
    alice.post(f"{page_of(cast, 'bob')}role/", form)
    assert rows() == before
    assert member_of(cast, "bob").role == Member.Role.ADMINISTRATOR


WRONG_INVITATIONS = [
    {},
    {"courriel": "x"},
    {"courriel": "bob@alder.example"},
    {"courriel": "léa@neuf.example"},
    {"courriel": "lea@neuf.example", "role": "roi"},
    {"courriel": "lea@neuf.example", "nom": "\x00"},
    {"courriel": "lea@neuf.example", "nom": "Аlice"},
    {"courriel": "lea@neuf.example", "nom": "<b>" * 4000},
    {"courriel": "lea@neuf.example", "comme": "x"},
    {"courriel": "lea@neuf.example\r\nBcc: x@y.example"},
]


@pytest.mark.parametrize("form", WRONG_INVITATIONS)
def test_what_cannot_be_an_invitation_is_refused(cast: Cast, browse: Any, form: dict[str, str]) -> None:
    alice = browse("alice")
    before = rows()
    answer = alice.post(f"{base(cast)}equipe/inviter/", {"role": "collaborator", **form})
    assert answer.status_code == 200
    assert "à corriger" in text(answer)
    assert rows() == before


@pytest.mark.parametrize(
    "services", ["x", "0", "-1", "0x3", "1_0", " 3", "\x00", "ff" * 9, "8" + "0" * 15, "٣", "<b>"]
)
def test_services_that_cannot_be_read_are_not_all_services(cast: Cast, browse: Any, services: str) -> None:
    alice = browse("alice")
    nina = f"{page_of(cast, 'nina')}droits/"
    forms = {
        nina: {f"services-{cast.employers.uid}": services},
        f"{base(cast)}portefeuilles/{cast.employers.uid}/acces/": {
            f"services-{member_of(cast, 'nina').uid}": services
        },
    }
    for address, tampered in forms.items():
        form = form_of(alice.get(address)) | tampered
        before = rows()
        assert "Rien n'est enregistré" in text(alice.post(address, form))
        assert rows() == before
    address = f"{base(cast)}equipe/inviter/"
    form = form_of(alice.get(address)) | {"courriel": "lea@neuf.example", f"droit-{cast.employers.uid}": "view"}
    before = rows()
    assert "Choisissez-les de nouveau" in text(alice.post(address, form | forms[nina]))
    assert rows() == before


HOSTILE = ["", "x", "\x00", "x" * 10_000, "0" * 17, "-1", "ffffffffffffffff", "<script>", "\u202e", str(UUID(int=9))]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_form_of_rights_that_was_tampered_with_gives_nothing(cast: Cast, browse: Any, value: str) -> None:
    alice = browse("alice")
    foreign = str(cast.portfolio_b.uid)
    for address in (
        f"{page_of(cast, 'bob')}droits/",
        f"{page_of(cast, 'bob')}droits/{cast.employers.uid}/",
        f"{base(cast)}portefeuilles/{cast.employers.uid}/acces/",
    ):
        form = {
            "vu": value,
            f"droit-{cast.employers.uid}": value,
            f"services-{cast.employers.uid}": value,
            f"droit-{foreign}": "manage",
            f"droit-{value[:36]}": "manage",
            "services": value,
        }
        before = rows()
        assert alice.post(address, form).status_code == 200
        assert rows() == before


@pytest.mark.parametrize(
    "name", ["", "\x00", "x" * 10_000, "Employeurs", "sans portefeuille", "\u202e", "123", "Nоrd"]
)
def test_a_name_that_a_portfolio_cannot_have_is_refused(cast: Cast, browse: Any, name: str) -> None:
    alice = browse("alice")
    for address in (f"{base(cast)}portefeuilles/", f"{base(cast)}portefeuilles/{cast.independents.uid}/"):
        before = rows()
        answer = alice.post(address, {"nom": name})
        assert answer.status_code == 200
        assert "Un point à corriger" in text(answer)
        assert rows() == before


def test_a_name_is_shown_as_text(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    answer = alice.post(f"{base(cast)}portefeuilles/", {"nom": "<b>Nord</b> & Cie"}, follow=True)
    assert soup(answer).select_one("h1").text == "<b>Nord</b> & Cie"  # type: ignore[union-attr]


def test_the_clients_of_a_removed_portfolio_go_where_the_form_says(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    address = f"{base(cast)}portefeuilles/{cast.employers.uid}/supprimer/"
    form = form_of(alice.get(address))
    assert form["vers"] == [str(cast.independents.uid)]
    before = rows()
    assert "n'est plus là" in text(alice.post(address, {**form, "vers": str(cast.portfolio_b.uid)}))
    assert rows() == before
    answer = alice.post(address, form, follow=True)
    assert "Le portefeuille « Employeurs » est supprimé." in text(answer)
    assert alice.get(f"{base(cast)}clients/{uid}/").status_code == 200
    assert alice.get(address).status_code == 404
    last = f"{base(cast)}portefeuilles/{cast.independents.uid}/supprimer/"
    assert "Un cabinet garde au moins un portefeuille" in text(alice.get(last))


# --- recent sign-in ---------------------------------------------------------------------------------------------


def test_what_was_chosen_survives_the_question_who_it_is(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    address = f"{page_of(cast, 'bob')}droits/"
    form = {**form_of(alice.get(address)), f"droit-{cast.independents.uid}": "manage"}
    session = alice.session
    session[sessions._PROVED] = 0
    session.save()
    before = rows()
    answer = alice.post(address, form)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/mon-compte/confirmer/")
    assert rows() == before
    sessions.prove(session := alice.session)
    session.save()
    page = alice.get(address)
    assert form_of(page)[f"droit-{cast.independents.uid}"] == ["manage"]


# --- what is read -----------------------------------------------------------------------------------------------


def test_a_collaborator_reads_names_and_roles_and_their_own_rights(cast: Cast, browse: Any) -> None:
    invited(cast)
    page = browse("rita").get(f"{base(cast)}equipe/")
    words = text(page)
    assert "Alice Alder" in words
    assert "lea@neuf.example" not in words
    assert "Employeurs" not in words
    links = {str(link["href"]) for link in soup(page).select("main a")}
    assert links == {page_of(cast, "rita"), f"{base(cast)}journal/"}
    assert "peut consulter" in text(browse("rita").get(page_of(cast, "rita")))


def test_unknown_members_are_answered_as_foreign_ones_are(cast: Cast, browse: Any) -> None:
    bob = browse("bob")
    pages = {
        bob.get(f"{base(cast)}equipe/{uid}/{end}").content
        for uid in (member_of(cast, "rita").uid, member_of(cast, "charlie").uid, UUID(int=7))
        for end in ("", "droits/", "role/", "depart/", f"droits/{cast.employers.uid}/")
    }
    assert len(pages) == 1


# --- invitations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "é", "../..", "<b>"])
def test_forged_invitations_are_answered_alike(cast: Cast, token: str) -> None:
    before = rows()
    answer = Client().get(f"/invitations/{token}/")
    assert answer.status_code == 404
    assert rows() == before


def test_spent_invitations_have_one_page(cast: Cast) -> None:
    expired, cancelled = invited(cast), invited(cast, "marc@neuf.example")
    Invitation.objects.filter(email="lea@neuf.example").update(expires_at="2020-01-01T00:00Z")
    Invitation.objects.filter(email="marc@neuf.example").update(cancelled_at="2020-01-01T00:00Z")
    pages = {Client().get(f"/invitations/{token}/").content for token in (expired, cancelled, "x" * 43)}
    assert len(pages) == 1


def test_the_wrong_person_signs_out_and_comes_back(cast: Cast, browse: Any) -> None:
    address = f"/invitations/{invited(cast)}/"
    zoe = browse("zoe")
    page = zoe.get(address)
    assert "Vous êtes connecté avec un autre identifiant" in text(page)
    before = rows()
    assert zoe.post(address, {"nom": "Z", "mot_de_passe": PASSWORD, "conditions": "on"}).status_code == 200
    assert rows() == before
    answer = zoe.post("/deconnexion/", form_of(page, "/deconnexion/"), follow=True)
    assert "Prénom et nom" in text(answer)


# --- statements -------------------------------------------------------------------------------------------------


def enlarge(cast: Cast, members: int, portfolios: int) -> None:
    """So many colleagues more, each with every portfolio, of which there are so many more."""
    start = Member.objects.count()
    Portfolio.objects.bulk_create(Portfolio(firm=cast.firm_a, name=f"Bureau {start}-{n}") for n in range(portfolios))
    users = User.objects.bulk_create(
        User(email=f"m{start}-{n}@alder.example", full_name=f"Membre {start} {n}") for n in range(members)
    )
    team = Member.objects.bulk_create(
        Member(firm=cast.firm_a, user=user, role=Member.Role.COLLABORATOR) for user in users
    )
    places = list(Portfolio.objects.filter(firm=cast.firm_a).order_by("pk"))
    PortfolioGrant.objects.bulk_create(
        PortfolioGrant(member=member, portfolio=place) for member in team for place in places
    )


PAGES = {
    "equipe/": 6,  # session, person, access; team, invitations, requests
    "equipe/inviter/": 4,
    "equipe/{bob}/": 6,
    "equipe/{bob}/droits/": 5,
    "equipe/{bob}/droits/{employers}/": 4,
    "equipe/{bob}/role/": 4,
    "equipe/{bob}/depart/": 6,
    "portefeuilles/": 5,
    "portefeuilles/{employers}/": 5,
    "portefeuilles/{employers}/acces/": 5,
    "portefeuilles/{employers}/supprimer/": 4,
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_sends_as_many_statements_whatever_the_team(cast: Cast, browse: Any, path: str) -> None:
    alice = browse("alice")
    address = base(cast) + path.format(bob=member_of(cast, "bob").uid, employers=cast.employers.uid)
    counts = []
    for members, portfolios in ((0, 0), (25, 10), (25, 10)):
        enlarge(cast, members, portfolios)
        assert alice.get(address).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(address).status_code == 200
        counts.append(len(captured))
    assert counts == [PAGES[path]] * 3
