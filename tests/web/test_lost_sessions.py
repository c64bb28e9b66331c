"""A session that ends while a form is filled loses nothing, keeps nothing in clear, and gives others nothing."""

from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portefeuille.enrolments.models import Enrolment
from portefeuille.imports.models import Import
from portefeuille.people.models import Session
from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, PASSWORD, REGULATED, STRUCK_OFF, Cast, CastClient
from tests.imports import journey
from tests.web.reading import form_of, goes_to_sign_in, rows, soup, text

START = 1_800_000_000
IDLE, ABSOLUTE = 30 * 60, 12 * 3600


class Person:
    """Somebody with a browser that checks keys as the site really does."""

    def __init__(self, email: str) -> None:
        self.email = email
        self.browser = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})

    def get(self, address: str) -> Any:
        return self.browser.get(address)

    def post(self, address: str, form: dict[str, Any]) -> Any:
        return self.browser.post(address, form)

    def sign_in(self, goal: str = "", email: str = "") -> HttpResponse:
        """By the page, wherever it leads."""
        address = goal or "/connexion/"
        form = form_of(self.get(address))
        return self.post("/connexion/", {**form, "login": email or self.email, "password": PASSWORD})


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def alice(cast: Cast, clock: Any) -> Person:
    person = Person("alice@alder.example")
    person.sign_in()
    return person


def enrol_address(cast: Cast, client: CastClient) -> str:
    firm = cast.firm_a.uid
    if client.siren:
        return reverse("enrol_siren", kwargs={"firm": firm, "siren": client.siren, "regime": client.regime})
    token = seal(ACCOUNT_IN_ADDRESS, client.account.encode())
    return reverse("enrol_account", kwargs={"firm": firm, "token": token})


def address_of(cast: Cast, name: str, **arguments: Any) -> str:
    return reverse(name, kwargs={"firm": cast.firm_a.uid, **arguments})


def filled(cast: Cast, page: Any, client: CastClient) -> dict[str, Any]:
    form = form_of(page)
    form |= {
        "fait": [client.fact],
        "services": ["dpae", "attestations"],
        "avis": ["messages"],
        "portefeuille": [str(cast.independents.pk)],
    }
    return form | ({"compte": [client.account]} if client.siren else {})


@pytest.mark.parametrize("after", [IDLE, ABSOLUTE], ids=["idle", "absolute"])
@pytest.mark.parametrize("client", [EMPLOYER, INDEPENDENT, REGULATED, MANAGER], ids=lambda client: client.regime)
def test_a_proof_typed_into_a_dead_session_is_there_after_sign_in(
    cast: Cast, alice: Person, clock: Any, client: CastClient, after: int
) -> None:
    address = enrol_address(cast, client)
    form = filled(cast, alice.get(address), client)
    clock.shift(after)
    before = rows()
    lost = alice.post(address, form)
    assert goes_to_sign_in(lost)
    nothing_in_clear(client)
    back = alice.sign_in(lost["Location"])
    assert unquote(back["Location"]) == address
    assert {table for table, now in rows().items() if now != before[table]} <= {"people_user"}  # last_login only
    page = alice.get(address)
    assert "Votre saisie est là" in text(page)
    again = form_of(page)
    assert again | {"csrfmiddlewaretoken": ""} == form | {"csrfmiddlewaretoken": ""}
    nothing_in_clear(client)
    assert alice.post(address, again).status_code == 302
    enrolment = Enrolment.objects.get()
    assert (enrolment.name, enrolment.portfolio) == (client.name, cast.independents)
    assert "Votre saisie est là" not in text(alice.get(enrol_address(cast, STRUCK_OFF)))


def nothing_in_clear(client: CastClient) -> None:
    """Neither in the rows of the sessions, nor in what they hold once unpacked."""
    kept = "".join(row.session_data + str(row.get_decoded()) for row in Session.objects.order_by("pk"))
    assert kept
    for secret in (client.fact, client.account, client.fact.replace(".", ",")):
        assert secret not in kept


