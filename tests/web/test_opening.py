"""Créer votre espace en ligne, as a browser meets it; and nothing tells whether an address or a firm is known."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from portefeuille.firms.models import Firm
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.people import links
from portefeuille.people.models import Link, User
from tests.cast import EMPLOYER, INDEPENDENT, PASSWORD, Cast
from tests.web.reading import form_of, rows, text
from tests.web.test_uniform_answer import Seen, ask

PERSON = {"nom": "Nadia Neuve", "mot_de_passe": PASSWORD, "conditions": "on"}


def link(email: str = "nadia@neuf.example", siren: str = INDEPENDENT.siren) -> str:
    token = links.issue(Link.Purpose.OPEN_FIRM, email=email, payload={"siren": siren})
    return f"/creer-votre-espace/{token}/"


def test_who_asks_learns_neither_of_the_address_nor_of_the_firm(cast: Cast) -> None:
    Firm.objects.filter(pk=cast.firm_a.pk).update(siren=EMPLOYER.siren)
    seen = [
        ask(Client(REMOTE_ADDR=f"192.0.2.{n}"), "post", "/creer-votre-espace/", siren=siren, courriel=email)
        for n, (siren, email) in enumerate(
            (siren, email)
            for siren in (EMPLOYER.siren, INDEPENDENT.siren, "130025265")
            for email in ("nadia@neuf.example", "alice@alder.example", "carl@oeuvrard.example")
        )
    ]
    assert seen[0].status == 302
    assert all(other == seen[0] for other in seen)


def test_a_firm_that_has_a_space_is_not_told_from_one_that_has_none(cast: Cast) -> None:
    """Until the end: the page of the link, its form, and the space of who asked."""

    def answers(siren: str) -> list[Seen]:
        address = link(siren=siren)
        found = []
        for method, form in (("get", {}), ("post", PERSON)):
            seen = ask(Client(), method, address, address, **form)
            found.append(replace(seen, queries=0, page=re.sub(r"<dl.*?</dl>", "", seen.page, flags=re.DOTALL)))
        return found

    free = answers(EMPLOYER.siren)
    Firm.objects.filter(pk=cast.firm_a.pk).update(siren=EMPLOYER.siren)
    assert answers(EMPLOYER.siren) == free


def test_the_journey_of_a_new_person(cast: Cast) -> None:
    browser = Client()
    answer = browser.post(
        "/creer-votre-espace/", {"siren": "404 833 048", "courriel": "Nadia@Neuf.example"}, follow=True
    )
    assert "Un courriel vous attend" in text(answer)
    message = Message.objects.get(recipient="nadia@neuf.example")
    found = re.search(r"https?://[^/]+(/\S+)", text_of(message.body, message.secret))
    assert found is not None
    address = found[1]
    page = browser.get(address)
    assert "Élodie Martin-L'Hôte" in text(page)
    assert "404 833 048" in text(page)
    answer = browser.post(address, {**form_of(page), **PERSON}, follow=True)
    assert "votre demande est à l'étude" in text(answer)
    assert browser.get(address).status_code == 404, "the link is used up"
    assert browser.post(address, PERSON).status_code == 404


def test_looking_uses_nothing_up(cast: Cast) -> None:
    address = link()
    before = rows()
    for _ in range(3):
        assert Client().get(address).status_code == 200
        assert Client().head(address).status_code == 200
    assert rows() == before


def test_an_unknown_siren_is_said_on_the_page_of_the_link(cast: Cast) -> None:
    address = link(siren="130025265")
    before = rows()
    for answer in (Client().get(address), Client().post(address, PERSON)):
        assert "n'est pas dans le registre" in text(answer)
    assert rows() == before


def test_a_known_person_signs_in_first(cast: Cast, browse: Any) -> None:
    address = link("bob@alder.example")
    stranger, rita = browse(), browse("rita")
    before = rows()
    for browser, said in (
        (stranger, "Connectez-vous pour continuer"),
        (rita, "Vous êtes connecté avec un autre identifiant"),
    ):
        for answer in (browser.get(address), browser.post(address, PERSON)):
            assert said in text(answer)
    assert rows() == before
    answer = browse("bob").post(address, {"conditions": "on"}, follow=True)
    assert "votre demande est à l'étude" in text(answer)


def test_who_is_signed_in_as_another_signs_out_and_comes_back(cast: Cast, browse: Any) -> None:
    address = link()
    browser = browse("rita")
    form = form_of(browser.get(address), "/deconnexion/")
    answer = browser.post("/deconnexion/", form)
    assert (answer.status_code, answer["Location"]) == (302, address)


WRONG = [
    ({}, "3 points à corriger"),
    ({**PERSON, "mot_de_passe": "court"}, "Un point à corriger"),
    ({**PERSON, "mot_de_passe": "nadia@neuf.example"}, "Un point à corriger"),
    ({**PERSON, "nom": "Аlice"}, "plusieurs alphabets"),
    ({**PERSON, "nom": "x" * 10_000}, "120 caractères au plus"),
    ({**PERSON, "nom": "a\x00b"}, "caractère invisible"),
    ({**PERSON, "conditions": ""}, "Cochez cette case"),
]


@pytest.mark.parametrize(("form", "said"), WRONG)
def test_what_is_wrong_is_said_and_the_link_stays_good(cast: Cast, form: dict[str, str], said: str) -> None:
    address = link()
    before = rows()
    answer = Client().post(address, form)
    assert answer.status_code == 200
    assert said in text(answer)
    assert rows() == before
    assert PASSWORD not in answer.content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"siren": "123", "courriel": "nadia@neuf.example"},
        {"siren": INDEPENDENT.siren, "courriel": "nadia"},
        {"siren": INDEPENDENT.siren, "courriel": "nadia@nеuf.example"},
        {"siren": "٤٠٤٨٣٣٠٤٨", "courriel": "nadia@neuf.example"},
        {"siren": "1" * 10_000, "courriel": "x" * 10_000},
        {"siren": "\x00", "courriel": "\x00"},
        {"siren": "<b>", "courriel": "<b>@x.fr"},
    ],
)
def test_what_cannot_be_a_firm_or_an_address_is_refused(cast: Cast, form: dict[str, str]) -> None:
    before = rows()
    answer = Client().post("/creer-votre-espace/", form)
    assert answer.status_code == 200
    assert "à corriger" in text(answer)
    assert rows() == before


def test_too_many_requests_from_one_place_are_told(cast: Cast, settings: Any) -> None:
    settings.OPENING_BUDGETS = {"opening_address": [(1, 3600)], "opening_email": [(9, 3600)]}
    form = {"siren": INDEPENDENT.siren, "courriel": "nadia@neuf.example"}
    assert Client().post("/creer-votre-espace/", form).status_code == 302
    before = rows()
    for courriel in ("nadia@neuf.example", "alice@alder.example"):
        answer = Client().post("/creer-votre-espace/", {**form, "courriel": courriel})
        assert "Trop de demandes depuis votre connexion" in text(answer)
    assert rows() == before


def test_a_refusal_is_read_with_its_reason(cast: Cast, browse: Any) -> None:
    nobody = cast.users["zoe"]
    browser = browse("zoe")
    browser.post(link("zoe@nowhere.example"), {"conditions": "on"})
    Firm.objects.filter(members__user=nobody).update(state=Firm.State.REFUSED, reason="Ce Siren n'est pas un cabinet.")
    assert "Ce Siren n'est pas un cabinet." in text(browser.get("/mon-espace/"))
    Firm.objects.filter(members__user=nobody).update(state=Firm.State.SUSPENDED, reason="Impayés.")
    assert "a suspendu cet espace. Impayés." in text(browser.get("/mon-espace/"))
    assert User.objects.filter(pk=nobody.pk).exists()
