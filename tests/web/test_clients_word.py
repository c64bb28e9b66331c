"""The client's word on the pages: the link of a message, and what the firm reads of it."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from portefeuille.enrolments import client_word
from portefeuille.enrolments.client_word import Speaker, set_rule
from portefeuille.enrolments.contest_links import token_for
from portefeuille.enrolments.models import ClientRule, Decision, Enrolment
from tests.cast import EMPLOYER, Cast
from tests.web.reading import rows, text

CARL = Speaker(actor="client:carl", siren=EMPLOYER.siren)
ASK, CLOSED = ClientRule.Rule.ASK, ClientRule.Rule.CLOSED


def enrol(cast: Cast, browser: Any) -> Any:
    kwargs = {"firm": cast.firm_a.uid, "siren": EMPLOYER.siren, "regime": EMPLOYER.regime}
    form = {"fait": EMPLOYER.amount, "compte": EMPLOYER.account, "portefeuille": cast.employers.pk}
    return browser.post(reverse("enrol_siren", kwargs=kwargs), form, follow=True)


def test_the_firm_learns_that_its_client_must_say_yes(cast: Cast, browse: Any) -> None:
    set_rule(speaker=CARL, rule=ASK)
    page = text(enrol(cast, browse("alice")))
    assert "Votre client doit donner son accord" in page
    assert "Votre client est ajouté" not in page
    assert "À confirmer" in page
    uid = Enrolment.objects.get().uid
    page = text(browse("bob").get(reverse("client", kwargs={"firm": cast.firm_a.uid, "enrolment": uid})))
    assert "elle ne vous donne accès à rien" in page
    assert "1 inscription à confirmer" in text(browse("bob").get(reverse("dashboard", args=[cast.firm_a.uid])))


def test_the_firm_learns_that_its_client_takes_nobody(cast: Cast, browse: Any) -> None:
    set_rule(speaker=CARL, rule=CLOSED)
    page = text(enrol(cast, browse("alice")))
    assert "Votre client n'accepte pas de nouvelle inscription" in page
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize(
    ("wish", "state", "heading"),
    [
        ("accepter", "active", "L'inscription est acceptée"),
        ("refuser", "refused", "L'inscription est refusée"),
        ("contester", "pending", "Un cabinet attend votre accord"),
        ("autre chose", "pending", "Un cabinet attend votre accord"),
    ],
)
def test_the_link_of_a_request_answers_it(cast: Cast, browse: Any, wish: str, state: str, heading: str) -> None:
    set_rule(speaker=CARL, rule=ASK)
    enrol(cast, browse("alice"))
    uid = Enrolment.objects.get().uid
    address = reverse("contest", args=[token_for(uid)])
    before = rows()
    assert "Un cabinet attend votre accord" in text(browse().get(address))
    assert rows() == before
    answer = browse().post(address, {"reponse": wish})
    assert answer.status_code == 200
    assert heading in text(answer)
    assert Enrolment.objects.get().state == state
    # The back button, and the answer once more.
    before = rows()
    assert browse().post(address, {"reponse": wish}).status_code == 200
    assert rows() == before


def test_the_link_of_an_enrolment_that_acts_cannot_end_it_otherwise(cast: Cast, browse: Any) -> None:
    address = reverse("contest", args=[token_for(cast.enrol(EMPLOYER).uid)])
    before = rows()
    for wish in ("accepter", "refuser", "", "\x00", "x" * 10_000):
        assert browse().post(address, {"reponse": wish}).status_code == 200
    assert rows() == before


def test_decisions_are_read_on_the_dashboard_and_ticked_off(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    client_word.end(speaker=CARL, enrolment=uid)
    browser = browse("rita")
    dashboard = reverse("dashboard", args=[cast.firm_a.uid])
    page = browser.get(dashboard)
    assert "Boulangerie Œuvrard a mis fin à l'inscription" in text(page)
    address = reverse("decisions", args=[cast.firm_a.uid])
    assert "Boulangerie Œuvrard a mis fin à l'inscription" in text(browser.get(address))
    before = rows()
    for wanted in ("", "rien", "\x00", str(uuid4()), "x" * 10_000):
        assert browser.post(address, {"decision": wanted}).status_code == 302
    assert rows() == before
    assert browser.post(address, {"decision": str(Decision.objects.get().uid)}).status_code == 302
    assert "a mis fin" not in text(browser.get(dashboard))
    page = text(browser.get(address))
    assert "Vous avez tout lu." in page
    assert "Déjà lues" in page


def test_a_firm_without_a_decision_is_told_what_stands_there(cast: Cast, browse: Any) -> None:
    assert "Aucune décision" in text(browse("alice").get(reverse("decisions", args=[cast.firm_a.uid])))
