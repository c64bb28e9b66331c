"""The people of a client's space, as a browser meets them: leaving, removing, and a firm that the body suspended."""

from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portefeuille.contributors.models import ClientSpace, SpaceHolder
from portefeuille.firms import admission
from tests.cast import EMPLOYER, PASSWORD, Cast
from tests.contributors.test_holding import hold
from tests.enrolments.test_client_word import add
from tests.web.reading import form_of, rows, soup, text
from tests.web.test_contributor import an_hour_later, space_of


def people() -> str:
    return space_of() + "personnes/"


def departure(cast: Cast, who: str) -> str:
    holder = SpaceHolder.objects.get(user=cast.users[who]).uid
    return reverse("client_space_leave", args=[ClientSpace.objects.get().uid, holder])


def test_everybody_is_named_and_how_to_add_one_is_said(cast: Cast, browse: Any) -> None:
    hold(cast, "zoe")
    page = browse("carl").get(people())
    words = text(page)
    for said in ("2 personnes", "Carl Œuvrard vous", "zoe@nowhere.example", "732 829 320"):
        assert said in words.replace("\u202f", " ")
    links = [link.text for link in soup(page).select("td a")]
    assert links == ["Quitter cet espace", "Retirer Zoe"]


def test_who_leaves_lands_where_they_still_belong(cast: Cast, browse: Any) -> None:
    hold(cast, "bob")
    browser = browse("bob")
    page = browser.get(departure(cast, "bob"))
    answer = browser.post(departure(cast, "bob"), form_of(page), follow=True)
    assert f"Vous ne tenez plus l'espace client : {EMPLOYER.name}." in text(answer)
    assert "Cabinet Alder" in text(answer)
    before = rows()
    for method in ("get", "post"):
        assert getattr(browser, method)(departure(cast, "bob")).status_code == 404
    assert browser.get(people()).status_code == 404
    assert rows() == before


def test_removing_another_asks_who_it_is_and_leaving_does_not(cast: Cast, browse: Any) -> None:
    hold(cast, "zoe")
    hold(cast, "bob")
    carl, bob = browse("carl"), browse("bob")
    an_hour_later(carl)
    an_hour_later(bob)
    before = rows()
    for method in ("get", "post"):
        answer = getattr(carl, method)(departure(cast, "zoe"))
        assert answer["Location"].startswith("/mon-compte/confirmer/")
    assert rows() == before
    carl.post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD, "next": departure(cast, "zoe")})
    page = carl.get(departure(cast, "zoe"))
    assert "Retirer Zoe de cet espace" in text(page)
    answer = carl.post(departure(cast, "zoe"), form_of(page), follow=True)
    assert "Zoe ne tient plus cet espace." in text(answer)
    assert bob.post(departure(cast, "bob"))["Location"] == "/mon-espace/"


def test_the_last_one_is_told_what_to_do(cast: Cast, browse: Any) -> None:
    browser = browse("carl")
    before = rows()
    for method in ("get", "post"):
        answer = getattr(browser, method)(departure(cast, "carl"), follow=True)
        assert "faites-le d'abord ouvrir par une autre personne" in text(answer)
        assert "Ajouter une personne" in text(answer)
    assert rows() == before


def test_who_was_removed_while_working_finds_nothing(cast: Cast, browse: Any) -> None:
    hold(cast, "zoe")
    zoe, carl = browse("zoe"), browse("carl")
    assert zoe.get(departure(cast, "carl")).status_code == 200
    carl.post(departure(cast, "zoe"))
    before = rows()
    unknown = reverse("client_space_leave", args=[ClientSpace.objects.get().uid, uuid4()])
    pages = {zoe.post(departure(cast, "carl")).content, zoe.get(people()).content, carl.get(unknown).content}
    assert len(pages) == 1
    assert rows() == before


def test_the_page_sends_as_many_statements_whatever_the_number(cast: Cast, browse: Any) -> None:
    browser, counts = browse("carl"), []
    for newcomers in ((), ("zoe",), ("bob", "rita", "nina")):
        for who in newcomers:
            hold(cast, who)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(people()).status_code == 200
        counts.append(len(captured) - 1)  # the test's own, for the address
    assert counts == [4, 4, 4]  # session, person, access; people


def test_a_firm_that_the_body_suspended_is_shown_as_such(cast: Cast, browse: Any) -> None:
    uid = add(cast).uid
    browser = browse("carl")
    firm = reverse("client_space_firm", args=[ClientSpace.objects.get().uid, uid])
    assert "Suspendu par votre organisme" not in text(browser.get(space_of()))
    admission.decide(
        actor="agent:x", firm=cast.firm_a.uid, decision=admission.Decision.SUSPEND, reason="Entre nous et lui"
    )
    assert "Suspendu par votre organisme" in text(browser.get(space_of()))
    words = text(browser.get(firm))
    assert "a suspendu ce cabinet le" in words
    assert "ses services reposent" in words
    assert "Entre nous et lui" not in words
    admission.decide(actor="agent:x", firm=cast.firm_a.uid, decision=admission.Decision.REINSTATE, reason="")
    assert "Agit pour vous" in text(browser.get(space_of()))
    assert "a suspendu" not in text(browser.get(firm))
