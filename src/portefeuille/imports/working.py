"""What the worker does with files: check their lines, add their clients, delete what has expired.

A worker holds a file by a lease, renewed in the transaction of each block with the cursor: what it had begun when it
died has left no trace, and another one goes on from the cursor. ``Import.lease`` counts the holders, so that one that
was only slow does nothing any more once another has taken over.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now

from portefeuille.enrolments.enrolling import Wish, enrol_many
from portefeuille.enrolments.results import (
    AlreadyEnrolled,
    Asked,
    Closed,
    Enrolled,
    EnrolResult,
    FormUsed,
    NotAllowed,
    NotTried,
)
from portefeuille.firms.access import Access, access_of
from portefeuille.imports import sealed
from portefeuille.imports.checking import already_ours, check_rows, meaning
from portefeuille.imports.ending import STOPPED, end
from portefeuille.imports.lines import OURS, TRIED, Check, Faulty, Outcome, Ready, resolve
from portefeuille.imports.models import BLOCK_ROWS, Block, Import
from portefeuille.registry.queries import Subject

logger = logging.getLogger(__name__)

#: A worker that has not finished a block for so long is dead, or as good as.
LEASE = timedelta(seconds=15)
#: How long a pass may take before e-mails get their turn.
PASS_SECONDS = 1.0

ASKED = "Ajouté : le client doit encore donner son accord."
NOT_PROVED = "Ces informations ne permettent pas d'ajouter ce compte. Vérifiez-les sur son dernier courrier."
CLOSED = "Ce client n'accepte pas de nouveau cabinet."
NOT_YOURS = "Vous ne gérez plus ce portefeuille."
CHANGED = "Cette inscription a changé pendant l'ajout. Envoyez de nouveau cette ligne."


@dataclass(slots=True)
class _Held:
    """A file that this worker holds."""

    pk: int
    lease: int


def work(seconds: float = PASS_SECONDS) -> int:
    """One pass: take a file that waits, or whose worker is dead, for ``seconds``. How many blocks."""
    _forget_expired()
    held = _take()
    if held is None:
        return 0
    until = time.monotonic() + seconds
    done = 0
    while True:
        with transaction.atomic():
            of = (
                Import.objects.select_for_update(of=("self",))
                .select_related("firm", "member__user")
                .filter(pk=held.pk, lease=held.lease)
                .first()
            )
            if of is None or of.state not in (Import.State.CHECKING, Import.State.RUNNING):
                return done  # deleted, stopped, or taken over
            finished = _work_block(of)
            over = finished or time.monotonic() >= until
            _renew(of, held.lease, over=over)
        done += 1
        if over:
            return done


def _work_block(of: Import) -> bool:
    """The block at the cursor, in a transaction within that of the caller. True when there is nothing more to do.

    A block that fails for a reason of ours ends the file, with a report: it would fail again for every worker.
    """
    try:
        with transaction.atomic():
            access = access_of(of.member.user_id, of.firm.uid)
            return (_check_block if of.state == Import.State.CHECKING else _add_block)(access, of)
    except (OperationalError, InterfaceError):  # nothing was done: the block is taken again
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the other files wait
        # Never its words nor its traceback: they may repeat what a line holds.
        logger.error("a block of a file failed (%s)", type(error).__name__)
        if of.state == Import.State.CHECKING:
            of.state, of.cursor = Import.State.READ, 0
        else:
            end(of, Import.Ending.FAULT)
        return True


def _take() -> _Held | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE imports_import SET lease = lease + 1, leased_until = clock_timestamp() + make_interval(secs => %s)
            WHERE id = (
                SELECT id FROM imports_import
                WHERE state IN ('checking', 'running') AND (leased_until IS NULL OR leased_until < clock_timestamp())
                ORDER BY leased_until NULLS FIRST, created_at LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            RETURNING id, lease
            """,
            [LEASE.total_seconds()],
        )
        row = cursor.fetchone()
    return _Held(*row) if row else None


