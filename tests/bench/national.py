"""A register and many clients at once: loading against bare COPY of the same rows, bulk acts, exports.

Opt-in (``--only national``), since it is long. ``BENCH_ACCOUNTS`` says how many accounts are loaded beside those of
the ground (default: 100 000).
"""

import csv
import os
import random
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psycopg

from portefeuille.private_postgres.cluster import OWNER
from tests.bench.ground import Ground
from tests.bench.report import Section, Verdict

_TABLES = ("registry_company", "registry_establishment", "registry_account", "registry_prooffact")
_SHARE_OF_A_DAY = 100  # one account in so many changes from one day to the next


def sections(ground: Ground, rounds: int) -> list[Section]:
    return [_loading(ground, rounds), _many(ground, rounds)]


def _seconds(act: Callable[[], object]) -> float:
    begin = time.monotonic()
    act()
    return time.monotonic() - begin


def _grouped(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\u202f")


def _loading(ground: Ground, rounds: int) -> Section:
    from portefeuille.registry.feeds import load
    from portefeuille.registry.generate import generate

    accounts = int(os.environ.get("BENCH_ACCOUNTS", "100000"))
    firsts, bares, agains, days = [], [], [], []
    lines = 0
    for turn in range(rounds):
        feed = ground.folder / f"national-{turn}"
        made = generate(accounts=accounts, seed=101 + turn, out=feed)
        lines = made.companies + made.establishments + made.accounts + made.facts

        def bring(folder: Path = feed) -> None:
            load(folder, lambda _line: None, rejects=ground.folder)

        before = _highest(ground)
        firsts.append(_seconds(bring))
        bares.append(_bare_copy(ground, before))
        agains.append(_seconds(bring))
        _a_day_later(feed, random.Random(turn))
        days.append(_seconds(bring))
    ratios = [bare / first for bare, first in zip(bares, firsts, strict=True)]
    ratio = median(ratios)
    rows = [
        ["bare COPY of the same rows, indexes included", f"{median(bares):.1f}", _grouped(lines / median(bares))],
        ["`registry load`, new rows", f"{median(firsts):.1f}", _grouped(lines / median(firsts))],
        ["the same files again", f"{median(agains):.1f}", _grouped(lines / median(agains))],
        ["the day after: 1 % of the accounts changed", f"{median(days):.1f}", _grouped(lines / median(days))],
    ]
    return Section(
        "register",
        [f"{_grouped(accounts)} accounts, {_grouped(lines)} lines in all", "seconds", "lines a second"],
        rows,
        [Verdict("half of bare COPY or better", ratio >= 0.5, f"{ratio:.2f}")],
    )


def _highest(ground: Ground) -> int:
    with psycopg.connect(ground.cluster.url(OWNER)) as connection:
        (found,) = connection.execute("SELECT coalesce(max(id), 0) FROM registry_account").fetchone() or (0,)
    return int(found)


def _bare_copy(ground: Ground, before: int) -> float:
    """How long COPY takes for the rows that the load has just written, into tables of the same shape and indexes."""
    new = f"(SELECT siren FROM registry_account WHERE id > {before})"
    which = {
        "registry_company": f"siren IN {new}",
        "registry_establishment": f"siren IN {new}",
        "registry_account": f"id > {before}",
        "registry_prooffact": f"account_id > {before}",
    }
    spent = 0.0
    with psycopg.connect(ground.cluster.url(OWNER), autocommit=True) as connection:
        for table in _TABLES:
            connection.execute(f"DROP TABLE IF EXISTS bare_{table}")
            connection.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            with connection.cursor() as cursor:
                with cursor.copy(f"COPY (SELECT * FROM {table} WHERE {which[table]}) TO STDOUT") as out:
                    content = b"".join(bytes(piece) for piece in out)
                begin = time.monotonic()
                with cursor.copy(f"COPY bare_{table} FROM STDIN") as copy:
                    copy.write(content)
                spent += time.monotonic() - begin
            connection.execute(f"DROP TABLE bare_{table}")
    return spent


def _a_day_later(feed: Path, lots: random.Random) -> None:
    """One account in a hundred struck off, in place."""
    path = feed / "comptes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    state = header.index("etat")
    for row in rows:
        if lots.randrange(_SHARE_OF_A_DAY) == 0:
            row[state] = "suspendu" if row[state] == "radie" else "radie"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


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
