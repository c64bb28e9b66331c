"""justificatifs.csv: digested line by line while it is read, so that no value ever reaches the database.

A fact that anybody could guess (zero, a published flat rate: R3) is withheld: it is right, but not stored, and what
was stored for the same account and due date goes.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from portefeuille.identifiers import amount
from portefeuille.registry import digests
from portefeuille.registry.feeds import first
from portefeuille.registry.feeds.reading import Table
from portefeuille.registry.feeds.staging import Incoming, copy_in, refuse_repeats
from portefeuille.registry.models import FactKind, FlatRateAmount
from portefeuille.registry.queries import KIND_OF_REGIME

UNKNOWN_ACCOUNT = "Aucun compte ne porte ce numéro : chargez d'abord comptes.csv."
WRONG_KIND = "Cette nature ne convient pas au régime du compte."

_CHUNK = 10_000


def stage(incoming: Incoming, table: Table, *, keyed: bool, accounts: str) -> None:
    """Fill the staging table with digests, and refuse lines whose account or kind is wrong.

    Not ``keyed``: a mere check, which needs no key and keeps no digest. ``accounts`` names a staged comptes.csv whose
    accounts count as known and prevail over the register's.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {incoming.staging}")
        cursor.execute(
            f"CREATE TEMP TABLE feed_{incoming.feed.name} (line bigint, number varchar(18), kind varchar(25),"
            " due_date date, digest bytea, key_id varchar(16)) ON COMMIT DROP"
        )
    guessable = {"0.00"} | {
        amount.canonical(value) for value in FlatRateAmount.objects.values_list("amount", flat=True)
    }
    key_id = digests.current_key_id() if keyed else ""

    def convert(row: tuple[Any, ...]) -> tuple[Any, ...]:
        number, kind, due_date, value = row
        if value in guessable:
            return number, kind, due_date, None, key_id
        made = (
            digests.digest(account_number=number, kind=kind, due_date=due_date, value=value, key_id=key_id)
            if keyed
            else b"\0"
        )
        return number, kind, due_date, made, key_id

    copy_in(incoming, table, convert)
    refuse_repeats(incoming)
    _refuse_by_account(incoming, accounts)
    incoming.refuse_when_too_many()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {incoming.staging} WHERE digest IS NULL")  # noqa: S608
        (incoming.report.withheld,) = cursor.fetchone()


def _refuse_by_account(incoming: Incoming, accounts: str) -> None:
    known = "SELECT number, regime FROM registry_account"
    if accounts:
        known = (
            f"SELECT number, regime FROM {accounts} UNION ALL {known} old "  # noqa: S608 (names of ours, no data)
            f"WHERE NOT EXISTS (SELECT FROM {accounts} new WHERE new.number = old.number)"
        )
    fitting = ", ".join(f"('{regime.value}', '{kind.value}')" for regime, kind in KIND_OF_REGIME.items())
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {incoming.staging}")
        cursor.execute(
            f"""
            DELETE FROM {incoming.staging} fact USING (
                SELECT line, account.number IS NULL AS is_unknown
                FROM {incoming.staging} staged LEFT JOIN ({known}) account USING (number)
                WHERE account.number IS NULL OR (account.regime, staged.kind) NOT IN ({fitting})
            ) wrong WHERE wrong.line = fact.line RETURNING fact.line, is_unknown
            """  # noqa: S608 (names of ours, no data)
        )
        wrong = sorted(cursor.fetchall())
        incoming.refuse_all(((line,) for line, unknown in wrong if unknown), "numero_compte", UNKNOWN_ACCOUNT)
        incoming.refuse_all(((line,) for line, unknown in wrong if not unknown), "nature", WRONG_KIND)


