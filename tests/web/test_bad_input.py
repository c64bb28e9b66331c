"""Whatever is typed, pasted or forged: a clear French sentence or a right result, never a fault, nothing lost."""

from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest

from portefeuille.enrolments.actions import terminate
from portefeuille.enrolments.contest_links import token_for
from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, PASSWORD, REGULATED, Cast
from tests.web.hostile import AMOUNTS, HOSTILE, enrol_page, every, filled, fine, firm_page, refused_at
from tests.web.reading import html, rows, soup, text


@pytest.fixture
def alice(browse: Any) -> Any:
    return browse("alice")


# --- sign-in ------------------------------------------------------------------------------------------------------


@every(HOSTILE)
def test_the_identifier_of_the_sign_in(cast: Cast, browse: Any, typed: str) -> None:
    answer = fine(browse().post("/connexion/", {"login": typed, "password": "x"}))
    page = soup(answer)
    assert page.select_one("#erreurs") is not None
    field = page.find("input", {"name": "login"})
    assert field is not None
    if typed.strip():
        assert field["value"] in (typed, typed.strip())
    assert "<script>alert" not in html(answer)


@every(HOSTILE)
def test_the_password_is_never_shown_again(cast: Cast, browse: Any, typed: str) -> None:
    answer = fine(browse().post("/connexion/", {"login": "alice@alder.example", "password": typed}))
    assert answer.status_code == 200
    assert soup(answer).select_one("#erreurs") is not None
    assert not soup(answer).select_one("input[type=password]").has_attr("value")  # type: ignore[union-attr]
    if len(typed.strip()) > 8:
        assert typed.strip() not in html(answer)


@every([*HOSTILE.values(), "//evil.example", "https://[", "http://[::1", "\\\\evil"])
def test_the_page_to_go_to_after_the_sign_in(cast: Cast, browse: Any, typed: str) -> None:
    fine(browse().get("/connexion/", {"next": typed}))
    answer = fine(browse().post("/connexion/", {"login": "x", "password": "x", "next": typed}))
    assert "<script>alert" not in html(answer)
    signed = fine(browse().post("/connexion/", {"login": "zoe@nowhere.example", "password": PASSWORD, "next": typed}))
    assert signed.status_code == 302
    assert "evil" not in signed["Location"]
    assert "\n" not in signed["Location"]


# --- screen 4 -----------------------------------------------------------------------------------------------------


@every(HOSTILE)
def test_the_identifier_of_a_new_client(cast: Cast, alice: Any, typed: str) -> None:
    before = rows()
    answer = alice.post(firm_page(cast, "add"), {"identifiant": typed})
    refused_at(answer, "identifiant", typed)
    assert rows() == before


@every(
    [
        "732 829 320",
        "732.829.320",
        "732\u202f829\u202f320",
        "\u200f732829320\u202c",
        "73282932000074",
        " 732-829-320\t",
    ]
)
def test_what_people_paste_is_understood(cast: Cast, alice: Any, typed: str) -> None:
    answer = alice.post(firm_page(cast, "add"), {"identifiant": typed})
    assert answer["Location"] == firm_page(cast, "choose_regime", siren="732829320")


@every(["AB12CD34EF56GH", "00000000000000", "12345678901234", "356000000" + "12345", "111111118"])
def test_a_number_that_nobody_has(cast: Cast, alice: Any, typed: str) -> None:
    refused_at(alice.post(firm_page(cast, "add"), {"identifiant": typed}), "identifiant", typed)


@pytest.mark.parametrize("name", ["etablissement", "compte", "page"])
@every(HOSTILE)
def test_the_search_under_a_new_client(cast: Cast, alice: Any, name: str, typed: str) -> None:
    cast.enrol(EMPLOYER)
    answer = fine(alice.get(firm_page(cast, "add"), {name: typed}))
    assert answer.status_code == 200
    assert "<script>alert" not in html(answer)
    if name != "page":
        assert soup(answer).find("input", {"name": name})["value"] == typed.strip()  # type: ignore[index]


# --- screen 5 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", [EMPLOYER, REGULATED, MANAGER], ids=["employer", "regulated", "manager"])
@every({**HOSTILE, **AMOUNTS})
def test_the_amount(cast: Cast, alice: Any, client: Any, typed: str) -> None:
    before = rows()
    answer = alice.post(enrol_page(cast, client), filled(cast, client, fait=typed))
    if typed in ACCEPTED_AS_AMOUNTS:
        assert "Ces informations ne permettent pas d'ajouter ce compte" in text(answer)
        return
    refused_at(answer, "fait", typed)
    assert rows() == before
    kept_what_was_typed(answer, client)


#: Right as amounts, wrong as facts.
ACCEPTED_AS_AMOUNTS = {HOSTILE["wrong key"], HOSTILE["too short"], HOSTILE["direction marks"]}


def kept_what_was_typed(answer: Any, client: Any) -> None:
    page = soup(answer)
    assert page.find("input", {"name": "services", "value": "dpae"}).has_attr("checked")  # type: ignore[union-attr]
    if client.siren:
        assert page.find("input", {"name": "compte"})["value"] == client.account  # type: ignore[index]


