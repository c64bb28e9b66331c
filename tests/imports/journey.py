"""A file through all its steps, in process: sent, understood, checked, started, worked on."""

from typing import Any

from portefeuille.catalogue.selection import Selection
from portefeuille.imports import actions, queries, working
from portefeuille.imports.headings import Column, proposed
from portefeuille.imports.models import Import
from portefeuille.imports.opening import About
from portefeuille.imports.results import Done, Received
from tests.cast import CLIENTS, Cast, CastClient
from tests.imports.files import csv_text

HEAD = ["Siren", "Numéro de compte", "Montant", "NIR", "Portefeuille"]
ADDRESS = "192.0.2.1"


def row(client: CastClient, **changes: str) -> list[str]:
    held = {"siren": client.siren, "account": client.account, "amount": client.amount, "nir": client.nir, "in": ""}
    return list({**held, **changes}.values())


def everybody() -> list[list[str]]:
    return [row(client) for client in CLIENTS]


def content(rows: list[list[str]]) -> bytes:
    return csv_text([HEAD, *rows]).encode()


def received(cast: Cast, rows: list[list[str]], who: str = "alice") -> Import:
    answer = actions.receive(access=cast.access(who), content=content(rows))
    assert isinstance(answer, Received), answer
    return Import.objects.get(uid=answer.uid)


def kept(cast: Cast, rows: list[list[str]], who: str = "alice") -> Import:
    """The same rows as ``received``, without the process that reads them."""
    about = About("csv", "", (), "utf-8", ";", True, tuple(HEAD), tuple(proposed(HEAD, [])))
    of = actions._make(cast.access(who), about)
    actions._block(of, 0, [(number, cells) for number, cells in enumerate(rows, 2)]).save()
    of.rows, of.blocks = len(rows), 1
    of.save()
    return of


def check(cast: Cast, of: Import, who: str = "alice", **changes: Any) -> Import:
    """Checked with the columns that were proposed; into «Employeurs»."""
    given: dict[str, Any] = {
        "columns": [Column(name) if name else None for name in of.columns],
        "portfolio_id": cast.employers.pk,
        "selection": Selection(0b101, 0b1),
        **changes,
    }
    assert actions.check(access=cast.access(who), uid=of.uid, **given) == Done()
    work_to_the_end()
    return fresh(of)


def start(cast: Cast, of: Import, who: str = "alice") -> None:
    assert actions.start(access=cast.access(who), uid=of.uid, address=ADDRESS) == Done()


def work_to_the_end() -> None:
    while working.work():
        pass


def fresh(of: Import) -> Import:
    return Import.objects.get(pk=of.pk)


def through(cast: Cast, rows: list[list[str]], who: str = "alice") -> Import:
    of = check(cast, received(cast, rows, who), who)
    start(cast, of, who)
    work_to_the_end()
    return fresh(of)


def results(of: Import) -> list[tuple[str, str]]:
    """(Résultat, Motif) of each line."""
    return [(line[-2], line[-1]) for line in list(queries.report(of))[1:]]
