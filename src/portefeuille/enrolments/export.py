"""The list as a file: the clients that the filters keep, whatever their number, in the memory of a few of them.

The file is made to come back: ``enrolments.edited`` reads it after somebody changed it. Each row carries the
reference of its enrolment, with what the row said when it left, and what can be changed has a column of its own.
"""

import zlib
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.conf import settings
from django.db import connection

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.models import CatalogueEntry
from portefeuille.catalogue.selection import Catalogue, Selection, catalogue
from portefeuille.enrolments import queries
from portefeuille.enrolments.folding import written
from portefeuille.enrolments.models import Enrolment
from portefeuille.enrolments.queries import Filters
from portefeuille.firms.access import Access
from portefeuille.registry.models import AccountState, Regime

#: How many rows are held at once.
CHUNK = 500
YES, NO = "oui", "non"
REFERENCE, SIREN, REGIME, ACCOUNT = "Référence", "Siren", "Régime", "Numéro de compte"
PORTFOLIO, END = "Portefeuille", "Résilier"
SERVICE, NOTICE = "Service :", "Courriel :"
#: (column, its width in characters), before the columns of the services and after them.
BEFORE = (
    ("Raison sociale", 36),
    (REGIME, 22),
    (SIREN, 11),
    (ACCOUNT, 20),
    ("Siret", 16),
    ("Code postal", 11),
    ("Commune", 22),
    ("État du compte", 14),
    ("Inscription", 13),
    ("Depuis le", 12),
    (PORTFOLIO, 24),
)
AFTER = ((END, 10), (REFERENCE, 58))
_STATES = {state.value: str(state.label) for state in AccountState}
_REGIMES = {regime.value: str(regime.label) for regime in Regime}
_ENROLMENT_STATES = {state.value: str(state.label).capitalize() for state in Enrolment.State}


def service_column(entry: CatalogueEntry) -> str:
    return f"{SERVICE} {entry.label}"


def notice_column(entry: CatalogueEntry) -> str:
    return f"{NOTICE} {entry.label}"


def reference(uid: UUID, said: Selection, portfolio: str) -> str:
    """What a row is known by when it comes back, and what it said when it left: a cell that still says so wishes
    nothing, whatever others changed meanwhile.
    """
    return f"{uid}/{said.services:x}.{said.notices:x}.{named(portfolio)}"


def named(portfolio: str) -> str:
    """A portfolio as a reference tells it apart: by its name, which may be another one by the time it comes back."""
    return f"{zlib.crc32(written(portfolio).encode()):08x}"


def columns(entries: Catalogue) -> list[tuple[str, int]]:
    """The columns of the file, with their widths."""
    choices = [*map(service_column, entries.services), *map(notice_column, entries.notices)]
    return [*BEFORE, *((name, 14) for name in choices), *AFTER]


def rows(access: Access, filters: Filters) -> Iterator[Sequence[str]]:
    """The header, then a row for each client, in the order of the list.

    Read through a cursor of the server: what was the list when it was asked for, at one instant. A service that the
    member's right does not cover is blank, as one that the regime is not offered.
    """
    entries = catalogue()
    yield [name for name, _ in columns(entries)]
    kept = queries.kept(access, filters)
    portfolios = {portfolio.id: portfolio for portfolio in access.portfolios}
    bits = {
        regime.value: (
            [_bit(entry, regime) for entry in entries.services],
            [_bit(entry, regime) for entry in entries.notices],
        )
        for regime in Regime
    }
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS.format(kept=kept.sql, order=queries.order_of(filters)), kept.values)
        while found := cursor.fetchmany(CHUNK):
            for *told, regime, siren, state, account_state, services, notices, portfolio_id, uid in found:
                portfolio = portfolios[portfolio_id]
                of_services, of_notices = bits[regime]
                said = Selection(
                    services & portfolio.narrowed(sum(of_services)),
                    notices & sum(of_notices) if portfolio.services is None else 0,
                )
                name, number, siret, postcode, town, since = told
                yield [
                    name,
                    _REGIMES[regime],
                    siren,
                    number,
                    siret,
                    postcode,
                    town,
                    _STATES[account_state],
                    _ENROLMENT_STATES[state],
                    since,
                    portfolio.name,
                    *(_said(services, portfolio.narrowed(bit)) for bit in of_services),
                    *(_said(notices, bit if portfolio.services is None else 0) for bit in of_notices),
                    "",
                    reference(uid, said, portfolio.name),
                ]


def note_export(access: Access, filters: Filters, *, form: str) -> None:
    """Put in the trail that a member took the list away, as ``form``; not what was searched, which may be anything."""
    trail.record(
        chain=access.firm_id,
        actor=access.actor,
        verb=Verb.CLIENTS_EXPORTED,
        subject=f"firm:{access.firm_uid}",
        after={"form": form, "whole": filters.keep_all},
    )


def _bit(entry: CatalogueEntry, regime: Regime) -> int:
    return 1 << entry.bit if regime in entry.regimes else 0


def _said(mask: int, bit: int) -> str:
    return (YES if mask & bit else NO) if bit else ""


# What is put into the text are constants and conditions of ``queries``; everything that was typed is a value.
_ROWS = f"""
SELECT name, account_number, siret, postcode, town,
       to_char(created_at AT TIME ZONE '{settings.TIME_ZONE}', 'DD/MM/YYYY'),
       regime, siren, state, account_state, services, notices, portfolio_id, uid
FROM enrolments_enrolment WHERE {{kept}} ORDER BY {{order}}
"""