@every(["48 317,29", "48317.29", "48317,29 €", "48.317,29", "48\u202f317,29\u202f€", "\u200e48317,29", "48,317.29"])
def test_an_amount_written_otherwise_is_the_same(cast: Cast, alice: Any, typed: str) -> None:
    assert alice.post(enrol_page(cast, EMPLOYER), filled(cast, EMPLOYER, fait=typed)).status_code == 302


@every(HOSTILE)
def test_the_nir(cast: Cast, alice: Any, typed: str) -> None:
    before = rows()
    answer = alice.post(enrol_page(cast, INDEPENDENT), filled(cast, INDEPENDENT, fait=typed))
    refused_at(answer, "fait", typed)
    assert rows() == before
    kept_what_was_typed(answer, INDEPENDENT)


@every([" ", ".", "\u00a0", "\u202f", "-"])
def test_a_nir_with_blanks_or_without_its_key_is_the_same(cast: Cast, alice: Any, typed: str) -> None:
    nir = INDEPENDENT.nir
    written = typed.join([nir[0], nir[1:3], nir[3:5], nir[5:7], nir[7:10], nir[10:13]])
    assert alice.post(enrol_page(cast, INDEPENDENT), filled(cast, INDEPENDENT, fait=written)).status_code == 302


@every(HOSTILE)
def test_the_account_number(cast: Cast, alice: Any, typed: str) -> None:
    answer = alice.post(enrol_page(cast, EMPLOYER), filled(cast, EMPLOYER, compte=typed))
    if typed in ACCEPTED_AS_AMOUNTS:  # digits, so a number that might exist
        assert "Ces informations ne permettent pas d'ajouter ce compte" in text(answer)
        return
    refused_at(answer, "compte", typed)
    assert soup(answer).find("input", {"name": "fait"})["value"] == EMPLOYER.amount  # type: ignore[index]


@every(["0117 000 001 234 567 890", "000117000001234567890", "117000001234567890\u200f"])
def test_an_account_number_padded_or_grouped_is_the_same(cast: Cast, alice: Any, typed: str) -> None:
    assert alice.post(enrol_page(cast, EMPLOYER), filled(cast, EMPLOYER, compte=typed)).status_code == 302


@every(HOSTILE)
def test_the_key_of_the_form_may_be_anything(cast: Cast, alice: Any, typed: str) -> None:
    """Whoever spoils it loses only its use."""
    answer = alice.post(enrol_page(cast, EMPLOYER), filled(cast, EMPLOYER, cle=typed))
    assert answer.status_code == 302


@every([*HOSTILE.values(), "-1", "99999999999999999999"])
def test_a_portfolio_that_is_not_offered(cast: Cast, alice: Any, typed: str) -> None:
    before = rows()
    answer = alice.post(enrol_page(cast, EMPLOYER), filled(cast, EMPLOYER, portefeuille=typed))
    assert answer.status_code == 200
    assert soup(answer).find(id="id_portefeuille-erreur").get_text().strip().endswith(".")  # type: ignore[union-attr]
    assert rows() == before


def test_a_portfolio_of_another_firm(cast: Cast, alice: Any) -> None:
    before = rows()
    for portfolio in (cast.portfolio_b.pk, 0):
        answer = alice.post(enrol_page(cast, EMPLOYER), filled(cast, EMPLOYER, portefeuille=str(portfolio)))
        assert "Choisissez un de vos portefeuilles." in text(answer)
    assert rows() == before


@every(HOSTILE)
def test_the_name_of_a_kept_selection(cast: Cast, alice: Any, typed: str) -> None:
    address = enrol_page(cast, EMPLOYER)
    assert fine(alice.get(address, {"modele": typed})).status_code == 200
    answer = fine(alice.post(address, filled(cast, EMPLOYER, modele=typed)))
    if answer.status_code == 200:
        refused_at(answer, "modele", typed)
        return
    page = alice.get(enrol_page(cast, INDEPENDENT))
    assert "<script>alert" not in html(page)
    if typed.strip():
        assert " ".join(typed.split()) in text(page)


@pytest.mark.parametrize("name", ["services", "avis", "tous_services", "tous_avis"])
@every(HOSTILE)
def test_boxes_that_are_not_offered(cast: Cast, alice: Any, name: str, typed: str) -> None:
    client = cast.enrol(EMPLOYER).uid
    for address, form in (
        (enrol_page(cast, INDEPENDENT), filled(cast, INDEPENDENT)),
        (firm_page(cast, "client", enrolment=client), {}),
    ):
        assert fine(alice.post(address, {**form, name: [typed, "suivi-dsn"]})).status_code == 302


