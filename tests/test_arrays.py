"""Arrays as text arrive in PostgreSQL as the lists that they were."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from portefeuille.arrays import array

UIDS = [UUID(int=0), UUID(int=2**128 - 1)]
TEXTS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.none(), max_size=6)


def _back(kind: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [array(values)])
        (found,) = cursor.fetchone() or ([],)
    return list(found)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", []),
        ("text", ["", "NULL", "{}", ",", '"', "\\", '\\"', "a b", " ", "\n", "é", None, "null"]),
        ("bigint", [0, -1, 2**63 - 1, None]),
        ("boolean", [True, False, None]),
        ("uuid", UIDS),
        ("bytea", [b"", b"\0\\x\"'", bytes(range(256)), None]),
    ],
)
def test_each_kind_comes_back_as_it_was(db: None, kind: str, values: list[Any]) -> None:
    assert _back(kind, values) == values


@given(TEXTS)
def test_any_text_comes_back_as_it_was(
    django_db_blocker: Any, django_db_setup: None, values: list[str | None]
) -> None:
    with django_db_blocker.unblock():
        assert _back("text", values) == values
