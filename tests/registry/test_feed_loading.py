"""Loading: what changes and what does not, who must follow, what is kept out of sight, and who is never held up."""

import re
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from portefeuille.registry import digests
from portefeuille.registry.feeds import FeedReport, load
from portefeuille.registry.feeds.loading import BUSY, LOADING
from portefeuille.registry.models import Account, AccountState, Company, FactKind, FlatRateAmount, ProofFact
from tests.registry.files import (
    EMPLOYER,
    EMPLOYER_ACCOUNT,
    MANAGER_ACCOUNT,
    NIR,
    OFFICE,
    Rows,
    load_quietly,
    refusals,
    right_files,
    touched,
    write,
)

pytestmark = pytest.mark.django_db

TABLES = ("company", "establishment", "account", "prooffact", "flatrateamount")


def row_versions() -> list[tuple[Any, ...]]:
    """Where each row lies and which transaction wrote it: the same only if nothing was written again."""
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT %s, ctid::text, xmin::text FROM registry_{table} ORDER BY ctid", [table])
            found += cursor.fetchall()
    return found


def counts(folder: Path) -> dict[str, tuple[int, int, int]]:
    report = load_quietly(folder)
    return {file.name.split(".")[0]: (file.inserted, file.changed, file.same) for file in report.files}


def test_loading_twice_writes_nothing(loaded: Path) -> None:
    before = row_versions()
    assert len(before) == 1 + 2 + 4 + 5 + 1
    report = load_quietly(loaded)
    assert row_versions() == before
    assert [(file.inserted, file.changed) for file in report.files] == [(0, 0)] * 5
    assert [file.same for file in report.files] == [1, 1, 2, 4, 5]
    assert touched() == (set(), set())


def test_a_first_load_tells_what_came(files: dict[str, Rows], tmp_path: Path) -> None:
    report = load_quietly(write(tmp_path / "feed", files))
    assert [(file.name, file.inserted) for file in report.files] == [
        ("forfaits.csv", 1),
        ("entreprises.csv", 1),
        ("etablissements.csv", 2),
        ("comptes.csv", 4),
        ("justificatifs.csv", 5),
    ]
    assert touched() == (set(), set())  # nothing repeats a register that was empty


CHANGES: list[tuple[str, int, dict[str, str], set[str], set[str]]] = [
    ("forfaits", 0, {"libelle": "Autre"}, set(), set()),
    ("entreprises", 0, {"denomination": "Autre nom"}, {EMPLOYER}, set()),
    ("entreprises", 0, {"date_cessation": "2026-01-01"}, {EMPLOYER}, set()),
    ("etablissements", 1, {"commune": "Albi"}, {EMPLOYER}, set()),
    ("comptes", 0, {"etat": "radie"}, {EMPLOYER}, set()),
    ("comptes", 0, {"numero_compte": "117000001234567"}, {EMPLOYER}, set()),  # written without its zeros
    ("comptes", 2, {"titulaire": "Autre"}, set(), {MANAGER_ACCOUNT}),
    ("comptes", 0, {"siren": "404833048", "siret": "40483304800022"}, {EMPLOYER, "404833048"}, set()),
    ("comptes", 0, {"siren": "", "siret": ""}, {EMPLOYER}, {"117000001234567"}),
    ("justificatifs", 0, {"valeur": "1234.57"}, set(), set()),
]


@pytest.mark.parametrize(("name", "rank", "change", "sirens", "accounts"), CHANGES)
def test_one_change_writes_one_row_and_tells_whom_it_touches(
    name: str, rank: int, change: dict[str, str], sirens: set[str], accounts: set[str], loaded: Path
) -> None:
    before = set(row_versions())
    files = right_files()
    files[name][rank] |= change
    report = load_quietly(write(loaded, files))
    assert report.is_clean, refusals(report)
    assert sum(file.changed for file in report.files) == 1
    assert sum(file.inserted for file in report.files) == 0
    assert len(set(row_versions()) - before) == 1
    assert touched() == (sirens, accounts)


def test_a_new_account_of_a_known_siren_tells_the_siren(loaded: Path) -> None:
    more = right_files()["comptes"][0] | {"numero_compte": "117000009999999", "siret": ""}
    load_quietly(write(loaded / "more", {"comptes": [more]}))
    assert touched() == ({EMPLOYER}, set())
    assert Account.objects.count() == 5


def test_an_account_that_gets_a_siren_tells_both(loaded: Path) -> None:
    found = right_files()["comptes"][2] | {"regime": "PLR", "siren": EMPLOYER, "siret": OFFICE}
    load_quietly(write(loaded / "more", {"comptes": [found]}))
    assert touched() == ({EMPLOYER}, {MANAGER_ACCOUNT})


def test_what_a_feed_leaves_out_stays(loaded: Path) -> None:
    assert counts(write(loaded / "less", {"comptes": right_files()["comptes"][:1]})) == {"comptes": (0, 0, 1)}
    assert Account.objects.count() == 4


def test_a_state_is_followed(loaded: Path) -> None:
    change = right_files()["comptes"][0] | {"etat": "radie", "date_etat": "2026-11-01"}
    assert counts(write(loaded / "more", {"comptes": [change]})) == {"comptes": (0, 1, 0)}
    account = Account.objects.get(number="117000001234567")
    assert (account.state, account.state_since) == (AccountState.STRUCK_OFF, date(2026, 11, 1))


def test_facts_are_stored_as_digests_under_the_current_key(loaded: Path) -> None:
    fact = ProofFact.objects.get(account__number="117000001234567", due_date=date(2026, 10, 15))
    assert bytes(fact.digest) == digests.digest(
        account_number="117000001234567",
        kind=FactKind.DECLARED_AMOUNT,
        due_date=date(2026, 10, 15),
        value="1234.56",
    )
    assert fact.key_id == digests.current_key_id()


