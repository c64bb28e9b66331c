"""The verbs of a member: send a file, say what its columns are, correct a line, start the run, end it.

What the worker does is in ``working``. A state is changed by one conditional UPDATE: whoever comes second is told so.
Files are the member's own: nobody else in the firm acts on them.
"""

from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from portefeuille.catalogue.selection import Selection
from portefeuille.firms.access import Access
from portefeuille.firms.models import Member
from portefeuille.imports import sealed
from portefeuille.imports.checking import check_line
from portefeuille.imports.ending import end
from portefeuille.imports.grids import Refused
from portefeuille.imports.headings import LABELS, Column
from portefeuille.imports.models import BLOCK_ROWS, KEPT_REPORT, KEPT_WAITING, Block, Import, Remembered
from portefeuille.imports.opening import About, Row, opened
from portefeuille.imports.results import Done, NoPortfolio, NotNow, Received, TooMany, Unreadable

#: Files that wait, are checked or run, of one member.
MOST_OPEN = 5
#: Blocks written in one statement.
_AT_ONCE = 20


def receive(*, access: Access, content: bytes, name: str = "") -> Received | Unreadable | TooMany | NoPortfolio:
    """Read a file and keep its rows, sealed. The bytes themselves are kept nowhere. ``name``: that of the file."""
    if not access.managed:
        return NoPortfolio()
    open_ones = Import.objects.filter(firm_id=access.firm_id, member_id=access.member_id).exclude(
        state=Import.State.DONE
    )
    if open_ones.count() >= MOST_OPEN:
        return TooMany()
    try:
        with opened(content) as (about, rows), transaction.atomic():
            made = _make(access, about, name)
            number = blocks = 0
            pending: list[Block] = []
            while piece := list(islice(rows, BLOCK_ROWS)):
                pending.append(_block(made, blocks, piece))
                number, blocks = number + len(piece), blocks + 1
                if len(pending) == _AT_ONCE:
                    Block.objects.bulk_create(pending)
                    pending = []
            Block.objects.bulk_create(pending)
            Import.objects.filter(pk=made.pk).update(rows=number, blocks=blocks)
            # Once more, one after the other: of several sent at once, each found room for itself.
            Member.objects.select_for_update(no_key=True).get(pk=access.member_id)
            if open_ones.count() > MOST_OPEN:
                transaction.set_rollback(True)
                return TooMany()
    except Refused as refused:
        return Unreadable(refused.why)
    return Received(made.uid)


def _make(access: Access, about: About, name: str = "") -> Import:
    signature = sealed.signature(about.headings)
    remembered = Remembered.objects.filter(firm_id=access.firm_id, signature=signature).first()
    columns = [column and column.value for column in about.proposed]
    if remembered is not None and about.named and len(remembered.columns) == len(columns):
        columns = remembered.columns
    return Import.objects.create(
        firm_id=access.firm_id,
        member_id=access.member_id,
        kind=about.kind,
        named=about.named,
        headings=sealed.seal_headings(about.headings),
        source=sealed.seal_headings([name, about.sheet]),
        other_sheets=len(about.other_sheets),
        signature=signature,
        columns=columns,
        portfolio_id=access.managed_ids[0] if len(access.managed) == 1 else None,
        rows=0,
        blocks=0,
        expires_at=timezone.now() + KEPT_WAITING,
    )


def _block(of: Import, number: int, rows: Sequence[Row]) -> Block:
    return Block(of=of, number=number, cells=sealed.seal_rows(rows))


def check(
    *,
    access: Access,
    uid: UUID,
    columns: Sequence[Column | None],
    portfolio_id: int | None,
    selection: Selection,
    model_name: str = "",
) -> Done | NotNow:
    """Say what the columns are and have every line checked. May be said again until the run starts."""
    names = [column and column.value for column in columns]
    with transaction.atomic():
        found = (
            Import.objects.select_for_update()
            .filter(firm_id=access.firm_id, member_id=access.member_id, uid=uid)
            .filter(state__in=[Import.State.READ, Import.State.CHECKED, Import.State.CHECKING])
            .first()
        )
        if found is None:
            return NotNow()
        found.columns, found.portfolio_id = names, portfolio_id
        found.services, found.notices = selection.services, selection.notices
        found.model_name = model_name
        found.state, found.cursor, found.leased_until = Import.State.CHECKING, 0, None
        found.lease += 1
        found.save()
        if found.named:
            Remembered.objects.update_or_create(
                firm_id=access.firm_id, signature=bytes(found.signature), defaults={"columns": names}
            )
    return Done()


