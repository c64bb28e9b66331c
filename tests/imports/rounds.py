"""A file before its run, as often as wanted, and what became of it: for those that kill what works on it."""

import multiprocessing
from collections.abc import Callable
from typing import Any

from django.db import connection, connections, transaction

from portefeuille.audit.models import Event
from portefeuille.enrolments.models import Enrolment, Submission
from portefeuille.imports import sealed
from portefeuille.imports.models import BLOCK_ROWS, Block, Import
from portefeuille.outbox.models import Message
from portefeuille.throttling.models import Budget
from tests.cast import CLIENTS, EMPLOYER, INDEPENDENT, MANAGER, REGULATED, Cast
from tests.imports.journey import check, kept, results, row, start


def file_of(cast: Cast) -> Import:
    """Two blocks, with a refusal in each, a client that comes twice and lines that say nothing."""
    lines = [row(client) for client in CLIENTS[:3]] + [row(REGULATED, amount="1,07"), row(EMPLOYER)]
    lines += [["", "", "", "", "x"]] * (BLOCK_ROWS - len(lines))
    of = kept(cast, lines)
    of.blocks, of.rows = 2, BLOCK_ROWS + 2
    of.save()
    more = [(BLOCK_ROWS + 2, row(MANAGER)), (BLOCK_ROWS + 3, row(INDEPENDENT, siren="552081317"))]
    Block.objects.create(of=of, number=1, cells=sealed.seal_rows(more))
    return of


class Rounds:
    """The file before its run, as often as wanted, and what became of it."""

    def __init__(self, cast: Cast, of: Import | None = None) -> None:
        self.of = check(cast, of or file_of(cast))
        start(cast, self.of)
        self._import = Import.objects.filter(pk=self.of.pk).values().get()
        self._blocks = list(Block.objects.filter(of=self.of).order_by("number").values())

    def begin(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "TRUNCATE enrolments_enrolment, enrolments_submission, enrolments_establishmentchoice,"
                " enrolments_tally, enrolments_decision, enrolments_onlyfor, outbox_message, throttling_budget,"
                " audit_event, audit_chain, enrolments_bulkrow"
            )
        Import.objects.filter(pk=self.of.pk).update(**self._import)
        for block in self._blocks:
            Block.objects.filter(pk=block["id"]).update(**block)

    def found(self) -> tuple[Any, ...]:
        """All that is left, without what is drawn by lot or by the clock."""
        of = Import.objects.get(pk=self.of.pk)
        return (
            (of.state, of.ending, of.cursor, of.address),
            results(of),
            sorted(Enrolment.objects.values_list("siren", "account_number", "regime", "state")),
            sorted(Submission.objects.values_list("key", flat=True)),
            sorted(Event.objects.values_list("seq", "verb")),
            sorted(Message.objects.values_list("recipient", "subject")),
            sorted((bytes(row.key), len(row.failures)) for row in Budget.objects.order_by("pk")),
        )


def in_a_process(act: Callable[[], None]) -> int:
    """What a worker's process ended with. It is forked, without a connection to inherit."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=act)
    process.start()
    process.join(60)
    return process.exitcode or 0


def let_the_lease_run_out() -> None:
    Import.objects.update(leased_until="2020-01-01T00:00:00Z")
