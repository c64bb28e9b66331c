"""The letter route and the invitation on the pages of a firm."""

import re
from dataclasses import replace
from typing import Any

from django.urls import reverse

from portefeuille.contributors.models import ClientSpace
from portefeuille.enrolments.models import Enrolment
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.posted_codes.requests import answer_due
from portefeuille.registry.models import ProofFact
from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, STRUCK_OFF, Cast
from tests.web.reading import form_of, rows, text
from tests.web.test_uniform_answer import Seen, ask, numbers, one_answer, without_number  # noqa: F401  (a fixture)


def page_of(cast: Cast, siren: str = EMPLOYER.siren, regime: Any = EMPLOYER.regime) -> str:
    return reverse("enrol_siren", kwargs={"firm": cast.firm_a.uid, "siren": siren, "regime": regime})


def test_the_journey_by_letter(cast: Cast, browse: Any) -> None:
    ProofFact.objects.all().delete()
    browser = browse("bob")
    page = browser.get(page_of(cast))
    assert "Demander un code par courrier" in text(page)
    asking = page_of(cast) + "courrier/"
    answer = browser.post(asking, form_of(browser.get(asking)), follow=True)
    assert "Votre demande est notée." in text(answer)
    assert "Code de la lettre" in text(answer)
    answer_due()
    letter = Message.objects.get(channel="letter")
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", text_of(letter.body, letter.secret))
    assert code is not None
    entering = page_of(cast) + "code/"
    form = form_of(browser.get(entering)) | {"compte": [EMPLOYER.account], "services": ["attestations"]}
    for wrong, says in (("", "Saisissez le code"), ("ABC", "10 lettres"), ("AAAAA-AAAAA", "ne permettent pas")):
        assert says in text(browser.post(entering, {**form, "code": wrong}))
    answer = browser.post(entering, {**form, "code": code[0].lower()}, follow=True)
    assert "Votre client est ajouté" in text(answer)
    assert Enrolment.objects.get().services
    # The back button, and the form again: it acts once.
    before = rows()
    assert browser.post(asking, follow=True).status_code == 200
    assert "Vous avez déjà demandé ce code" in text(browser.post(asking))
    assert rows() == before


def test_an_account_number_without_siren_tells_nothing(cast: Cast, browse: Any, numbers: dict[str, str]) -> None:  # noqa: F811
    browser = browse("alice")

    def address(number: str, route: str) -> str:
        token = seal(ACCOUNT_IN_ADDRESS, number.encode())
        return reverse(route, kwargs={"firm": cast.firm_a.uid, "token": token})

    def seen(method: str, route: str, number: str, **form: str) -> Seen:
        found = ask(browser, method, address(number, route), number, **form)
        headers = tuple((name, value) for name, value in found.headers if name != "Location")
        return without_number(replace(found, headers=headers), number)

    code = {"code": "AAAAA-AAAAA", "portefeuille": str(cast.employers.pk)}
    assert one_answer(numbers, lambda number: seen("get", "ask_code_account", number)).status == 200
    assert one_answer(numbers, lambda number: seen("post", "ask_code_account", number)).status == 302
    assert one_answer(numbers, lambda number: seen("get", "enrol_code_account", number)).status == 200
    wrong = one_answer(numbers, lambda number: seen("post", "enrol_code_account", number, **code, compte=number))
    assert "Ces informations ne permettent pas d'ajouter ce compte" in wrong.page


def test_a_client_is_invited_once_a_day(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(STRUCK_OFF, portfolio=cast.employers).uid
    address = reverse("client", kwargs={"firm": cast.firm_a.uid, "enrolment": uid})
    browser = browse("bob")
    assert "Inviter à créer son espace" in text(browser.get(address))
    told = Message.objects.count()
    assert "est invité à créer son espace" in text(browser.post(address + "inviter/", follow=True))
    assert "a déjà été invité aujourd'hui" in text(browse("alice").post(address + "inviter/", follow=True))
    (letter,) = Message.objects.order_by("pk")[told:]
    assert letter.channel == "letter"
    assert "Cabinet Alder" in letter.body
    assert "/espace-client/" in letter.body


def test_who_may_only_look_does_not_invite(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(STRUCK_OFF, portfolio=cast.employers).uid
    address = reverse("client", kwargs={"firm": cast.firm_a.uid, "enrolment": uid})
    rita = browse("rita")
    assert "Inviter" not in text(rita.get(address))
    before = rows()
    assert rita.post(address + "inviter/").status_code == 404
    assert rows() == before


def test_the_pages_of_a_firm_show_who_has_a_space(cast: Cast, browse: Any) -> None:
    with_space = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    without = cast.enrol(INDEPENDENT, portfolio=cast.employers).uid
    assert ClientSpace.objects.get().siren == EMPLOYER.siren
    browser = browse("bob")
    base = reverse("clients", kwargs={"firm": cast.firm_a.uid})
    assert text(browser.get(base)).count("a son espace client") == 1
    assert "Votre client a ouvert son espace" in text(browser.get(f"{base}{with_space}/"))
    assert "Votre client n'a pas encore d'espace" in text(browser.get(f"{base}{without}/"))
    before = rows()
    assert "a déjà son espace" in text(browser.post(f"{base}{with_space}/inviter/", follow=True))
    assert rows() == before


def test_a_manager_without_siren_is_invited_too(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(MANAGER, portfolio=cast.employers).uid
    address = reverse("invite_client", kwargs={"firm": cast.firm_a.uid, "enrolment": uid})
    browse("bob").post(address)
    assert Message.objects.order_by("-pk")[0].recipient == MANAGER.email