def test_a_list_with_ticked_clients_is_not_lost(cast: Cast, alice: Person, clock: Any) -> None:
    uids = [str(cast.enrol(client).uid) for client in (EMPLOYER, INDEPENDENT)]
    address = address_of(cast, "terminate_many")
    form = form_of(alice.get(f"{address}?client={uids[0]}&client={uids[1]}"))
    assert sorted(form["client"]) == sorted(uids)
    clock.shift(IDLE)
    lost = alice.post(address, form)
    alice.sign_in(lost["Location"])
    assert Enrolment.objects.filter(state="active").count() == 2
    again = form_of(alice.get(address))
    assert sorted(again["client"]) == sorted(uids)
    assert alice.post(address, again).status_code == 302
    assert not Enrolment.objects.filter(state="active").exists()


def test_a_change_of_services_is_not_lost(cast: Cast, alice: Person, clock: Any) -> None:
    uid = cast.enrol(EMPLOYER).uid
    address = address_of(cast, "client", enrolment=uid)
    form = form_of(alice.get(address)) | {"services": ["suivi-dsn"], "avis": []}
    clock.shift(IDLE)
    lost = alice.post(address, form)
    alice.sign_in(lost["Location"])
    page = alice.get(address)
    assert "Vérifiez vos choix" in text(page)
    again = form_of(page)
    assert again["services"] == ["suivi-dsn"]
    assert "avis" not in again
    assert alice.post(address, again).status_code == 302
    assert "Les services sont enregistrés" in text(alice.get(address_of(cast, "clients")))


def test_a_new_identifier_is_not_lost(cast: Cast, alice: Person, clock: Any) -> None:
    address = address_of(cast, "add")
    form = form_of(alice.get(address)) | {"identifiant": ["732 829 320"]}
    clock.shift(IDLE)
    alice.sign_in(alice.post(address, form)["Location"])
    assert form_of(alice.get(address))["identifiant"] == ["732 829 320"]


def test_the_question_before_a_termination_is_asked_again(cast: Cast, alice: Person, clock: Any) -> None:
    uid = cast.enrol(EMPLOYER).uid
    address = address_of(cast, "terminate", enrolment=uid)
    form = form_of(alice.get(address))
    clock.shift(IDLE)
    alice.sign_in(alice.post(address, form)["Location"])
    assert Enrolment.objects.get().state == "active"
    assert "Veuillez confirmer la suppression immédiate" in text(alice.get(address))


def test_the_undoing_of_a_termination_leads_to_where_it_can_be_done(cast: Cast, alice: Person, clock: Any) -> None:
    """Only a button leads to that address: after the sign-in, the person is where the button is."""
    uid = cast.enrol(EMPLOYER).uid
    terminate = address_of(cast, "terminate", enrolment=uid)
    alice.post(terminate, form_of(alice.get(terminate)))
    page = alice.get(address_of(cast, "clients"))
    undo = next(str(form["action"]) for form in soup(page).select("form[method=post]") if "retablir" in form["action"])
    key = form_of(page, undo)
    clock.shift(IDLE)
    back = alice.sign_in(alice.post(undo, key)["Location"])
    page = alice.browser.get(back["Location"], follow=True)
    assert page.status_code == 200
    # The trail's clock is the database's, which no test moves: within its quarter of an hour it can still be undone.
    assert any("retablir" in str(form.get("action")) for form in soup(page).select("main form"))


def test_the_start_of_a_file_leads_to_where_it_can_be_started(cast: Cast, alice: Person, clock: Any) -> None:
    of = journey.check(cast, journey.kept(cast, [journey.row(EMPLOYER)]))
    form = form_of(alice.get(address_of(cast, "import_one", uid=of.uid)))
    clock.shift(IDLE)
    back = alice.sign_in(alice.post(address_of(cast, "import_start", uid=of.uid), form)["Location"])
    page = alice.browser.get(back["Location"], follow=True)
    assert page.status_code == 200
    assert "Rien n'est encore ajouté : lancez l'ajout." in text(page)
    assert "Ajouter 1 client" in text(page)
    assert journey.fresh(of).state == "checked"


