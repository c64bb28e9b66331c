"""The made-up register is the same for a seed, loads without one refusal, and holds every awkward case."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from portefeuille.identifiers import account_number, siren, siret
from portefeuille.registry import generate_words as words
from portefeuille.registry.feeds.schema import FEEDS
from portefeuille.registry.generate import LA_POSTE, GeneratedFeed, generate
from portefeuille.registry.models import Account, ProofFact, Regime
from portefeuille.registry.queries import Subject, lines_of_siren, question
from tests.registry.files import check_quietly, load_quietly, refusals

TODAY = date(2026, 11, 23)
ACCOUNTS = 6000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> GeneratedFeed:
    return generate(accounts=ACCOUNTS, seed=7, out=tmp_path_factory.mktemp("made"), today=TODAY)


def rows(made: GeneratedFeed, name: str) -> list[dict[str, str]]:
    with (made.out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder, seed, day in (("a", 1, TODAY), ("b", 1, TODAY), ("c", 2, TODAY), ("d", 1, date(2027, 1, 4))):
        generate(accounts=300, seed=seed, out=tmp_path / folder, today=day)
    one, same, other_seed, other_day = (contents(tmp_path / name) for name in "abcd")
    assert one == same
    assert one["comptes.csv"] != other_seed["comptes.csv"]
    assert one["justificatifs.csv"] != other_day["justificatifs.csv"]
    assert set(one) == {f"{feed.name}.csv" for feed in FEEDS}


def test_the_summary_counts_what_was_written(made: GeneratedFeed) -> None:
    written = Counter(row["regime"] for row in rows(made, "comptes"))
    assert made.accounts == ACCOUNTS == written.total()
    assert made.by_regime == written
    assert made.companies == len(rows(made, "entreprises"))
    assert made.establishments == len(rows(made, "etablissements"))
    assert made.facts == len(rows(made, "justificatifs"))


@pytest.mark.parametrize("number", [0, 1, 20, 333])
def test_there_are_exactly_as_many_accounts_as_asked(number: int, tmp_path: Path) -> None:
    assert generate(accounts=number, seed=3, out=tmp_path, today=TODAY).accounts == number


@pytest.mark.django_db
def test_it_loads_without_one_refusal(made: GeneratedFeed) -> None:
    report = check_quietly(made.out)
    assert report.is_clean, refusals(report)[:5]
    report = load_quietly(made.out)
    assert report.is_clean, refusals(report)[:5]
    assert Account.objects.count() == ACCOUNTS
    assert ProofFact.objects.count() == made.facts - sum(file.withheld for file in report.files)
    assert {subject_line.accounts for subject_line in lines_of_siren(LA_POSTE)} == {12}
    # Some subjects have nothing that can be asked.
    pairs = Account.objects.exclude(siren="").values_list("regime", "siren").order_by("pk")[:400]
    possible = Counter(question(Subject(Regime(regime), siren=number)).possible for regime, number in pairs)
    assert possible[False] >= 1
    assert possible[True] > 350


def test_identifiers_are_valid_and_distinct(made: GeneratedFeed) -> None:
    companies = [row["siren"] for row in rows(made, "entreprises")]
    places = [row["siret"] for row in rows(made, "etablissements")]
    numbers = [account_number.parse(row["numero_compte"]) for row in rows(made, "comptes")]
    for values in (companies, places, numbers):
        assert len(set(values)) == len(values)
    assert all(siren.is_valid(value) for value in companies)
    assert all(siret.is_valid(value) for value in places)


def test_every_awkward_case_is_there_in_its_proportion(made: GeneratedFeed) -> None:
    accounts = rows(made, "comptes")
    share = {
        "struck off": sum(row["etat"] == "radie" for row in accounts) / ACCOUNTS,
        "suspended": sum(row["etat"] == "suspendu" for row in accounts) / ACCOUNTS,
        "no e-mail": sum(not row["courriel"] for row in accounts) / ACCOUNTS,
        "padding zeros": sum(row["numero_compte"][0] == "0" for row in accounts) / ACCOUNTS,
    }
    expected = {"struck off": 0.04, "suspended": 0.02, "no e-mail": 0.60, "padding zeros": 0.25}
    for name, wanted in expected.items():
        assert share[name] == pytest.approx(wanted, rel=0.35), name
    per_siren = Counter(row["siren"] for row in accounts if row["siren"] and row["regime"] == "RG")
    assert 40 in per_siren.values()
    assert per_siren[LA_POSTE] == 12
    regimes: dict[str, set[str]] = {}
    for row in accounts:
        regimes.setdefault(row["siren"], set()).add(row["regime"])
    del regimes[""]
    assert sum(len(found) > 1 for found in regimes.values()) / len(regimes) == pytest.approx(0.04, rel=0.35)
    assert all("RG" in found for found in regimes.values() if len(found) > 1)
    provisional = [row for row in accounts if row["siret"] and siret.is_provisional(row["siret"])]
    assert {bool(row["siren"]) for row in provisional} == {True, False}
    managers = [row for row in accounts if row["regime"] == "GM"]
    assert managers
    assert not any(row["siren"] or row["siret"] for row in managers)
    assert {len(account_number.parse(row["numero_compte"])) for row in accounts} >= {12, 15, 16, 17, 18}


def test_names_are_as_awkward_as_real_ones(made: GeneratedFeed) -> None:
    names = {row["denomination"] for row in rows(made, "entreprises")}
    assert max(len(name) for name in names) == 80
    for sign in "éèœ'ÉŒ-ï":
        assert any(sign in name for name in names), sign
    assert names >= set(words.AWKWARD_NAMES)


def test_amounts_are_sometimes_worth_nothing(made: GeneratedFeed) -> None:
    flat = {amount for amount, _ in words.FLAT_RATES}
    by_account: dict[str, list[tuple[str, str]]] = {}
    for row in rows(made, "justificatifs"):
        if row["nature"] != "nir":
            assert row["echeance"] <= TODAY.isoformat()
            by_account.setdefault(row["numero_compte"], []).append((row["echeance"], row["valeur"]))
    latest = Counter(
        "zero" if max(facts)[1] == "0.00" else "flat" if max(facts)[1] in flat else "fine"
        for facts in by_account.values()
    )
    nothing = sum(all(value == "0.00" or value in flat for _, value in facts) for facts in by_account.values())
    assert latest["zero"] / latest.total() == pytest.approx(0.12, rel=0.3)
    assert latest["flat"] / latest.total() == pytest.approx(0.05, rel=0.35)
    assert nothing / latest.total() == pytest.approx(0.02, rel=0.5)


@pytest.mark.parametrize(
    ("today", "declared", "instalments"),
    [
        (date(2026, 11, 23), {"2026-11-15", "2026-11-05"}, {"2026-01-05", "2026-01-20", "2026-02-05"}),
        (date(2027, 1, 4), {"2026-12-15", "2026-12-05"}, {"2026-01-05", "2026-01-20", "2026-02-05"}),
        (date(2027, 1, 20), {"2027-01-15", "2027-01-05"}, {"2027-01-05", "2027-01-20", "2026-02-05"}),
        (date(2028, 2, 29), {"2028-02-15", "2028-02-05"}, {"2028-01-05", "2028-01-20", "2028-02-05"}),
    ],
)
def test_due_dates_are_the_latest_past_ones(
    today: date, declared: set[str], instalments: set[str], tmp_path: Path
) -> None:
    made = generate(accounts=400, seed=5, out=tmp_path, today=today)
    latest: dict[tuple[str, str], str] = {}
    for row in rows(made, "justificatifs"):
        key = (row["nature"], row["numero_compte"])
        latest[key] = max(latest.get(key, ""), row["echeance"])
    found: dict[str, set[str]] = {}
    for (kind, _), day in latest.items():
        found.setdefault(kind, set()).add(day)
    assert found["montant_declaration"] == declared
    assert found["montant_premiere_echeance"] == instalments