def bring_over(incoming: Incoming) -> None:
    """Write the digests that differ from the register's, and drop those that became guessable."""
    report, staging = incoming.report, incoming.staging
    if first.begins(incoming.feed.table, staging):
        _bring_all(incoming)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM registry_prooffact old USING {staging} new JOIN registry_account account USING (number)
            WHERE new.digest IS NULL AND old.account_id = account.id AND old.kind = new.kind
              AND old.due_date IS NOT DISTINCT FROM new.due_date
            """  # noqa: S608 (names of ours, no data)
        )
        cursor.execute("DROP TABLE IF EXISTS pg_temp.changes_of_facts")
        cursor.execute(
            f"""
            CREATE TEMP TABLE changes_of_facts ON COMMIT DROP AS
            SELECT account.id AS account_id, new.kind, new.due_date, new.digest, new.key_id, old.id IS NULL AS is_new
            FROM {staging} new JOIN registry_account account USING (number)
            LEFT JOIN registry_prooffact old ON old.account_id = account.id AND old.kind = new.kind
                 AND old.due_date IS NOT DISTINCT FROM new.due_date
            WHERE new.digest IS NOT NULL
              AND (old.id IS NULL OR ROW(old.digest, old.key_id) IS DISTINCT FROM ROW(new.digest, new.key_id))
            """  # noqa: S608 (names of ours, no data)
        )
        cursor.execute(
            """
            INSERT INTO registry_prooffact (account_id, kind, due_date, digest, key_id)
            SELECT account_id, kind, due_date, digest, key_id FROM pg_temp.changes_of_facts WHERE is_new
            """
        )
        cursor.execute(
            """
            UPDATE registry_prooffact old SET digest = new.digest, key_id = new.key_id
            FROM pg_temp.changes_of_facts new
            WHERE NOT new.is_new AND old.account_id = new.account_id AND old.kind = new.kind
              AND old.due_date IS NOT DISTINCT FROM new.due_date
            """
        )
        cursor.execute(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM pg_temp.changes_of_facts"
        )
        report.inserted, report.changed = cursor.fetchone()
    report.same = report.lines - report.refused - report.withheld - report.inserted - report.changed


def _bring_all(incoming: Incoming) -> None:
    """``bring_over`` where the register holds no fact yet."""
    with connection.cursor() as cursor, first.indexes_set_aside(cursor, incoming.feed.table):
        cursor.execute(
            f"""
            INSERT INTO registry_prooffact (account_id, kind, due_date, digest, key_id)
            SELECT account.id, new.kind, new.due_date, new.digest, new.key_id
            FROM {incoming.staging} new JOIN registry_account account USING (number) WHERE new.digest IS NOT NULL
            """  # noqa: S608 (names of ours, no data)
        )
        incoming.report.inserted = cursor.rowcount


def forget_flat_rates(incoming: Incoming) -> None:
    """Drop stored facts whose amount has just become a published flat rate.

    Only digests are stored, so each new amount is digested for each stored fact: a millionth of a second each, and
    only when a flat rate is new.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT amount FROM pg_temp.changes_of_{incoming.feed.name} WHERE is_new")  # noqa: S608
        new = [amount.canonical(Decimal(value)) for (value,) in cursor.fetchall()]
    if new:
        forget(new)
        FlatRateAmount.objects.filter(amount__in=new).update(applied_at=timezone.now())


def forget(new: list[str]) -> None:
    """Drop the stored facts whose amount is one of ``new`` («1234.56»), whichever key they were digested with."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT fact.id, account.number, fact.kind, fact.due_date, fact.digest, fact.key_id
                FROM registry_prooffact fact JOIN registry_account account ON account.id = fact.account_id
                WHERE fact.id > %s AND fact.kind <> %s ORDER BY fact.id LIMIT %s
                """,
                [last, FactKind.NIR.value, _CHUNK],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            known = set(digests.key_ids())
            guessable = [row[0] for row in rows if row[5] in known and _is_one_of(new, *row[1:])]
            if guessable:
                cursor.execute("DELETE FROM registry_prooffact WHERE id = ANY(%s)", [guessable])


def _is_one_of(amounts: list[str], number: str, kind: str, due_date: date, stored: bytes, key_id: str) -> bool:
    return any(
        digests.digest(account_number=number, kind=kind, due_date=due_date, value=value, key_id=key_id)
        == bytes(stored)
        for value in amounts
    )