@every([*HOSTILE.values(), "-", "5-", "-5", "--", "zz-1", "-1--1", "f" * 15 + "-" + "f" * 15, "٥-١"])
def test_the_seal_of_what_was_seen(cast: Cast, alice: Any, typed: str) -> None:
    client = cast.enrol(EMPLOYER).uid
    answer = fine(alice.post(firm_page(cast, "client", enrolment=client), {"vu": typed, "services": ["dpae"]}))
    assert answer.status_code in (200, 302)
    if answer.status_code == 200:
        assert "Ces services ont changé entre-temps" in text(answer)


# --- the list, and the hidden fields ------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("name", ["q", "portefeuille", "regime", "etat", "tri", "page", "nouveau"])
@every([*HOSTILE.values(), "0", "-1", "10001", "99999999"])
def test_the_filters_of_the_list(cast: Cast, alice: Any, name: str, typed: str, htmx: bool) -> None:
    cast.enrol(EMPLOYER)
    headers = {"HTTP_HX_REQUEST": "true"} if htmx else {}
    answer = fine(alice.get(firm_page(cast, "clients"), {name: typed}, **headers))
    assert answer.status_code == 200
    assert "<script>alert" not in html(answer)
    assert "\n" not in answer.get("HX-Replace-Url", "")
    if name != "q":
        assert EMPLOYER.name in text(answer)  # what means nothing filters nothing


@every(HOSTILE)
def test_hidden_identifiers(cast: Cast, alice: Any, typed: str) -> None:
    cast.enrol(EMPLOYER)
    before = rows()
    for answer in (
        alice.get(firm_page(cast, "terminate_many"), {"client": [typed]}),
        alice.post(firm_page(cast, "terminate_many"), {"client": [typed, typed]}),
        alice.get(firm_page(cast, "terminate_many"), {"etat": typed}),
    ):
        assert fine(answer).status_code == 302
    assert rows() == before


def test_thousands_of_hidden_identifiers(cast: Cast, alice: Any) -> None:
    client = cast.enrol(EMPLOYER).uid
    many = [str(uuid4()) for _ in range(1500)]
    answer = fine(alice.post(firm_page(cast, "terminate_many"), {"client": [str(client), *many]}))
    assert answer.status_code == 302
    before = rows()
    assert alice.post(firm_page(cast, "terminate_many"), {"client": many * 2}).status_code == 400
    assert rows() == before


@every([value for value in HOSTILE.values() if value.strip(" .")])
def test_addresses_made_up(cast: Cast, alice: Any, typed: str) -> None:
    piece = quote(typed, safe="")
    space = firm_page(cast, "dashboard")
    before = rows()
    for path in (
        f"/cabinets/{piece}/",
        f"{space}ajouter/siren/{piece}/",
        f"{space}ajouter/siren/732829320/{piece}/",
        f"{space}ajouter/compte/{piece}/",
        f"{space}clients/{piece}/",
        f"{space}clients/{piece}/resilier/",
        f"{space}clients/{piece}/etablissements/{piece}/",
        f"{space}clients/retablir/{piece}/",
        f"/contester/{piece}/",
        f"/courriels/{piece}/",
        f"/{piece}/",
    ):
        for answer in (alice.get(path), alice.post(path)):
            assert fine(answer).status_code in (404, 405), path
            assert "<script>alert" not in html(answer)
    assert rows() == before


def test_tokens_cut_or_of_another_use(cast: Cast, alice: Any, browse: Any) -> None:
    client = cast.enrol(EMPLOYER).uid
    account, contest = seal(ACCOUNT_IN_ADDRESS, MANAGER.account.encode()), token_for(client)
    before = rows()
    for token in (account[:-5], account[1:], contest, seal("parked-form", b"117"), account.lower()):
        assert alice.get(firm_page(cast, "enrol_account", token=token)).status_code == 404
    for token in (contest[:-1], contest[1:], contest + "A", account, contest.split(":")[0]):
        for answer in (browse().get(f"/contester/{token}/"), browse().post(f"/contester/{token}/")):
            assert answer.status_code == 404
            assert "Ce lien n'est plus valable" in text(answer)
    assert rows() == before


def test_the_undoing_of_nothing(cast: Cast, alice: Any) -> None:
    uid = cast.enrol(EMPLOYER).uid
    ending = terminate(access=cast.access("alice"), enrolments=[uid]).ending
    assert alice.post(firm_page(cast, "undo", ending=ending)).status_code == 302
    before = rows()
    for again in (ending, uuid4(), uid):
        answer = alice.post(firm_page(cast, "undo", ending=again), follow=True)
        assert "Il n'y a plus rien à rétablir" in text(answer)
    assert rows() == before


def test_what_was_typed_is_never_in_the_next_address(cast: Cast, alice: Any) -> None:
    """Neither the account number nor a fact: an address ends up in logs and histories."""
    answer = alice.post(firm_page(cast, "add"), {"identifiant": MANAGER.account})
    assert MANAGER.account not in answer["Location"]
    answer = alice.post(enrol_page(cast, EMPLOYER), filled(cast, EMPLOYER))
    assert EMPLOYER.account not in answer["Location"]
    assert urlencode({"": EMPLOYER.amount})[1:] not in answer["Location"]
