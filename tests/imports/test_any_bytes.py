"""Whatever bytes come: rows or a refusal of ours, never another exception. Short here, as long as wanted by
``HYPOTHESIS_MAX_EXAMPLES``."""

import os
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portefeuille.imports.grids import LONGEST_CELL, LOST, MOST_COLUMNS, Refused, with_headings
from portefeuille.imports.headings import proposed, regime_words
from portefeuille.imports.reading import grid_of
from tests.imports.files import csv_text, ods, xlsx
from tests.imports.hostile import TABLE

EXAMPLES = int(os.environ.get("HYPOTHESIS_MAX_EXAMPLES", "150"))
_quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_WHOLE = [xlsx(TABLE), ods(TABLE), csv_text(TABLE).encode(), csv_text(TABLE).encode("utf-16")]


def rows_of(content: bytes) -> list[tuple[int, list[str]]] | None:
    try:
        found = with_headings(grid_of(content))
        rows = list(found.rows)
        proposed(found.headings, [cells for _, cells in rows[:40]])
    except Refused:
        return None
    for line, cells in rows:
        assert line > 0
        assert len(cells) <= MOST_COLUMNS
        assert all(len(cell) <= LONGEST_CELL + len(LOST) for cell in cells)
    return rows


@_quick
@given(st.binary(max_size=2000))
def test_any_bytes(content: bytes) -> None:
    rows_of(content)


@_quick
@given(st.text(max_size=2000), st.sampled_from(["utf-8", "utf-16", "cp1252", "mac_roman"]))
def test_any_text(text: str, encoding: str) -> None:
    rows_of(text.encode(encoding, "replace"))


@_quick
@given(st.sampled_from(_WHOLE), st.integers(0, 2**32), st.integers(1, 12))
def test_a_good_file_with_some_bytes_turned(whole: bytes, seed: int, number: int) -> None:
    chance, turned = random.Random(seed), bytearray(whole)
    for _ in range(number):
        turned[chance.randrange(len(turned))] = chance.randrange(256)
    rows_of(bytes(turned))


_CELLS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters=';"'), max_size=12)


@_quick
@given(st.lists(st.lists(_CELLS, min_size=2, max_size=5), min_size=1, max_size=8))
def test_no_line_that_says_something_is_lost(table: list[list[str]]) -> None:
    rows: Any = rows_of(("Siren;Compte;Montant\r\n" + csv_text(table)).encode("utf-8-sig"))
    said = [row for row in table if any(cell.strip(" \t\u00a0\u202f\ufeff\u200b\u2028\u2029\x85") for cell in row)]
    assert len(rows or []) >= sum(any(cell.strip() and cell.isalnum() for cell in row) for row in said)


@_quick
@given(st.text(max_size=200))
def test_any_words_for_a_regime(text: str) -> None:
    assert regime_words(text) in (None, "RG", "AC", "PL", "PLR", "GM")