def test_no_value_is_anywhere_in_the_register(loaded: Path) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT registry_{table}::text FROM registry_{table}")
            everything = " ".join(row[0] for row in cursor.fetchall())
            for value in (NIR, NIR[:13], "1234.56", "1234,56", "987.65", "321.09", "55.10"):
                assert value not in everything
                assert value.encode().hex() not in everything


@pytest.mark.parametrize("guessable", ["0.00", "1128.00", "01128.00"])
def test_what_anybody_could_guess_is_not_stored_and_pushes_out_what_was(guessable: str, loaded: Path) -> None:
    facts = right_files()["justificatifs"][:1]
    facts[0]["valeur"] = guessable
    report = load_quietly(write(loaded / "more", {"justificatifs": facts}))
    (file,) = report.files
    assert (file.withheld, file.inserted, file.changed, file.same, file.refused) == (1, 0, 0, 0, 0)
    assert not ProofFact.objects.filter(account__number="117000001234567", due_date=date(2026, 10, 15)).exists()
    assert ProofFact.objects.count() == 4


def test_a_new_flat_rate_drops_the_facts_that_it_makes_guessable(loaded: Path) -> None:
    rates = [{"montant": "987.65", "libelle": ""}, {"montant": "321.09", "libelle": ""}]
    load_quietly(write(loaded / "more", {"forfaits": rates}))
    assert FlatRateAmount.objects.count() == 3
    left = set(ProofFact.objects.values_list("account__number", "due_date"))
    assert ("117000001234567", date(2026, 9, 15)) not in left
    assert not any(number == MANAGER_ACCOUNT for number, _ in left)
    assert len(left) == 3


def test_nothing_told_of_a_refusal_holds_a_value(
    tmp_path: Path, files: dict[str, Rows], caplog: pytest.LogCaptureFixture
) -> None:
    nirs = [NIR[:-1] + "4", NIR + "1", NIR[:14]]
    amounts = ["48317,29", "-6093.57", "71429.831"]
    fact = files["justificatifs"][-1]
    files["justificatifs"] += [fact | {"valeur": nir} for nir in nirs]
    files["justificatifs"] += [files["justificatifs"][0] | {"valeur": amount} for amount in amounts]
    # A NIR in a column where it does not belong, and as the name of a column.
    files["comptes"][0][NIR] = NIR
    files["comptes"].append(files["comptes"][0] | {"organisme": NIR, "siren": NIR, "etat": NIR, "regime": NIR})
    told: list[str] = []
    folder = write(tmp_path / "feed", files)
    report = load(folder, told.append, rejects=tmp_path)
    assert report.rejects is not None
    everything = "\n".join([*told, repr(report), caplog.text, report.rejects.read_text(encoding="utf-8")])
    assert len(refusals(report)) > 6
    for value in (*nirs, *amounts, NIR):
        assert value not in everything
        assert value[1:-2] not in everything
    assert not re.search(r"\d{13}", everything)


def test_no_statement_takes_more_than_row_locks(loaded: Path) -> None:
    """The test's transaction still holds all the locks of the load: none of them holds a reader up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT lock.mode FROM pg_locks lock JOIN pg_class class ON class.oid = lock.relation"
            " WHERE lock.pid = pg_backend_pid() AND class.relname LIKE 'registry\\_%%'"
        )
        modes = {mode for (mode,) in cursor.fetchall()}
    assert "RowExclusiveLock" in modes
    assert modes <= {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}


def test_the_programs_own_role_can_load(files: dict[str, Rows], tmp_path: Path) -> None:
    """It may read and write the rows of the register, and make temporary tables; nothing more."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE a_program_of_the_tests")
        for table in (*TABLES, "touched"):
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON registry_{table} TO a_program_of_the_tests")
        cursor.execute("GRANT USAGE ON SCHEMA public TO a_program_of_the_tests")
        cursor.execute("SET LOCAL ROLE a_program_of_the_tests")
    report = load_quietly(write(tmp_path / "feed", files))
    assert report.is_clean, refusals(report)
    files["comptes"][0]["etat"] = "radie"
    assert load_quietly(write(tmp_path / "more", files)).is_clean
    assert touched() == ({EMPLOYER}, set())


def test_one_load_at_a_time(files: dict[str, Rows], tmp_path: Path) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOADING])
        report = load_quietly(write(tmp_path / "feed", files))
    finally:
        other.close()
    assert (report.problem, report.files, report.is_accepted) == (BUSY, [], False)
    assert not Company.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_another_load_does_not_come_between_two_files(files: dict[str, Rows], tmp_path: Path) -> None:
    """One would have its last files refused, after its first ones were loaded."""
    folder = write(tmp_path / "feed", files)
    others: list[FeedReport] = []

    def another() -> None:
        others.append(load_quietly(folder))
        connection.close()

    def follow() -> None:
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()

    report = load(folder, lambda _: None, rejects=tmp_path, follow=follow)
    assert report.is_clean, refusals(report)
    assert [(other.problem, other.files) for other in others] == [(BUSY, [])] * len(report.files)
    assert load_quietly(folder).is_clean


def test_a_load_outlives_the_time_limit_of_the_pages(files: dict[str, Rows], tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 4000")
        load_quietly(write(tmp_path / "feed", files))
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.django_db(transaction=True)
def test_after_a_load_the_time_limit_is_back_and_nothing_temporary_is_left(
    files: dict[str, Rows], tmp_path: Path
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()
        load_quietly(write(tmp_path / "feed", files))
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == before
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'")
        assert cursor.fetchone() == (0,)
    assert Account.objects.get(siret=OFFICE, regime="RG").shown_number == EMPLOYER_ACCOUNT
