"""Exporter: what is said before, and the file that comes."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portefeuille.audit.models import Event
from portefeuille.enrolments.models import Enrolment
from portefeuille.people import sessions
from portefeuille.sheets.csv_out import unharmed
from tests.cast import EMPLOYER, PASSWORD, STRUCK_OFF, Cast
from tests.sheets.payloads import FORMULAS
from tests.sheets.test_xlsx_out import cells_of
from tests.web.matrix import Scene
from tests.web.reading import rows, text
from tests.web.test_query_budget import more_clients


def address(cast: Cast, query: str = "") -> str:
    return f"/cabinets/{cast.firm_a.uid}/clients/exporter/{query}"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_page_says_what_the_file_will_hold(scene: Scene, browse: Any) -> None:
    cast, browser = scene.cast, browse("alice")
    number = Enrolment.objects.filter(firm=cast.firm_a, ended_at=None).count()
    assert f"Le fichier contient {number} clients : tous ceux que vous voyez." in text(browser.get(address(cast)))
    page = text(browser.get(address(cast, "?etat=radie&q=menui")))
    assert "Le fichier contient 1 client, avec ces filtres : « menui », Radié." in page
    assert "Aucun client à exporter" in text(browser.get(address(cast, "?q=zzqx")))
    assert f"{number} clients" not in text(browse("bob").get(address(cast)))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_has_a_name_of_ours_and_is_only_a_file(scene: Scene, browse: Any, form: str) -> None:
    answer = browse("alice").post(address(scene.cast, "?q=œuvrard"), {"format": form})
    assert answer["Content-Disposition"] == f'attachment; filename="clients.{form}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer.streaming
    cells = cells_of(body(answer)) if form == "xlsx" else table(body(answer))
    assert [row[0] for row in cells] == ["Raison sociale", EMPLOYER.name]


def table(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_filters_of_the_address_are_those_of_the_file(scene: Scene, browse: Any, form: str) -> None:
    answer = browse("alice").post(address(scene.cast, "?etat=radie"), {"format": form})
    cells = cells_of(body(answer)) if form == "xlsx" else table(body(answer))
    assert [row[0] for row in cells] == ["Raison sociale", STRUCK_OFF.name]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_name_that_is_a_formula_computes_nothing(cast: Cast, browse: Any, form: str) -> None:
    """Names come from registers that anybody can write to: a company may be called «=1+1»."""
    more_clients(cast.access("alice"), len(FORMULAS))
    for enrolment, formula in zip(Enrolment.objects.order_by("pk"), FORMULAS, strict=True):
        Enrolment.objects.filter(pk=enrolment.pk).update(name=formula, town=formula)
    answer = browse("alice").post(address(cast), {"format": form})
    if form == "xlsx":
        found = [row[0] for row in cells_of(body(answer))[1:]]
        assert sorted(found) == sorted(formula.replace("\r", "\n") for formula in FORMULAS)
        return
    found = [row[0] for row in table(body(answer))[1:]]
    assert all(cell.startswith("'") for cell in found)
    assert sorted(map(unharmed, found)) == sorted(FORMULAS)


def test_what_means_nothing_in_the_address_is_left_out(scene: Scene, browse: Any) -> None:
    for query in ("?page=x&tri=%00", "?portefeuille=zz", "?q=" + "a" * 10_000, "?q=%00", "?etat=<script>", "?q=%FF"):
        assert browse("alice").get(address(scene.cast, query)).status_code == 200
        assert browse("alice").post(address(scene.cast, query), {"format": "exe"}).status_code == 200


def test_looking_writes_nothing_and_taking_is_traced(scene: Scene, browse: Any) -> None:
    browser = browse("rita")
    before = rows()
    browser.get(address(scene.cast))
    assert rows() == before
    browser.post(address(scene.cast), {"format": "csv"})
    assert Event.objects.filter(verb="clients.exported").count() == 1


def test_more_clients_are_no_more_statements(cast: Cast, browse: Any) -> None:
    browser, access = browse("alice"), cast.access("alice")
    more_clients(access, 10)
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            body(browser.post(address(cast), {"format": "csv"}))
        counts.append(len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]))
        more_clients(access, 600)
    # The catalogue may be read again; session, person, access; the trail; the cursor.
    assert len(set(counts[1:])) == 1
    assert counts[1] <= 6


def test_the_file_asks_once_more_who_it_is(scene: Scene, browse: Any) -> None:
    browser = browse("alice")
    session = browser.session
    session[sessions._PROVED] = 0
    session.save()
    there = address(scene.cast, "?etat=radie")
    before = rows()
    assert browser.get(there).status_code == 200
    answer = browser.post(there, {"format": "csv"})
    assert answer["Location"].startswith("/mon-compte/confirmer/")
    assert rows() == before
    goal = browser.post("/mon-compte/confirmer/", {"mot_de_passe": PASSWORD, "next": there})["Location"]
    assert goal == there, "with its filters"
    assert "Choisissez de nouveau le fichier" in text(browser.get(goal))
    assert browser.post(goal, {"format": "csv"}).status_code == 200
