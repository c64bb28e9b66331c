"""The published flat-rate amounts, which everybody knows and which therefore prove nothing (R3), as agents keep them.

Only digests of facts are stored: whether one of them is a new flat rate is found by digesting that amount for each.
The worker does it (``apply_due``), since a nation's facts take longer than a page may.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.identifiers import amount
from portefeuille.registry.feeds.facts import forget
from portefeuille.registry.feeds.loading import LOADING
from portefeuille.registry.models import FlatRateAmount

LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class Row:
    """``applied_at`` is None until the facts that were loaded before have been gone through."""

    id: int
    amount: str  # as people read it
    label: str
    applied_at: datetime | None


def flat_rates() -> list[Row]:
    """By amount."""
    found = FlatRateAmount.objects.order_by("amount", "pk")
    return [Row(row.pk, amount.show(row.amount), row.label, row.applied_at) for row in found]


def add(*, actor: str, value: Decimal, label: str) -> bool:
    """A new flat rate: facts that equal it are withheld by the next feeds, and those loaded before by the worker.

    False when it is one already. The trail keeps its label: no amount ever stands there.
    """
    with transaction.atomic():
        _, made = FlatRateAmount.objects.get_or_create(amount=value, defaults={"label": label})
        if made:
            _record(actor, "added", label)
    return made


def remove(*, actor: str, flat_rate: int) -> bool:
    """It proves again: the facts that equal it come back with the next feed. False when it is gone already."""
    with transaction.atomic():
        row = FlatRateAmount.objects.filter(pk=flat_rate).first()
        if row is None or not FlatRateAmount.objects.filter(pk=flat_rate).delete()[0]:
            return False
        _record(actor, "removed", row.label)
    return True


def _record(actor: str, act: str, label: str) -> None:
    trail.record(
        chain=trail.NO_FIRM,
        actor=actor,
        verb=Verb.FLAT_RATE_CHANGED,
        subject="flat_rates",
        after={"act": act, "label": label},
    )


def apply_due() -> int:
    """Drop the stored facts that equal a new flat rate; how many rates were applied. For the worker.

    One at a time, and never while a feed is loaded: a load that began before would bring them back.
    """
    if not FlatRateAmount.objects.filter(applied_at=None).exists():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOADING])
        if not (cursor.fetchone() or (False,))[0]:
            return 0
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        new = list(FlatRateAmount.objects.filter(applied_at=None).order_by("pk"))
        forget([amount.canonical(row.amount) for row in new])
        FlatRateAmount.objects.filter(pk__in=[row.pk for row in new]).update(applied_at=timezone.now())
    return len(new)
