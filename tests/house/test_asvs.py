"""docs/security/asvs.md: each requirement once, and everything that it names is there."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, TESTS = ROOT / "src" / "portefeuille", ROOT / "tests"
TABLE = ROOT / "docs" / "security" / "asvs.md"

#: The requirements of each section of ASVS 5.0, by their level, in their order.
SECTIONS = {
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
}  # fmt: skip
HOLDS = {"yes", "partly", "no", "absent"}


class Row(NamedTuple):
    number: str
    level: str
    asks: str
    holds: str
    how: str
    where: list[str]
    tests: list[str]


def rows() -> list[Row]:
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| \d", line):
            number, level, asks, holds, how, where, tests = (cell.strip() for cell in line.strip("|").split("|"))
            found.append(Row(number, level, asks, holds, how, _named(where), _named(tests)))
    return found


def _named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


ROWS = rows()


@cache
def names_of(path: Path) -> frozenset[str]:
    """What a file of Python defines: functions, classes and their methods, and what it assigns."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
                if isinstance(node, ast.ClassDef):
                    found |= {f"{name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
            case ast.Assign(targets=targets):
                found |= {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return frozenset(found)


def test_each_requirement_stands_once_with_its_level() -> None:
    expected = [
        (f"{section}.{place}", level)
        for section, levels in SECTIONS.items()
        for place, level in enumerate(levels, start=1)
    ]
    assert [(row.number, row.level) for row in ROWS] == expected


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_row_says_how_it_holds_and_where(row: Row) -> None:
    assert row.holds in HOLDS
    assert row.asks
    if row.holds in ("yes", "partly"):
        assert row.where
        assert row.tests
    if row.holds != "yes":
        assert row.how, "why not, or how far"
    for place in row.where:
        path, _, name = place.partition(": ")
        assert (PACKAGE / path).is_file(), place
        assert not name or name in names_of(PACKAGE / path), place
    for place in row.tests:
        path, _, name = place.partition("::")
        assert path.rpartition("/")[2].startswith("test_"), f"{place} is not collected"
        assert name.startswith("test_"), f"{place} is not collected"
        assert name in names_of(TESTS / path), place


def test_what_is_not_there_would_be_seen() -> None:
    known = names_of(PACKAGE / "people" / "passwords.py")
    assert {"SHORTEST", "LONGEST", "NotKnownBad", "NotKnownBad.validate"} <= known
    assert "NotKnownBad.forget" not in known


@pytest.mark.parametrize("page", ["asvs.md", "authentication.md", "authorization.md"])
def test_links_to_parts_of_pages_lead_somewhere(page: str) -> None:
    folder = TABLE.parent
    for target, part in re.findall(r"\]\(([\w./-]+\.md)#([\w-]+)\)", (folder / page).read_text(encoding="utf-8")):
        headings = re.findall(r"^#+ (.+)$", (folder / target).read_text(encoding="utf-8"), re.MULTILINE)
        bold = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert part in bold, f"{page}: {target}#{part}"
