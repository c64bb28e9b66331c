"""The pages of adding in numbers: what a person sends, reads and does."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portefeuille.imports.grids import LOST
from portefeuille.imports.models import Import
from portefeuille.imports.reading import MOST_BYTES
from portefeuille.web import uploads
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, Cast
from tests.imports import journey
from tests.imports.files import csv_text, packed, sheet, xlsx_parts
from tests.imports.journey import content, row
from tests.web.reading import form_of, html, rows, soup, text


def address(cast: Cast, name: str = "import_send", **more: Any) -> str:
    return reverse(name, kwargs={"firm": cast.firm_a.uid, **more})


def upload(name: str, sent: bytes) -> dict[str, Any]:
    return {"fichier": SimpleUploadedFile(name, sent, content_type="application/x-evil")}


def send(cast: Cast, browser: Any, sent: bytes) -> Any:
    return browser.post(address(cast), upload("../../etc/clients.csv", sent))


def test_a_file_from_sending_to_the_report(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    answer = send(cast, alice, content([row(EMPLOYER, amount="48 317,29 €"), row(INDEPENDENT, siren="404833049")]))
    assert answer.status_code == 302, text(answer)
    columns = alice.get(answer["Location"])
    assert "Par exemple : 732829320" in text(columns)
    form = form_of(columns)
    assert form["colonne-0"] == ["siren"]
    answer = alice.post(answer["Location"], form | {"portefeuille": str(cast.employers.pk), "services": "tous"})
    assert answer.status_code == 302
    here = answer["Location"]
    assert "Vérification en cours" in text(alice.get(here))
    journey.work_to_the_end()
    page = alice.get(here)
    assert "1 client à ajouter" in text(page)
    assert "1 ligne à corriger" in text(page)
    line = soup(page).find("a", string=lambda said: bool(said) and said.startswith("Corriger"))
    link = soup(page).select_one("#lignes td a")
    assert link is not None, line
    form = form_of(alice.get(link["href"]))
    answer = alice.post(link["href"], form | {"siren": "7"})
    assert "Un point à corriger" in text(answer)
    answer = alice.post(link["href"], form | {"siren": INDEPENDENT.siren})
    assert answer["Location"] == here
    page = alice.get(here)
    assert "Ajouter 2 clients" in text(page)
    start = form_of(page)
    assert alice.post(f"{here}lancer/", start)["Location"] == here
    assert "Ajout en cours" in text(alice.get(here))
    assert alice.get(here, headers={"hx-request": "true"}).status_code == 200
    journey.work_to_the_end()
    assert alice.get(here, headers={"hx-request": "true"})["HX-Refresh"] == "true"
    page = alice.get(here)
    assert "2 clients ajoutés" in text(page)
    assert f"{here}resultat.csv" in html(page)
    report = b"".join(alice.get(f"{here}resultat.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert report[0] == "Siren;Numéro de compte;Montant;NIR;Portefeuille;Résultat;Motif"
    assert [line.split(";")[-2] for line in report[1:]] == ["ajouté", "ajouté"]


def test_lines_are_shown_by_what_the_file_calls_the_client(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    lines = [
        "Client;Siren;Compte;Montant",
        f"Chez <b>Dupont;12;{EMPLOYER.account};1,00",
        f";{EMPLOYER.siren};{EMPLOYER.account};1,00",
    ]
    columns = send(cast, alice, "\r\n".join(lines).encode())["Location"]
    form = form_of(alice.get(columns))
    here = alice.post(columns, form | {"portefeuille": str(cast.employers.pk), "services": "tous"})["Location"]
    journey.work_to_the_end()
    page = alice.get(here)
    heads = [cell.get_text() for cell in soup(page).select("#lignes thead th")]
    assert heads[:3] == ["Ligne", "Client", "Siren"]
    cells = [cell.get_text() for cell in soup(page).select("#lignes tbody tr:first-child td")]
    assert cells[:3] == ["2", "Chez <b>Dupont", "12"]
    link = soup(page).select_one("#lignes td a")
    assert link is not None
    title = soup(alice.get(link["href"])).h1
    assert title is not None
    assert title.get_text() == "Ligne 2\N{NO-BREAK SPACE}: Chez <b>Dupont"


def test_a_file_that_is_refused_is_said_beside_the_field(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    before = rows()
    for name, sent, said in (
        ("x.csv", b"", "Choisissez un fichier"),
        ("x.xlsx", b"%PDF-1.7 x", "Ce fichier n'est pas un tableau."),
        ("x.csv", b"Siren;Compte\r\n", "Ce fichier n'a aucune ligne de client."),
        ("x.csv", b"a;b\n" * 3_000_000, "Ce fichier dépasse 10 Mo."),
    ):
        answer = alice.post(address(cast), upload(name, sent) if sent else {})
        assert answer.status_code == 200
        page = soup(answer)
        field = page.find("input", {"name": "fichier"})
        assert field is not None
        assert field["aria-invalid"] == "true"
        assert said in page.find(id="fichier-erreur").get_text()  # type: ignore[union-attr]
    assert rows() == before


def test_a_file_without_end_is_answered(cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_PATIENCE", uploads._BESIDE + 100)
    alice = browse("alice")
    before = rows()
    endless = b"a" * (MOST_BYTES + uploads._BESIDE + 1)
    assert "Ce fichier dépasse 10 Mo." in text(alice.post(address(cast), upload("x.csv", endless)))
    assert alice.post(address(cast, "dashboard"), upload("x.csv", endless)).status_code == 405
    assert rows() == before


def test_no_other_page_takes_a_file(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    for name in ("add", "dashboard"):
        answer = alice.post(address(cast, name), {"identifiant": "x", **upload("x.csv", b"x" * 100)})
        assert answer.status_code in (200, 405)
        assert answer.wsgi_request.FILES == {}


def test_columns_that_make_no_sense_are_said(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    of = journey.kept(cast, [row(EMPLOYER)])
    here = address(cast, "import_columns", uid=of.uid)
    form = form_of(alice.get(here))
    for changes, said in (
        ({"colonne-1": ""}, "Choisissez la colonne du numéro de compte"),
        ({"colonne-1": "siren"}, "déjà choisi pour une autre colonne"),
        ({"colonne-2": "", "colonne-3": ""}, "Choisissez la colonne du montant"),
        ({"colonne-4": ""}, "Choisissez le portefeuille"),
        ({"colonne-0": "<script>"}, "Choisissez une des colonnes proposées."),
        ({"services": "x"}, "Choisissez dans la liste."),
        ({"portefeuille": str(cast.portfolio_b.pk)}, "Choisissez un de vos portefeuilles."),
    ):
        answer = alice.post(here, form | changes)
        assert answer.status_code == 200
        assert said in text(answer)


def test_what_stands_in_cells_is_escaped(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    evil = "<script>alert(1)</script>"
    answer = send(cast, alice, f"{evil};Siren;Compte;Montant\n{evil};{evil};{evil};{evil}\n".encode())
    page = alice.get(answer["Location"])
    assert "<script>alert" not in html(page)
    alice.post(answer["Location"], form_of(page) | {"portefeuille": str(cast.employers.pk)})
    journey.work_to_the_end()
    here = answer["Location"].removesuffix("colonnes/")
    assert "<script>alert" not in html(alice.get(here))
    assert "<script>alert" not in html(alice.get(f"{here}lignes/0/"))


def test_digits_that_a_spreadsheet_lost_are_to_be_typed_again(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    of = journey.check(cast, journey.kept(cast, [row(EMPLOYER, account=LOST + EMPLOYER.account, amount="?")]))
    here = address(cast, "import_line", uid=of.uid, place=0)
    form = form_of(alice.get(here))
    assert form["siren"] == [EMPLOYER.siren]
    assert form["numero_compte"] == [""]
    assert "Saisissez le numéro de compte." in text(alice.post(here, form))
    answer = alice.post(here, form | {"numero_compte": EMPLOYER.account, "montant": EMPLOYER.amount})
    assert answer.status_code == 302
    assert "Ajouter 1 client" in text(alice.get(answer["Location"]))


def test_the_button_of_another_tab_starts_nothing_else(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    of = journey.check(cast, journey.kept(cast, [row(EMPLOYER)]))
    here = address(cast, "import_one", uid=of.uid)
    button = form_of(alice.get(here))
    alice.post(f"{here}colonnes/", form_of(alice.get(f"{here}colonnes/")) | {"services": "tous"})
    journey.work_to_the_end()
    page = alice.get(alice.post(f"{here}lancer/", button)["Location"])
    assert "Cet ajout a changé entre-temps." in text(page)
    assert "Ajouter 1 client" in text(page)
    line = form_of(alice.get(f"{here}lignes/0/"))
    alice.post(f"{here}colonnes/", form_of(alice.get(f"{here}colonnes/")))
    page = alice.get(alice.post(f"{here}lignes/0/", line)["Location"])
    assert "Cet ajout a changé entre-temps." in text(page)
    journey.work_to_the_end()
    page = alice.get(here)
    alice.post(f"{here}lancer/", form_of(page))
    assert journey.fresh(of).state == "running"


def test_old_addresses_lead_to_where_the_file_is(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    of = journey.through(cast, [row(EMPLOYER)])
    here = address(cast, "import_one", uid=of.uid)
    for part in ("colonnes/", "lignes/0/", "lancer/", "arreter/"):
        assert alice.get(here + part)["Location"] == here
    for part in ("lancer/", "arreter/"):
        assert alice.post(here + part)["Location"] == here
    assert alice.get(here + "?lignes=%00&page=abc").status_code == 200
    assert alice.get(here + "?lignes=refusees&page=99999999").status_code == 200
    assert alice.get(here + "lignes/99999999999999999999/").status_code in (302, 404)


def test_files_are_told_apart_by_their_names(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    table = sheet([["Siren", "Compte", "Montant"], [EMPLOYER.siren, EMPLOYER.account, EMPLOYER.amount]])
    book = packed(xlsx_parts({"Salariés": table, "TNS": table}))
    for name in ("paie <2026>.xlsx", "\u202eslx.fuar\u0007.xlsx", "x" * 200):
        answer = alice.post(address(cast), upload(name, book))
    assert "« Salariés »" in text(alice.get(answer["Location"])).replace("\u00a0", " ")
    listed = soup(alice.get(address(cast))).select(".feed a")
    assert [link.get_text() for link in listed] == [
        f"{'x' * 80}, 1 ligne",
        "slx.fuar.xlsx, 1 ligne",
        "paie <2026>.xlsx, 1 ligne",
    ]
    assert not Import.objects.filter(source__contains="paie").exists()


def test_lines_that_name_no_client_are_set_aside_and_may_be_completed(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    lines = [["Dossier", "Siren", "Compte", "Montant"], ["Œuvrard", EMPLOYER.siren, EMPLOYER.account, EMPLOYER.amount]]
    lines += [["", "", "", "Sous-total"], ["Martin & Fils", "732829321", EMPLOYER.account, "1,50"]]
    here = checked(cast, alice, csv_text(lines).encode())
    page = alice.get(here)
    assert "1 client à ajouter" in text(page)
    assert "1 ligne à corriger" in text(page)
    assert "1 ligne sans client" in text(page)
    assert "Martin & Fils" in text(page)
    aside = alice.get(f"{here}?lignes=sans-client")
    assert "Sous-total" in text(aside)
    link = soup(aside).select_one("#lignes td a")
    assert link is not None
    form = form_of(alice.get(link["href"]))
    assert "Saisissez le Siren du client" in text(alice.post(link["href"], form))
    assert "1 ligne sans client" in text(alice.get(here))


def test_a_line_that_names_no_client_keeps_its_words_in_the_report(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    lines = [["Siren", "Compte", "Montant", "Note"], ["", "", "9,00", "Total du mois"]]
    here = checked(cast, alice, csv_text([*lines, [EMPLOYER.siren, EMPLOYER.account, EMPLOYER.amount, ""]]).encode())
    alice.post(f"{here}lancer/", form_of(alice.get(here)))
    journey.work_to_the_end()
    table = soup(alice.get(f"{here}?lignes=non-essayees")).select_one("#lignes")
    assert table is not None
    assert "Total du mois" in table.get_text()
    assert "9,00" not in table.get_text()


def test_a_file_without_siren_says_whom_it_can_add(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    lines = [["Compte", "Montant", "Type"], [EMPLOYER.account, EMPLOYER.amount, "employeur"]]
    lines += [[MANAGER.account, MANAGER.amount, "gérant"]]
    page = text(alice.get(checked(cast, alice, csv_text(lines).encode())))
    assert "Aucune colonne n'est un Siren." in page
    assert "1 client à ajouter" in page
    assert "ne s'ajoutent pas sans lui" in page


def test_a_line_is_given_the_column_that_the_file_lacks(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    here = checked(cast, alice, content([row(EMPLOYER, nir=LIBERAL_SAME_SIREN.nir)]))
    assert "précisez lequel" in text(alice.get(here))
    link = f"{here}lignes/0/"
    assert "Par exemple Régime Général" in text(alice.get(link))
    form = form_of(alice.get(link))
    assert form["regime"] == [""]
    answer = alice.post(link, form | {"regime": "inconnu"})
    assert "Ce régime n'est pas connu" in text(answer)
    assert form_of(answer)["regime"] == ["inconnu"]
    answer = alice.post(link, form_of(answer) | {"regime": "employeur"})
    assert answer["Location"] == here
    page = alice.get(here)
    assert "Ajouter 1 client" in text(page)
    alice.post(f"{here}lancer/", form_of(page))
    journey.work_to_the_end()
    report = b"".join(alice.get(f"{here}resultat.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert report[0] == "Siren;Numéro de compte;Montant;NIR;Portefeuille;Régime;Résultat;Motif"
    assert report[1].endswith(";employeur;ajouté;")


def test_examples_are_not_repeated(cast: Cast, browse: Any) -> None:
    alice = browse("alice")
    lines = [["Ville", "Siren"], *[[city, EMPLOYER.siren] for city in ("Lyon", "Lyon", "", "Lyon", "Paris")]]
    page = alice.get(send(cast, alice, csv_text(lines).encode())["Location"])
    assert "Par exemple : Lyon ; Paris" in text(page).replace("\u00a0", " ")


def checked(cast: Cast, browser: Any, sent: bytes) -> str:
    """Where the page of a file is, once it was sent and checked with what is proposed."""
    columns = send(cast, browser, sent)["Location"]
    answer = browser.post(columns, form_of(browser.get(columns)) | {"portefeuille": str(cast.employers.pk)})
    journey.work_to_the_end()
    return str(answer["Location"])
