"""Writing the trail (R11): in the transaction of the change, or the change does not happen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from portefeuille.arrays import array
from portefeuille.audit.verbs import Verb

#: The chain of what concerns no firm.
NO_FIRM = 0


def record(
    *,
    chain: int,
    actor: str,
    verb: Verb,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append one event to the chain of a firm (its id, or ``NO_FIRM``).

    ``actor`` is ``kind:identifier`` (``member:<uid>``, ``client:<enrolment uid>``, ``command:<name>``). ``before`` and
    ``after`` never hold a NIR, an amount or a secret. Raises outside a transaction: no trace without its change.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("an event belongs to the transaction of its change")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append(%s, %s, %s, %s, %s::jsonb, %s::jsonb)",
            [chain, actor, str(verb), subject, _json(before), _json(after)],
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of ``record_many``; the same rules as for ``record``."""

    verb: Verb
    subject: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def record_many(*, chain: int, actor: str, entries: Sequence[Entry]) -> None:
    """Append the events of one actor to one chain, in their order, in one statement however many there are."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("an event belongs to the transaction of its change")
    if not entries:
        return
    if len(entries) == 1:
        (only,) = entries
        record(chain=chain, actor=actor, verb=only.verb, subject=only.subject, before=only.before, after=only.after)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append_many(%s, %s, %s::text[], %s::text[], %s::text[]::jsonb[], %s::text[]::jsonb[])",
            [
                chain,
                actor,
                array(entry.verb for entry in entries),
                array(entry.subject for entry in entries),
                array(_json(entry.before) for entry in entries),
                array(_json(entry.after) for entry in entries),
            ],
        )


def _json(content: Mapping[str, Any] | None) -> str | None:
    return None if content is None else json.dumps(content, ensure_ascii=False)
