"""A first load, with indexes set aside: what it leaves is what any other load leaves, and so are its indexes."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from portefeuille.registry.feeds import first
from portefeuille.registry.models import Account, ProofFact
from tests.registry.files import EMPLOYER, Rows, load_quietly, refusals, touched, write

pytestmark = pytest.mark.django_db

ROWS = {"entreprises": 1, "etablissements": 2, "comptes": 4, "justificatifs": 5}
TABLES = "('registry_company', 'registry_establishment', 'registry_account', 'registry_prooffact')"


@pytest.fixture
def of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first, "LEAST", 1)


def built() -> list[tuple[Any, ...]]:
    """Every index and constraint of the register, as PostgreSQL tells it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN {TABLES} ORDER BY 1")
        found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            f" WHERE conrelid::regclass::text IN {TABLES} ORDER BY 1"
        )
        return found + list(cursor.fetchall())


def stored() -> list[list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        found = []
        for table, key in (
            ("registry_company", "siren"),
            ("registry_establishment", "siret"),
            ("registry_account", "number"),
        ):
            cursor.execute(f"SELECT (to_jsonb(t) - 'id')::text FROM {table} t ORDER BY {key}")
            found.append(cursor.fetchall())
        cursor.execute(
            "SELECT number, kind, due_date, digest, key_id FROM registry_prooffact f"
            " JOIN registry_account a ON a.id = f.account_id ORDER BY 1, 2, 3"
        )
        found.append([(*row[:3], bytes(row[3]), row[4]) for row in cursor.fetchall()])
        return found


def statements(folder: Path) -> list[str]:
    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        load_quietly(folder)
    return sent


def test_the_same_rows_and_the_same_indexes(
    tmp_path: Path, files: dict[str, Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = built()
    folder = write(tmp_path / "feed", files)
    load_quietly(folder)
    usual = stored()
    for model in (ProofFact, Account):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_company; DELETE FROM registry_establishment")
    monkeypatch.setattr(first, "LEAST", 1)
    sent = statements(folder)
    assert sum("DROP CONSTRAINT" in sql for sql in sent) >= 4
    assert stored() == usual
    assert built() == before
    assert any("companies_found_by_name" in name for name, _ in before)


@pytest.mark.usefixtures("of_any_size")
def test_it_tells_what_came(tmp_path: Path, files: dict[str, Rows]) -> None:
    report = load_quietly(write(tmp_path / "feed", files))
    assert {file.name.split(".")[0]: file.inserted for file in report.files if file.inserted} == ROWS | {"forfaits": 1}
    assert touched() == (set(), set())  # nothing repeats a register that was empty


@pytest.mark.usefixtures("of_any_size")
def test_companies_that_come_after_their_accounts_are_to_be_followed(tmp_path: Path, files: dict[str, Rows]) -> None:
    load_quietly(write(tmp_path / "feed", {"comptes": files["comptes"]}))
    load_quietly(write(tmp_path / "more", {name: files[name] for name in ("entreprises", "etablissements")}))
    assert touched() == ({EMPLOYER}, set())


@pytest.mark.usefixtures("of_any_size")
def test_a_repeated_line_and_a_guessable_fact_are_left_out(tmp_path: Path, files: dict[str, Rows]) -> None:
    many = [
        files["comptes"][2] | {"numero_compte": f"11700000{number:07d}"} for number in range(300)
    ]  # so that one refusal is less than a hundredth
    files["comptes"] += [*many, files["comptes"][0] | {"titulaire": "Deux fois"}]
    files["justificatifs"][0]["valeur"] = "0.00"
    report = load_quietly(write(tmp_path / "feed", files))
    assert report.is_accepted
    assert [column for _, _, column, _ in refusals(report)] == ["numero_compte"]
    assert not Account.objects.filter(holder="Deux fois").exists()
    assert report.files[-1].withheld == 1
    assert ProofFact.objects.count() == ROWS["justificatifs"] - 1


@pytest.mark.usefixtures("loaded", "of_any_size")
def test_a_table_that_holds_rows_keeps_its_indexes(tmp_path: Path, files: dict[str, Rows]) -> None:
    files["comptes"][0]["etat"] = "radie"
    assert not any(" DROP CONSTRAINT " in sql or sql.startswith("DROP INDEX") for sql in
                   statements(write(tmp_path / "more", files)))  # fmt: skip


@pytest.mark.usefixtures("of_any_size")
def test_who_does_not_own_the_tables_leaves_their_indexes(tmp_path: Path, files: dict[str, Rows]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE a_program_of_the_tests")
        for table in ("company", "establishment", "account", "prooffact", "flatrateamount"):
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON registry_{table} TO a_program_of_the_tests")
        cursor.execute("SET LOCAL ROLE a_program_of_the_tests")
        assert not any("DROP CONSTRAINT" in sql for sql in statements(write(tmp_path / "feed", files)))
        cursor.execute("RESET ROLE")
    assert Account.objects.count() == ROWS["comptes"]
