"""The print queue: the letters that wait become one PDF, which is kept for the day (R12)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import typst
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.models import LetterBatch
from portefeuille.outbox.printing import Letter, mark_printed, mark_unaddressed, take_letters
from portefeuille.registry.addresses import postal_addresses
from portefeuille.sealing import seal, unseal

#: Letters of one PDF: some seconds of work. Those left over make the next one.
MOST = 1000
_PURPOSE = "printed-letters"
_PAGE = Path(__file__).with_name("letter.typ")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
#: A word longer than this is an address of the site: paper breaks it, which no hyphenation would.
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Printed:
    """``unaddressed`` letters were given up for want of an address: they stand among the dead messages."""

    batch: UUID
    letters: int
    unaddressed: int
    pdf: bytes


@dataclass(frozen=True, slots=True)
class NothingToPrint:
    """No letter waits, or others are printing them in this instant. ``unaddressed`` as above."""

    unaddressed: int = 0


def print_letters(*, actor: str) -> Printed | NothingToPrint:
    """Print what waits, ``MOST`` at once, and mark it as sent; each letter is in one batch, whoever prints when.

    Secrets are opened into the PDF only, which is sealed where it is kept.
    """
    with transaction.atomic():
        taken = take_letters(MOST)
        addresses = postal_addresses(letter.account_id for letter in taken if letter.account_id is not None)
        addressed = [letter for letter in taken if letter.account_id in addresses]
        lost = [letter for letter in taken if letter.account_id not in addresses]
        if lost:
            mark_unaddressed(lost)
        if not addressed:
            return NothingToPrint(unaddressed=len(lost))
        now = timezone.now()
        pdf = pdf_of([(addresses[letter.account_id or 0], letter) for letter in addressed], now)
        mark_printed(addressed)
        batch = LetterBatch.objects.create(
            uid=uuid4(),
            printed_at=now,
            printed_by=actor,
            letters=len(addressed),
            unaddressed=len(lost),
            sealed=seal(_PURPOSE, pdf),
        )
        trail.record(
            chain=trail.NO_FIRM,
            actor=actor,
            verb=Verb.LETTERS_PRINTED,
            subject=f"letters:{batch.uid}",
            after={"letters": len(addressed), "unaddressed": len(lost)},
        )
    forget_old_batches()
    return Printed(batch.uid, len(addressed), len(lost), pdf)


def pdf_of(letters: Sequence[tuple[list[str], Letter]], day: datetime) -> bytes:
    """One letter a page, its address where the window of a French envelope shows it."""
    local = timezone.localtime(day)
    told = {
        "body": settings.BODY_NAME,
        "day": f"{'1er' if local.day == 1 else local.day} {_MONTHS[local.month - 1]} {local.year}",
        "letters": [
            {
                "address": address,
                "subject": letter.subject,
                "paragraphs": [
                    [_breakable(line) for line in paragraph.splitlines()]
                    for paragraph in letter.body.strip().split("\n\n")
                ],
            }
            for address, letter in letters
        ],
    }
    made = typst.compile(str(_PAGE), format="pdf", sys_inputs={"told": json.dumps(told)}, ignore_system_fonts=True)
    if not isinstance(made, bytes):
        raise TypeError("one PDF was asked for")
    return made


def _breakable(line: str) -> str:
    """The line with a place to break (a zero-width space) every eight characters of its very long words."""
    return " ".join(
        "\u200b".join(word[start : start + 8] for start in range(0, len(word), 8))
        if len(word) > _LONGEST_WORD
        else word
        for word in line.split(" ")
    )


def todays_batches() -> list[LetterBatch]:
    """The batches whose PDF can still be fetched, the last one first; the PDFs themselves stay where they are."""
    return list(
        LetterBatch.objects.filter(printed_at__gte=_midnight())
        .exclude(sealed="")
        .defer("sealed")
        .order_by("-printed_at")
    )


def content(batch: UUID) -> bytes | None:
    """The PDF of a batch of today; None for any other."""
    kept = LetterBatch.objects.filter(uid=batch, printed_at__gte=_midnight()).first()
    return unseal(_PURPOSE, kept.sealed) if kept and kept.sealed else None


def forget_old_batches() -> int:
    """Erase the PDFs of the days before; how many. The batches themselves stay, as numbers."""
    return LetterBatch.objects.filter(printed_at__lt=_midnight()).exclude(sealed="").update(sealed="")


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Queue:
    waiting: int
    oldest: datetime | None


def queue() -> Queue:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(created_at) FROM outbox_message WHERE channel = 'letter' AND state = 'waiting'"
        )
        return Queue(*(cursor.fetchone() or (0, None)))
