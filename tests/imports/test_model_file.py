"""The model file, its schema, and what we read of it are one."""

import json
from pathlib import Path
from typing import Any

import pytest

from portefeuille.imports.headings import LABELS
from portefeuille.imports.opening import opened
from tests.cast import Cast

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "imports" / "modele.schema.json"


def test_the_schema_names_our_columns_in_our_order() -> None:
    fields = json.loads(SCHEMA.read_text())["fields"]
    assert [(field["name"], field["title"]) for field in fields] == [(c.value, label) for c, label in LABELS.items()]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_model_is_understood_whole(cast: Cast, browse: Any, kind: str) -> None:
    answer = browse("bob").get(f"/cabinets/{cast.firm_a.uid}/ajouter/en-nombre/modele.{kind}")
    assert f'filename="modele-ajout-en-nombre.{kind}"' in answer["Content-Disposition"]
    with opened(b"".join(answer.streaming_content)) as (about, rows):
        assert about.kind == kind
        assert list(about.proposed) == list(LABELS)
        assert [len(cells) > 2 for _, cells in rows] == [True] * 3