@pytest.mark.parametrize("name", ["import_send", "bring_back"])
def test_a_file_sent_into_a_dead_session_is_asked_for_again(cast: Cast, alice: Person, clock: Any, name: str) -> None:
    address = address_of(cast, name)
    form = form_of(alice.get(address))
    clock.shift(IDLE)
    file = SimpleUploadedFile("x.csv", journey.content([journey.row(EMPLOYER)]))
    back = alice.sign_in(alice.post(address, {**form, "fichier": file})["Location"])
    assert "Choisissez de nouveau votre fichier." in text(alice.get(back["Location"]))
    assert "Choisissez de nouveau votre fichier." not in text(alice.get(address))
    assert Import.objects.count() == 0


def test_somebody_else_at_the_same_machine_gets_nothing(cast: Cast, alice: Person, clock: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    clock.shift(IDLE)
    lost = alice.post(address, form)
    alice.sign_in(lost["Location"], email="bob@alder.example")
    page = alice.get(address)
    assert page.status_code == 200
    assert EMPLOYER.amount not in text(page) + str(page.content)
    assert "Votre saisie est là" not in text(page)
    # and it is gone for good
    alice.post("/deconnexion/", form_of(alice.get("/deconnexion/")))
    alice.sign_in()
    assert EMPLOYER.amount not in str(alice.get(address).content)


def test_a_sign_in_in_another_tab_loses_nothing(cast: Cast, alice: Person, clock: Any) -> None:
    """Signing in changes the key against forgery: the form of the first tab carries the old one."""
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    clock.shift(IDLE)
    alice.sign_in()  # in the other tab
    before = rows()
    answer = alice.post(address, form)
    assert answer.status_code == 302
    assert answer["Location"] == address
    assert rows() == before
    nothing_in_clear(EMPLOYER)
    again = form_of(alice.get(address))
    assert again | {"csrfmiddlewaretoken": ""} == form | {"csrfmiddlewaretoken": ""}
    assert alice.post(address, again).status_code == 302
    assert Enrolment.objects.count() == 1


def test_a_form_of_one_person_never_acts_for_another(cast: Cast, alice: Person, clock: Any) -> None:
    """Somebody else signed in in another tab of the same browser."""
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    clock.shift(IDLE)
    alice.sign_in(email="bob@alder.example")
    before = rows()
    assert alice.post(address, form).status_code == 302
    assert rows() == before


def test_a_member_removed_meanwhile_does_not_get_back_in_by_it(cast: Cast, alice: Person, clock: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    clock.shift(IDLE)
    lost = alice.post(address, form)
    cast.users["alice"].memberships.update(active=False)
    back = alice.sign_in(lost["Location"])
    assert alice.get(back["Location"]).status_code == 404


def test_what_is_too_old_is_forgotten(cast: Cast, alice: Person, clock: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    clock.shift(IDLE)
    lost = alice.post(address, form)
    page = alice.get(lost["Location"])
    clock.shift(30 * 60 + 1)
    fields = form_of(page) | {"login": [alice.email], "password": [PASSWORD]}
    assert alice.post("/connexion/", fields)["Location"] == address
    assert form_of(alice.get(address))["fait"] == [""]


def test_a_stranger_s_form_is_no_trap(cast: Cast, alice: Person, clock: Any) -> None:
    """A form posted by another site to a signed-out browser is not shown to whoever signs in next."""
    stranger = Client(enforce_csrf_checks=True)
    address = enrol_address(cast, EMPLOYER)
    for sent_by in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = stranger.post(address, {"fait": "666,00"}, headers=sent_by)
        assert answer.status_code == 403
    assert not [row for row in Session.objects.order_by("pk") if "parked_form" in row.get_decoded()]
