"""Exported, changed, brought back: what the cells wish is what happens, and faulty lines are said first."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portefeuille.enrolments import export
from portefeuille.enrolments.models import Enrolment
from portefeuille.enrolments.queries import Filters
from portefeuille.sheets.csv_out import csv_file
from portefeuille.sheets.xlsx_out import xlsx_file
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, STRUCK_OFF, Cast, CastClient
from tests.web.reading import rows, text

Table = list[list[str]]


def exported(cast: Cast, who: str = "alice") -> Table:
    return [list(row) for row in export.rows(cast.access(who), Filters())]


def write(table: Table, line: int, column: str, cell: str) -> None:
    table[line][table[0].index(column)] = cell


def bring(cast: Cast, browser: Any, table: Table, form: str = "csv") -> Any:
    pieces = csv_file(table) if form == "csv" else xlsx_file(table, title="Clients")
    return browser.post(
        f"/cabinets/{cast.firm_a.uid}/clients/rapporter/",
        {"fichier": SimpleUploadedFile("clients", b"".join(pieces))},
    )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_as_it_left_changes_nothing(cast: Cast, browse: Any, form: str) -> None:
    for client in (EMPLOYER, INDEPENDENT, MANAGER):
        cast.enrol(client)
    browser, before = browse("alice"), list(Enrolment.objects.order_by("pk").values())
    answer = bring(cast, browser, exported(cast), form)
    assert "Rien ne change dans ce fichier" in text(browser.get(answer["Location"]))
    assert list(Enrolment.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_changed_in_it_is_what_happens(cast: Cast, browse: Any, form: str) -> None:
    changed = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    moved = cast.enrol(INDEPENDENT, portfolio=cast.employers).uid
    ended = cast.enrol(STRUCK_OFF, portfolio=cast.employers).uid
    table = exported(cast)
    lines = {row[-1].partition("/")[0]: place for place, row in enumerate(table)}
    write(table, lines[str(changed)], "Service : Attestations", " OUI ")
    write(table, lines[str(changed)], "Service : DPAE", "non")
    write(table, lines[str(moved)], "Portefeuille", "indépendants")
    write(table, lines[str(ended)], "Résilier", "x")
    browser = browse("alice")
    answer = bring(cast, browser, table, form)
    page = text(browser.get(answer["Location"]))
    assert "2 clients changeront" in page
    assert "1 inscription sera résiliée" in page
    browser.post(answer["Location"])
    assert Enrolment.objects.get(uid=changed).services == 0b1000100
    assert Enrolment.objects.get(uid=moved).portfolio == cast.independents
    assert Enrolment.objects.get(uid=ended).ended_by == "firm"


FAULTS: dict[str, tuple[Callable[[Table], None], str]] = {
    "no reference": (lambda t: write(t, 1, "Référence", ""), "Cette ligne n'a pas de référence."),
    "another reference": (lambda t: write(t, 1, "Référence", "zz"), "La référence du client n'en est pas une"),
    "unknown": (lambda t: write(t, 1, "Référence", str(uuid4())), "Ce client n'est pas, ou n'est plus"),
    "sorted alone": (lambda t: write(t, 1, "Siren", INDEPENDENT.siren), "ne vont pas ensemble"),
    "maybe": (lambda t: write(t, 1, "Service : Attestations", "peut-être"), "écrivez oui ou non"),
    "no such portfolio": (lambda t: write(t, 1, "Portefeuille", "Ailleurs"), "aucun portefeuille de ce nom"),
    "ticked": (lambda t: write(t, 1, "Service : Attestations", "✓"), "écrivez oui ou non"),
    "end ticked": (lambda t: write(t, 1, "Résilier", "✓"), "écrivez oui, ou laissez vide"),
    "end perhaps": (lambda t: write(t, 1, "Résilier", "bientôt"), "écrivez oui, ou laissez vide"),
    "twice": (lambda t: t.append(t[1]), "figure déjà plus haut"),
}


def test_two_lines_that_contradict_each_other_do_nothing(cast: Cast, browse: Any) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    table = exported(cast)
    table.append([*table[1]])
    write(table, 1, "Résilier", "oui")
    browser = browse("alice")
    before = rows()
    page = text(bring(cast, browser, table))
    assert "Ligne 2 : Cette référence revient plus bas avec d'autres cellules." in page
    assert "Ligne 3 : Cette référence figure déjà plus haut" in page
    assert "Continuer" not in page
    assert rows() == before


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Service : Attestation", "« Service : Attestation » n'est pas connue"),
        ("SERVICE : DPAE", "« SERVICE : DPAE » figure deux fois"),
        ("Portefeuille", "« Portefeuille » figure deux fois"),
    ],
)
def test_a_column_that_would_be_passed_over_is_said(cast: Cast, browse: Any, heading: str, said: str) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    table = exported(cast)
    write(table, 0, "Service : Attestations", heading)
    browser = browse("alice")
    assert f"Ligne 1 : La colonne {said}" in text(bring(cast, browser, table)).replace("\xa0", " ")
    table = exported(cast)
    write(table, 0, "Commune", "Notes de paie")
    assert "Rien ne change" in text(browser.get(bring(cast, browser, table)["Location"]))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_line_is_said_and_changes_nothing(cast: Cast, browse: Any, fault: str) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    table = exported(cast)
    spoil, said = FAULTS[fault]
    spoil(table)
    browser = browse("alice")
    before = rows()
    page = text(bring(cast, browser, table))
    assert "1 ligne ne peut pas être lue" in page
    assert said in page
    assert f"Ligne {3 if fault == 'twice' else 2} :" in page
    assert rows() == before


def test_the_other_lines_can_go_on(cast: Cast, browse: Any) -> None:
    cast.enrol(EMPLOYER)
    wished = cast.enrol(INDEPENDENT).uid
    table = exported(cast)
    lines = {row[-1].partition("/")[0]: place for place, row in enumerate(table)}
    write(table, lines[str(wished)], "Service : Attestations", "oui")
    write(table, 3 - lines[str(wished)], "Référence", "")
    browser = browse("alice")
    answer = bring(cast, browser, table)
    assert "Continuer avec les autres lignes" in text(answer)


def test_a_file_of_last_week_undoes_nothing_of_what_others_changed(cast: Cast, browse: Any) -> None:
    opened_since = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    moved_since = cast.enrol(INDEPENDENT, portfolio=cast.employers).uid
    table = exported(cast)
    lines = {row[-1].partition("/")[0]: place for place, row in enumerate(table)}
    attestations = table[0].index("Service : Attestations")
    assert {row[attestations] for row in table[1:]} == {"non"}
    Enrolment.objects.filter(uid=opened_since).update(services=0b1000101)
    Enrolment.objects.filter(uid=moved_since).update(portfolio=cast.independents)
    type(cast.employers).objects.filter(pk=cast.employers.pk).update(name="Salariés")
    browser = browse("alice")
    answer = bring(cast, browser, table)
    assert "Rien ne change dans ce fichier" in text(browser.get(answer["Location"]))
    write(table, lines[str(moved_since)], "Service : Attestations", "oui")
    browser.post(bring(cast, browser, table)["Location"])
    changed = Enrolment.objects.get(uid=moved_since)
    assert changed.services & 0b1000000
    assert changed.portfolio == cast.independents
    assert Enrolment.objects.get(uid=opened_since).services == 0b1000101


@pytest.mark.parametrize("other", [INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER], ids=lambda client: client.regime)
def test_references_that_were_sorted_alone_change_nobody(cast: Cast, browse: Any, other: CastClient) -> None:
    """Not even between two accounts of one Siren, nor with an account that has none."""
    for client in (EMPLOYER, other):
        cast.enrol(client, portfolio=cast.employers)
    table = exported(cast)
    table[1][-1], table[2][-1] = table[2][-1], table[1][-1]
    write(table, 1, "Résilier", "oui")
    browser = browse("alice")
    before = rows()
    page = text(bring(cast, browser, table))
    assert page.count("La référence et le client de cette ligne ne vont pas ensemble.") == 2
    assert rows() == before


def test_an_account_number_that_a_spreadsheet_spoilt_is_no_fault(cast: Cast, browse: Any) -> None:
    cast.enrol(MANAGER)
    table = exported(cast)
    write(table, 1, "Service : Attestations", "oui")
    for spoilt in ("9,37E+17", f"0{MANAGER.account}", ""):
        write(table, 1, "Numéro de compte", spoilt)
        assert bring(cast, browse("alice"), table).status_code == 302


def test_portfolios_whose_names_look_alike_are_not_taken_for_each_other(cast: Cast, browse: Any) -> None:
    of_portfolios = type(cast.employers).objects
    of_portfolios.filter(pk=cast.employers.pk).update(name="Paie +")
    of_portfolios.filter(pk=cast.independents.pk).update(name="Paie -")
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    table = exported(cast)
    write(table, 1, "Portefeuille", "Paie")
    browser = browse("alice")
    assert "aucun portefeuille de ce nom" in text(bring(cast, browser, table))
    write(table, 1, "Portefeuille", "paie -")
    browser.post(bring(cast, browser, table)["Location"])
    assert Enrolment.objects.get(uid=uid).portfolio == cast.independents


def test_without_what_the_row_said_every_cell_counts(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    table = exported(cast)
    Enrolment.objects.filter(uid=uid).update(services=0b1000101)
    for rest in ("", "/", "/zz", "/5.1", "/" + "f" * 17 + ".0.00000000"):
        write(table, 1, "Référence", f"{uid}{rest}")
        answer = bring(cast, browse("alice"), table)
        assert "1 client changera" in text(browse("alice").get(answer["Location"])), rest


def test_a_lost_zero_of_a_siren_is_no_fault(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(EMPLOYER).uid
    Enrolment.objects.filter(uid=uid).update(siren="005520176")
    table = exported(cast)
    write(table, 1, "Siren", "5520176")
    write(table, 1, "Service : Attestations", "oui")
    assert bring(cast, browse("alice"), table).status_code == 302


@pytest.mark.parametrize("who", ["bob", "nina"])
def test_nobody_changes_what_they_do_not_see(cast: Cast, browse: Any, who: str) -> None:
    cast.enrol(STRUCK_OFF, portfolio=cast.independents)
    table = exported(cast)
    write(table, 1, "Résilier", "oui")
    browser = browse(who)
    before = rows()
    assert "Ce client n'est pas, ou n'est plus" in text(bring(cast, browser, table))
    assert rows() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "Choisissez le fichier"),
        (b"", "Ce fichier est vide"),
        (b"Siren;Nom\n732829320;Zoe\n", "n'est pas un export"),
        (b"%PDF-1.7", "n'est pas un tableau"),
        (b"PK\x03\x04rien", "abîmé"),
    ],
)
def test_another_file_is_refused(cast: Cast, browse: Any, content: bytes | None, said: str) -> None:
    browser = browse("alice")
    before = rows()
    sent = {} if content is None else {"fichier": SimpleUploadedFile("x.csv", content)}
    answer = browser.post(f"/cabinets/{cast.firm_a.uid}/clients/rapporter/", sent)
    assert answer.status_code == 200
    assert said in text(answer)
    assert rows() == before
