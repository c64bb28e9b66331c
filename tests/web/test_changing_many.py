"""Modifier plusieurs clients: the choice, what it would change, the confirmation, the report."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portefeuille.catalogue.selection import Selection
from portefeuille.catalogue.templates import Kept, keep_template
from portefeuille.enrolments import bulk
from portefeuille.enrolments.models import BulkAct, Enrolment
from portefeuille.people import sessions
from tests.cast import EMPLOYER, INDEPENDENT, PASSWORD, STRUCK_OFF, Cast
from tests.web.matrix import Scene
from tests.web.reading import form_of, rows, soup, text
from tests.web.test_query_budget import more_clients


def address(cast: Cast, query: str = "?tout=liste") -> str:
    return f"/cabinets/{cast.firm_a.uid}/clients/modifier/{query}"


def test_the_whole_way_for_the_clients_ticked(scene: Scene, browse: Any) -> None:
    cast, browser = scene.cast, browse("alice")
    page = browser.get(address(cast, f"?client={scene.client['A']}&client={scene.client['A2']}"))
    assert "Modifier 2 clients" in text(page)
    form = form_of(page)
    action = str(soup(page).select_one("main form[method=post]")["action"])  # type: ignore[index]
    drawn = browser.post(address(cast, action), {**form, "services": ["attestations", "dpae"]})
    preview = browser.get(drawn["Location"])
    assert "2 clients changeront" in text(preview)
    assert "Attestations : coché pour 2 clients" in text(preview)
    assert "décoché" not in text(preview)
    assert not Enrolment.objects.filter(services__gt=0b111).exists()
    assert browser.post(drawn["Location"]).status_code == 302
    assert "Modification terminée" in text(browser.get(drawn["Location"]))
    report = text(browser.get(drawn["Location"]))
    assert "2 clients modifiés" in report
    assert "Les clients modifiés" in report
    again = browser.post(drawn["Location"], follow=True)
    assert "Cette modification est déjà partie" in text(again)
    changed = Enrolment.objects.filter(uid__in=[scene.client["A"], scene.client["A2"]])
    assert set(changed.values_list("services", flat=True)) == {0b1000101}


def test_all_that_a_filter_keeps_are_terminated_and_come_back(cast: Cast, browse: Any) -> None:
    for client in (EMPLOYER, INDEPENDENT, STRUCK_OFF):
        cast.enrol(client)
    browser = browse("alice")
    page = browser.get(address(cast, "?tout=liste&etat=radie"))
    assert "Modifier 1 client" in text(page)
    assert "Les clients de la liste avec ces filtres : Radié." in text(page)
    drawn = browser.post(address(cast, "?tout=liste&etat=radie"), {"acte": "resilier"})
    assert "Veuillez confirmer la suppression immédiate d'une inscription." in text(browser.get(drawn["Location"]))
    report = browser.post(drawn["Location"], follow=True)
    assert "1 inscription résiliée" in text(report)
    assert f"L'inscription résiliée {STRUCK_OFF.name}" in text(report)
    assert Enrolment.objects.filter(ended_at=None).count() == 2
    (undo,) = [form["action"] for form in soup(report).select("main form[method=post]")]
    browser.post(undo)
    assert Enrolment.objects.filter(ended_at=None).count() == 3


def long_ago(browser: Any) -> None:
    session = browser.session
    sessions.doubt(session)
    session.save()


def test_an_act_that_ends_clients_asks_once_more_who_it_is(cast: Cast, browse: Any) -> None:
    cast.enrol(EMPLOYER)
    browser = browse("alice")
    there = browser.post(address(cast), {"acte": "resilier"})["Location"]
    long_ago(browser)
    before = rows()
    assert browser.get(there).status_code == 200
    assert browser.post(there)["Location"].startswith("/mon-compte/confirmer/")
    assert rows() == before
    goal = browser.post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD, "next": there})["Location"]
    assert "Vérifiez, puis confirmez de nouveau." in text(browser.get(goal))
    assert "1 inscription résiliée" in text(browser.post(goal, follow=True))


def test_an_act_that_changes_services_asks_nothing_more(cast: Cast, browse: Any) -> None:
    cast.enrol(EMPLOYER)
    browser = browse("alice")
    there = browser.post(address(cast), {"quoi": "ajouter", "services": ["attestations"]})["Location"]
    long_ago(browser)
    assert browser.post(there)["Location"] == there


def test_terminating_the_clients_ticked_asks_once_more_who_it_is(cast: Cast, browse: Any) -> None:
    uids = [str(cast.enrol(client).uid) for client in (EMPLOYER, INDEPENDENT)]
    browser, there = browse("alice"), f"/cabinets/{cast.firm_a.uid}/clients/resilier/"
    form = form_of(browser.get(there, {"client": uids}))
    long_ago(browser)
    before = rows()
    assert browser.post(there, form)["Location"].startswith("/mon-compte/confirmer/")
    assert rows() == before
    browser.post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD, "next": there})
    again = form_of(browser.get(there))
    assert sorted(again["client"]) == sorted(uids), "what was ticked is still there"
    assert browser.post(there, again).status_code == 302
    assert not Enrolment.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Choisissez ce qu'il faut faire"),
        ({"quoi": "rien"}, "Choisissez ce qu'il faut faire"),
        ({"quoi": "ajouter"}, "Cochez un service ou un avis"),
        ({"quoi": "retirer", "services": ["inconnu\x00"]}, "Cochez un service ou un avis"),
        ({"quoi": "ajouter", "services": "dpae", "portefeuille": "x"}, "Choisissez un de vos portefeuilles."),
    ],
)
def test_what_will_not_do_is_said_and_nothing_is_lost(
    cast: Cast, browse: Any, form: dict[str, Any], said: str
) -> None:
    cast.enrol(EMPLOYER)
    browser = browse("alice")
    before = rows()
    answer = browser.post(address(cast), {"avis": [], **form})
    assert answer.status_code == 200
    assert said in text(answer)
    assert soup(answer).select_one("#erreurs") is not None
    assert rows() == before


@pytest.mark.parametrize("query", ["", "?client=", "?client=x&client=%00", f"?client={UUID(int=1)}",
                                   "?tout=liste&q=zzqx", "?tout=oui"])  # fmt: skip
def test_nobody_chosen_leads_back_to_the_list(cast: Cast, browse: Any, query: str) -> None:
    cast.enrol(EMPLOYER)
    answer = browse("alice").get(address(cast, query), follow=True)
    assert "Aucun client n'est choisi." in text(answer)


def test_a_template_ticks_the_boxes_and_replaces(cast: Cast, browse: Any) -> None:
    cast.enrol(EMPLOYER)
    result = keep_template(access=cast.access("alice"), name="Paie", selection=Selection(0b1000000, 0b10))
    assert isinstance(result, Kept)
    browser = browse("bob")
    form = form_of(browser.get(address(cast, f"?tout=liste&modele={result.uid}")))
    assert form["quoi"] == ["remplacer"]
    drawn = browser.post(address(cast), form)
    browser.post(drawn["Location"])
    assert Enrolment.objects.values_list("services", "notices").get() == (0b1000000, 0b10)


def test_clients_are_moved_where_there_is_a_choice(cast: Cast, browse: Any) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    assert "Portefeuille" not in form_of(browse("bob").get(address(cast)))
    drawn = browse("alice").post(address(cast), {"quoi": "ajouter", "portefeuille": str(cast.independents.uid)})
    browse("alice").post(drawn["Location"])
    assert Enrolment.objects.get().portfolio == cast.independents


def test_nothing_to_change_has_nothing_to_confirm(cast: Cast, browse: Any) -> None:
    cast.enrol(EMPLOYER)
    drawn = browse("alice").post(address(cast), {"quoi": "ajouter", "services": ["dpae"]})
    page = browse("alice").get(drawn["Location"])
    assert "1 client est déjà ainsi" in text(page)
    assert "Rien ne changerait" in text(page)
    assert soup(page).select("main form") == []


def test_how_far_it_is_while_the_worker_is_at_it(cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 10)
    monkeypatch.setattr(bulk, "CHUNK", 20)
    more_clients(cast.access("alice"), 50)
    browser = browse("alice")
    drawn = browser.post(address(cast), {"quoi": "ajouter", "services": ["attestations"]})
    page = browser.post(drawn["Location"], follow=True)
    assert "Modification en cours" in text(page)
    assert "0 sur 50 clients." in text(page)
    bulk.work_due()
    part = browser.get(drawn["Location"], headers={"hx-request": "true"})
    assert "20 sur 50 clients." in text(part)
    assert soup(part).select_one("html") is None
    while bulk.work_due():
        pass
    ended = browser.get(drawn["Location"], headers={"hx-request": "true"})
    assert (ended.status_code, ended["HX-Redirect"]) == (204, drawn["Location"])
    assert "50 clients modifiés" in text(browser.get(drawn["Location"]))
    assert BulkAct.objects.get().state == "done"


def test_the_list_leads_there(scene: Scene, browse: Any) -> None:
    page = soup(browse("alice").get(f"/cabinets/{scene.cast.firm_a.uid}/clients/?etat=radie&tri=-nom"))
    links = {link.get_text(): str(link["href"]) for link in page.select("nav.pages a[href]")}
    assert links["Modifier toute cette liste"].endswith("/clients/modifier/?tout=liste&etat=radie&tri=-nom")
    assert links["Exporter cette liste"].endswith("/clients/exporter/?etat=radie&tri=-nom")
    assert page.select_one("[data-bar] button[formaction$='/clients/modifier/']") is not None
    looks_only = soup(browse("rita").get(f"/cabinets/{scene.cast.firm_a.uid}/clients/"))
    assert [link.get_text() for link in looks_only.select("nav.pages a[href]")] == ["Exporter cette liste"]


def test_more_clients_are_no_more_statements(cast: Cast, browse: Any) -> None:
    browser, access = browse("alice"), cast.access("alice")
    cast.enrol(EMPLOYER)
    counts = []
    for number in (10, 100, 200):
        more_clients(access, number)
        drawn = browser.post(address(cast), {"quoi": "ajouter", "services": ["attestations"]})
        for where in (address(cast), drawn["Location"]):
            browser.get(where)
            with CaptureQueriesContext(connection) as captured:
                browser.get(where)
            counts.append(len(captured))
    assert counts[0::2] == [counts[0]] * 3
    assert counts[1::2] == [counts[1]] * 3
    assert max(counts) <= 8
