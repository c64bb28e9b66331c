"""The list as a file: what it holds, for whom, and in how much memory."""

import tracemalloc

import pytest

from portefeuille.audit.models import Event
from portefeuille.catalogue.selection import catalogue
from portefeuille.enrolments import export
from portefeuille.enrolments.queries import Filters
from portefeuille.firms.access import Access
from portefeuille.registry.models import AccountState, Regime
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, STRUCK_OFF, Cast
from tests.web.test_query_budget import more_clients


def exported(access: Access, filters: Filters | None = None) -> list[dict[str, str]]:
    header, *rows = export.rows(access, filters or Filters())
    assert len(set(header)) == len(header)
    assert all(len(row) == len(header) for row in rows)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_a_row_says_what_the_list_says_and_what_is_ticked(cast: Cast) -> None:
    uid = cast.enrol(EMPLOYER).uid
    (row,) = exported(cast.access("alice"))
    assert row["Raison sociale"] == EMPLOYER.name
    assert (row["Régime"], row["Siren"], row["Siret"]) == ("Régime Général", EMPLOYER.siren, EMPLOYER.siret)
    assert (row["État du compte"], row["Inscription"], row["Portefeuille"]) == ("Actif", "Active", "Employeurs")
    assert (row["Référence"].partition("/")[0], row["Résilier"]) == (str(uid), "")
    ticked = [name for name, cell in row.items() if cell == "oui"]
    assert ticked == [
        "Service : DPAE",
        "Service : Déclaration de cotisations",
        "Courriel : Avis de mise à disposition du BIS",
    ]


def test_a_service_that_the_regime_is_not_offered_is_blank(cast: Cast) -> None:
    cast.enrol(INDEPENDENT)
    (row,) = exported(cast.access("alice"))
    assert row["Service : Tableau de bord Suivi DSN"] == ""
    assert row["Service : Attestations"] == "non"


def test_an_account_without_siren_has_its_number(cast: Cast) -> None:
    cast.enrol(MANAGER)
    (row,) = exported(cast.access("alice"))
    assert (row["Siren"], row["Numéro de compte"]) == ("", MANAGER.account)


def test_each_member_takes_what_they_see(cast: Cast) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    cast.enrol(STRUCK_OFF, portfolio=cast.independents)
    cast.enrol(INDEPENDENT, who="charlie")
    names = {
        who: [row["Raison sociale"] for row in exported(cast.access(who))] for who in ("alice", "rita", "charlie")
    }
    assert names == {
        "alice": [STRUCK_OFF.name, EMPLOYER.name],
        "rita": [EMPLOYER.name],
        "charlie": [INDEPENDENT.name],
    }


def test_a_narrowed_member_reads_of_their_service_alone(cast: Cast) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    (row,) = exported(cast.access("nina"))
    services = {name for name, cell in row.items() if name.startswith("Service : ") and cell}
    assert services == {"Service : Attestations"}


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(text="menui"), [STRUCK_OFF]),
        (Filters(text="bo œu"), [EMPLOYER]),
        (Filters(text="..."), []),
        (Filters(account_state=AccountState.STRUCK_OFF), [STRUCK_OFF]),
        (Filters(regime=Regime.CRAFT_TRADE), [INDEPENDENT]),
        (Filters(order="-nom"), [INDEPENDENT, EMPLOYER, STRUCK_OFF]),
        (Filters(page=7), [STRUCK_OFF, EMPLOYER, INDEPENDENT]),
    ],
)
def test_the_file_is_the_list_as_it_is_filtered_and_all_its_pages(
    cast: Cast, filters: Filters, kept: list[object]
) -> None:
    for client in (EMPLOYER, INDEPENDENT, STRUCK_OFF):
        cast.enrol(client)
    names = [row["Raison sociale"] for row in exported(cast.access("alice"), filters)]
    assert names == [client.name for client in kept]  # type: ignore[attr-defined]


def test_all_pages_are_in_it_once(cast: Cast) -> None:
    more_clients(cast.access("alice"), 1200)
    rows = exported(cast.access("alice"))
    assert len({row["Référence"] for row in rows}) == len(rows) == 1200


def test_the_columns_are_what_the_widths_are_for(cast: Cast) -> None:
    (header,) = export.rows(cast.access("alice"), Filters())
    assert list(header) == [name for name, _ in export.columns(catalogue())]


def test_who_took_the_list_away_is_in_the_trail_without_what_was_sought(cast: Cast) -> None:
    access = cast.access("bob")
    export.note_export(access, Filters(text="1 82 03 75"), form="csv")
    event = Event.objects.get(verb="clients.exported")
    assert (event.actor, event.subject) == (access.actor, f"firm:{access.firm_uid}")
    assert event.after == {"form": "csv", "whole": False}


@pytest.mark.slow
def test_a_long_list_takes_no_more_memory_than_a_short_one(cast: Cast) -> None:
    access = cast.access("alice")

    def peak() -> int:
        tracemalloc.start()
        try:
            for _row in export.rows(access, Filters()):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    more_clients(access, 1000)
    peak()  # what a process keeps for good
    short = peak()
    more_clients(access, 9000)
    assert peak() < short * 1.3