def correct(
    *, access: Access, uid: UUID, place: int, cells: Sequence[str], more: tuple[Column, str] | None = None
) -> Done | NotNow:
    """Put other cells into one line (``place`` counts from 0) and check it again: the others keep their check.

    ``more``: a column that the file lacks and this line needs, such as its regime, and the cell: it comes last.
    """
    with transaction.atomic():
        held = _held(access, uid, place)
        if held is None:
            return NotNow()
        of, block, within = held
        rows = sealed.rows_of(block.cells)
        if within >= len(rows):
            return NotNow()
        line, typed = rows[within][0], list(cells)
        if more is not None and more[1]:
            at = _place_of(of, more[0])
            typed += [""] * (at + 1 - len(typed))
            typed[at] = more[1]
        rows[within] = (line, typed)
        sign, remark = check_line(access, of, typed)
        block.cells = sealed.seal_rows(rows)
        block.checked = block.checked[:within] + sign + block.checked[within + 1 :]
        block.remarks.pop(str(within), None)
        if remark:
            block.remarks[str(within)] = remark
        block.save()
    return Done()


def _place_of(of: Import, column: Column) -> int:
    """Where a column of the file is; it is made where there is none."""
    if column.value not in of.columns:
        told = [*sealed.headings_of(of.headings), LABELS[column]]
        of.columns = [*of.columns, column.value]
        of.headings, of.signature = sealed.seal_headings(told), sealed.signature(told)
        of.save(update_fields=["columns", "headings", "signature"])
    return int(of.columns.index(column.value))


def _held(access: Access, uid: UUID, place: int) -> tuple[Import, Block, int] | None:
    of = (
        Import.objects.select_for_update()
        .filter(firm_id=access.firm_id, member_id=access.member_id, uid=uid, state=Import.State.CHECKED)
        .first()
    )
    number, within = divmod(place, BLOCK_ROWS)
    if of is None:
        return None
    block = Block.objects.filter(of=of, number=number).first()
    return None if block is None else (of, block, within)


def start(*, access: Access, uid: UUID, address: str, seen: int | None = None) -> Done | NotNow:
    """Have every line that can be tried added. ``address``: whose budget the attempts count against.

    ``seen``: the ``lease`` of the file when the member was shown what would happen. Were its columns said otherwise
    since, in another tab, something else would.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_import SET state = 'running', cursor = 0, started_at = clock_timestamp(), address = %s,"
            " leased_until = NULL, lease = lease + 1, expires_at = clock_timestamp() + make_interval(secs => %s)"
            " WHERE firm_id = %s AND member_id = %s AND uid = %s AND state = 'checked'"
            " AND lease = coalesce(%s, lease)",
            [sealed.seal_address(address), KEPT_REPORT.total_seconds(), access.firm_id, access.member_id, uid, seen],
        )
        return Done() if cursor.rowcount else NotNow()


def stop(*, access: Access, uid: UUID) -> Done | NotNow:
    """End a run: what is added stays added, the rest is not tried."""
    with transaction.atomic():
        of = (
            Import.objects.select_for_update()
            .filter(firm_id=access.firm_id, member_id=access.member_id, uid=uid, state=Import.State.RUNNING)
            .first()
        )
        if of is None:
            return NotNow()
        end(of, Import.Ending.CANCELLED)
    return Done()


def delete(*, access: Access, uid: UUID) -> Done | NotNow:
    """Forget a file that does not run, with its report and all that it held."""
    with transaction.atomic():
        # Held first: what is started in the same instant stays.
        found = (
            Import.objects.select_for_update()
            .filter(firm_id=access.firm_id, member_id=access.member_id, uid=uid)
            .exclude(state=Import.State.RUNNING)
            .first()
        )
        if found is None:
            return NotNow()
        found.delete()
    return Done()