def _renew(of: Import, lease: int, *, over: bool) -> None:
    """Hold the file for another while, or let it go: the next pass, of whichever worker, may take it at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_import SET state = %s, cursor = %s, leased_until ="
            " CASE WHEN %s THEN NULL ELSE clock_timestamp() + make_interval(secs => %s) END"
            " WHERE id = %s AND lease = %s",
            [of.state, of.cursor, over, LEASE.total_seconds(), of.pk, lease],
        )


# --- the check ----------------------------------------------------------------------------------------------------

#: The clients met so far in the file that this process checks: (file, its next block, its lease, clients). Another
#: process, or this one after another file, gathers them anew; and so does whoever finds that the file was in other
#: hands meanwhile: its columns or its cells may be others.
_met: tuple[int, int, int, dict[Subject, int]] = (0, 0, 0, {})


def _seen_before(access: Access, of: Import) -> dict[Subject, int]:
    """The clients of the blocks that were checked already, to find those that come twice."""
    if _met[:2] == (of.pk, of.cursor) and of.cursor and of.lease - _met[2] <= 1:
        return _met[3]
    seen: dict[Subject, int] = {}
    how = meaning(access, of)
    for block in Block.objects.filter(of=of, number__lt=of.cursor).order_by("number").iterator(chunk_size=20):
        answers = resolve(how, [cells for _, cells in sealed.rows_of(block.cells)])
        for place, answer in enumerate(answers):
            if isinstance(answer, Ready):
                seen.setdefault(answer.subject, block.number * BLOCK_ROWS + place)
    return seen


def _check_block(access: Access | None, of: Import) -> bool:
    """Check the block at the cursor. True when there is nothing more to check."""
    global _met
    block = Block.objects.filter(of=of, number=of.cursor).first()
    if access is None or block is None:
        of.state, of.cursor = Import.State.READ, 0
        return True
    seen = _seen_before(access, of)
    rows = [cells for _, cells in sealed.rows_of(block.cells)]
    block.checked, block.remarks = check_rows(access, meaning(access, of), rows, seen, of.cursor * BLOCK_ROWS)
    block.outcomes = ""
    block.save(update_fields=["checked", "remarks", "outcomes"])
    of.cursor += 1
    _met = (of.pk, of.cursor, of.lease, seen)
    if of.cursor < of.blocks:
        return False
    of.state = Import.State.CHECKED
    _met = (0, 0, 0, {})
    return True


# --- the run ------------------------------------------------------------------------------------------------------


def _add_block(access: Access | None, of: Import) -> bool:
    """Add the block at the cursor, through the same verb as the page. True when the run is over."""
    if access is None:
        end(of, Import.Ending.RIGHTS)
        return True
    block = Block.objects.filter(of=of, number=of.cursor).first()
    if block is None:
        end(of, "")
        return True
    outcomes, remarks, spent = _added(access, of, block)
    block.outcomes = outcomes
    block.remarks = remarks
    block.save(update_fields=["outcomes", "remarks"])
    of.cursor += 1
    if spent:
        end(of, Import.Ending.LIMIT)
    elif of.cursor >= of.blocks:
        end(of, "")
    return spent or of.cursor >= of.blocks


def _added(access: Access, of: Import, block: Block) -> tuple[str, dict[str, tuple[str, str]], bool]:
    """The outcome of each line of a block, what there is to say of them, and whether the attempts are spent."""
    rows = sealed.rows_of(block.cells)
    outcomes = [
        Outcome.OURS if sign == Check.OURS else Outcome.NOT_TRIED for sign in block.checked.ljust(len(rows), "f")
    ]
    remarks = {place: remark for place, remark in block.remarks.items() if block.checked[int(place)] not in TRIED}
    tried = [place for place, sign in enumerate(block.checked) if sign in TRIED]
    answers = dict(zip(tried, resolve(meaning(access, of), [rows[place][1] for place in tried]), strict=True))
    ours = already_ours(access, [answer.subject for answer in answers.values() if isinstance(answer, Ready)])
    wishes: dict[int, Wish] = {}
    for place, answer in answers.items():
        if isinstance(answer, Faulty):  # a portfolio or a model that is gone since
            remarks[str(place)] = (answer.column.value, answer.sentence)
        elif answer.subject in ours:  # no attempt is spent on it
            outcomes[place] = Outcome.OURS
            remarks[str(place)] = ("", OURS)
        else:
            wishes[place] = _wish(of, answer, block.number * BLOCK_ROWS + place)
    results = enrol_many(access=access, wishes=list(wishes.values()), address=sealed.address_of(of.address))
    spent = False
    for place, result in zip(wishes, results, strict=True):
        outcomes[place], sentence = _outcome(result)
        spent = spent or isinstance(result, NotTried)
        if sentence:
            remarks[str(place)] = ("", sentence)
    return "".join(outcomes), remarks, spent


def _wish(of: Import, line: Ready, place: int) -> Wish:
    """The key names the line for ever: were it sent twice, it would act once."""
    return Wish(line.portfolio_id, line.subject, line.proof, line.selection, uuid5(NAMESPACE_URL, f"{of.uid}/{place}"))


def _outcome(result: EnrolResult | NotTried) -> tuple[Outcome, str]:
    """The one answer to every failure says nothing of its reason (R4)."""
    match result:
        case Enrolled():
            return Outcome.ADDED, ""
        case Asked():
            return Outcome.ADDED, ASKED
        case AlreadyEnrolled():
            return Outcome.OURS, OURS
        case Closed():
            return Outcome.REFUSED, CLOSED
        case NotAllowed():
            return Outcome.NOT_TRIED, NOT_YOURS
        case FormUsed():
            return Outcome.NOT_TRIED, CHANGED
        case NotTried():
            return Outcome.NOT_TRIED, STOPPED[Import.Ending.LIMIT]
        case _:
            return Outcome.REFUSED, NOT_PROVED


def _forget_expired() -> None:
    """Delete what has expired, with all that it held: a run under way never does."""
    expired = Import.objects.filter(expires_at__lt=Now()).exclude(state=Import.State.RUNNING).order_by("expires_at")
    if not expired.exists():
        return
    with transaction.atomic():
        # Held first: what is started in the same instant stays, and two workers share the others.
        held = expired.select_for_update(skip_locked=True).values_list("pk", flat=True)[:10]
        Import.objects.filter(pk__in=list(held)).delete()
