"""docs/feeds/*.schema.json tell the body's data teams what the program checks: the two must agree."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from portefeuille.identifiers.cleaning import Malformed
from portefeuille.registry.feeds.schema import FACTS, FEEDS, Feed, amount, fact
from portefeuille.registry.models import AccountState, FactKind, Regime

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "feeds"
ENUMS = {"regime": Regime.values, "etat": AccountState.values, "nature": FactKind.values}
CASES = [pytest.param(feed, id=feed.name) for feed in FEEDS]


def described(feed: Feed) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{feed.name}.schema.json").read_text(encoding="utf-8"))
    return found


def accepts(feed: Feed, column: int, cell: str) -> bool:
    try:
        feed.columns[column].parse(cell)
    except Malformed:
        return False
    return True


def test_there_is_one_for_each_file() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == {f"{feed.name}.schema.json" for feed in FEEDS}


@pytest.mark.parametrize("feed", CASES)
def test_the_columns_are_those_of_the_program(feed: Feed) -> None:
    fields = described(feed)["fields"]
    assert [field["name"] for field in fields] == [column.name for column in feed.columns]
    for field, column in zip(fields, feed.columns, strict=True):
        assert field["constraints"]["required"] == column.required, column.name
        assert field["title"]
        assert field["description"].endswith(".")


@pytest.mark.parametrize("feed", CASES)
def test_the_constraints_are_those_of_the_program(feed: Feed) -> None:
    for position, field in enumerate(described(feed)["fields"]):
        constraints, name = field["constraints"], field["name"]
        if "example" in field:
            assert accepts(feed, position, field["example"]), name
        if name in ENUMS:
            assert constraints["enum"] == ENUMS[name]
            assert not accepts(feed, position, "autre")
        if "maxLength" in constraints and field.get("format") != "email":
            assert accepts(feed, position, "x" * constraints["maxLength"]), name
            assert not accepts(feed, position, "x" * (constraints["maxLength"] + 1)), name
        if "pattern" in constraints and name != "valeur":
            assert re.fullmatch(constraints["pattern"], field["example"]), name
            for wrong in ("!", "1" * 19, "é", "1,5"):
                assert not accepts(feed, position, wrong), name
                assert not re.search(constraints["pattern"], wrong), name
        if field["type"] == "date":
            assert accepts(feed, position, "2026-10-15")
            assert not accepts(feed, position, "15/10/2026")
        if field["type"] == "boolean":
            assert [accepts(feed, position, cell) for cell in ("1", "0", "true")] == [True, True, False]


def test_the_value_of_a_fact_is_an_amount_or_a_nir() -> None:
    (field,) = (field for field in described(FACTS)["fields"] if field["name"] == "valeur")
    pattern = re.compile(field["constraints"]["pattern"])
    for right in ("0.00", "1234.56", "9999999999.99"):
        assert pattern.search(right)
        assert amount(right)
    for nir in ("295109912611193", "253072B07300470"):
        assert pattern.search(nir)
        assert fact(["1", "nir", None, nir])[3] == nir
    for wrong in ("1,00", "-1.00", "1.0", "12345678901.00", "2951099126111", ""):
        assert not pattern.search(wrong)
