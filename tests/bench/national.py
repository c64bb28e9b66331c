"""Many clients at once: bulk acts and exports over the largest firm. Opt-in (``--only national``)."""

import time
import tracemalloc
from collections.abc import Callable
from statistics import median

from tests.bench.ground import Ground
from tests.bench.report import Section


def sections(ground: Ground, rounds: int) -> list[Section]:
    return [_many(ground, rounds)]


def _seconds(act: Callable[[], object]) -> float:
    begin = time.monotonic()
    act()
    return time.monotonic() - begin


def _grouped(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\u202f")


def _many(ground: Ground, rounds: int) -> Section:
    """Bulk acts and exports over the largest firm."""
    from portefeuille.catalogue.selection import Selection
    from portefeuille.enrolments import bulk, export
    from portefeuille.enrolments.models import BulkAct
    from portefeuille.enrolments.queries import Filters
    from portefeuille.firms.access import access_of
    from portefeuille.firms.models import Member
    from portefeuille.sheets.csv_out import csv_file
    from portefeuille.sheets.xlsx_out import xlsx_file

    number = max(ground.firms)
    member = Member.objects.filter(firm=ground.firms[number]).order_by("pk")[0]
    access = access_of(member.user_id, ground.firms[number].uid)
    assert access is not None
    everybody = Filters()

    def act(turn: int) -> None:
        wish = bulk.Wish(on=Selection(1 << turn % 9, 0)) if turn % 2 else bulk.Wish(off=Selection(1 << turn % 9, 0))
        drawn = bulk.draw_up(access=access, wish=wish, filters=everybody)
        bulk.confirm(access=access, uid=drawn.uid)
        bulk.work_off(BulkAct.objects.get(uid=drawn.uid).pk)

    def leave(file: Callable[..., object], **how: str) -> None:
        for _piece in file(export.rows(access, everybody), **how):  # type: ignore[attr-defined]
            pass

    changes = [_seconds(lambda turn=turn: act(turn)) for turn in range(1, rounds + 2)]
    csvs = [_seconds(lambda: leave(csv_file)) for _ in range(rounds)]
    xlsxs = [_seconds(lambda: leave(xlsx_file, title="Clients")) for _ in range(rounds)]
    tracemalloc.start()
    leave(xlsx_file, title="Clients")
    peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
    tracemalloc.stop()
    rows = [
        ["services changed, with events and messages", f"{median(changes):.1f}", _grouped(number / median(changes))],
        ["exported as CSV", f"{median(csvs):.1f}", _grouped(number / median(csvs))],
        ["exported as XLSX", f"{median(xlsxs):.1f}", _grouped(number / median(xlsxs))],
    ]
    return Section(
        "many",
        [f"{_grouped(number)} clients at once", "seconds", "clients a second"],
        rows,
        remarks=[f"Most memory that Python held during the export as XLSX: {peak:.1f} MB."],
    )
