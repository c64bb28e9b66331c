"""The NIRs and amounts of the cast must be nowhere but in the page of whoever typed them (R11, security.md 1.7).

Watched in every process of the suite: each log record before any filter, each header of each answer, each e-mail sent;
and after each test with the cast, each row of each table, and each session unpacked.
"""

import base64
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.http.response import ResponseHeaders

from portefeuille.people.models import Session
from tests.cast import CANARY_AMOUNTS, CANARY_NIRS

# What may stand between two digits: blanks, dots and hyphens, as they are, in an address, in HTML, in JSON.
_GAP = r"(?:[ .+\u00a0\u202f-]|%20|%[cC]2%[aA]0|%[eE]2%80%[aA][fF]|&nbsp;|\\+u00a0|\\+u202f)?"


def _spaced(digits: str) -> str:
    return _GAP.join("[aA]" if digit == "A" else digit for digit in digits)


def _in_base64(text: str) -> Iterator[str]:
    """What stays of a text in base64 whatever stands before and after it."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + text.encode()).decode()
        yield encoded[-(-offset * 8 // 6) : (offset + len(text)) * 8 // 6]


def _nir_pattern(nir: str) -> str:
    body = nir[:13]  # without its key too
    plain = [body, body.replace("2A", "19")]
    return "|".join(
        [
            *(rf"(?<!\d){_spaced(form)}" for form in plain),
            *(_spaced(form[::-1]) for form in (body, nir)),
            *_in_base64(body),
            body.encode().hex(),
        ]
    )


def _amount_pattern(amount: str) -> str:
    euros, cents = amount.split(".")
    forms = [amount, amount.replace(".", ",")]
    return "|".join(
        [
            rf"(?<!\d){_spaced(euros)}(?:[.,]|%2[cCeE]){cents}(?!\d)",
            *(re.escape(form[::-1]) for form in forms),
            *(piece for form in forms for piece in _in_base64(form)),
            *(form.encode().hex() for form in forms),
        ]
    )


PATTERN = "|".join([*map(_nir_pattern, CANARY_NIRS), *map(_amount_pattern, CANARY_AMOUNTS)])
_SEEN = re.compile(PATTERN)
# Seven digits, or six, come by chance in one of so many digests and identifiers: each run would risk a false alarm.
_CENTS = re.compile("|".join(rf"(?<!\d){amount.replace('.', '')}(?!\d)" for amount in CANARY_AMOUNTS))
_BY_CHANCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}")


def seen_in(text: str) -> bool:
    return bool(_SEEN.search(text) or _CENTS.search(_BY_CHANCE.sub("", text)))


#: Written by migrations only, the same in every test.
_OF_THE_PROGRAM = {"auth_permission", "django_content_type", "django_migrations"}

#: Where a canary was met since the last look.
found: list[str] = []


class Ear(logging.Handler):
    """Hears every record as the program made it, before the second net takes anything out."""

    def emit(self, record: logging.LogRecord) -> None:
        said = f"{record.getMessage()} {record.args!r}"
        if record.exc_info and record.exc_info[1] is not None:
            said += f" {record.exc_info[1]!r}"
        if seen_in(said):
            found.append(f"a log record of {record.name}")


def found_in_database() -> list[str]:
    """The tables that hold a canary in any column, and the sessions that do once unpacked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(table_name) FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall() if name not in _OF_THE_PROGRAM]
        # Ten times quicker than the same expression in PostgreSQL.
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', coalesce(string_agg(t::text, ' '), '') FROM {table} t" for table in tables
            )
        )
        held = [f"the table {name}" for name, rows in cursor.fetchall() if seen_in(rows)]
    held += ["a session" for row in Session.objects.order_by("pk") if seen_in(str(row.get_decoded()))]
    return held


def found_in_mail() -> list[str]:
    return ["an e-mail" for sent in getattr(mail, "outbox", []) if seen_in(str(sent.message()))]


def nothing_in_database() -> None:
    """For the end of a test that used the database; a transaction that is broken says nothing any more."""
    if not connection.needs_rollback:
        assert found_in_database() == []


@pytest.fixture(autouse=True, scope="session")
def _watching() -> Iterator[None]:
    ear = Ear()
    logging.getLogger().addHandler(ear)
    put = ResponseHeaders.__setitem__

    def watched(self: Any, key: str, value: Any) -> None:
        if seen_in(str(value)):
            found.append(f"the header {key}")
        put(self, key, value)

    ResponseHeaders.__setitem__ = watched  # type: ignore[method-assign]
    yield
    ResponseHeaders.__setitem__ = put  # type: ignore[method-assign]
    logging.getLogger().removeHandler(ear)


@pytest.fixture(autouse=True)
def _no_canary_escapes(_watching: None) -> Iterator[None]:
    found.clear()
    yield
    met = [*found, *found_in_mail()]
    found.clear()
    assert met == []
