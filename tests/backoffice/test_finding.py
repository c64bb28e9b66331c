"""One box for accounts, firms and people."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from portefeuille.backoffice import finding
from portefeuille.backoffice.finding import Kind, Sought, find, parse
from portefeuille.enrolments.folding import fold
from portefeuille.identifiers import nir
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.registry.models import Account, Regime
from tests.cast import CANARY_NIRS, EMPLOYER, MANAGER, Cast


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("732 829 320", Kind.SIREN, "732829320"),
        ("732 829 320 00074", Kind.SIRET, "73282932000074"),
        ("117 000 001 234 567 890", Kind.ACCOUNT_NUMBER, "117000001234567890"),
        ("  Alice@Alder.Example ", Kind.EMAIL, "alice@alder.example"),
        ("BOULANGERIE ŒUV", Kind.NAME, "boulangerie oeuv"),
        ("100 % bio", Kind.NAME, "100 bio"),
    ],
)
def test_what_is_typed_says_what_it_is(typed: str, kind: Kind, value: str) -> None:
    assert parse(typed) == Sought(kind, value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["", "   ", "\x00", "a", "é!", "x y", "732829321", *CANARY_NIRS, CANARY_NIRS[0][:13], "1" * 200]
)
def test_what_cannot_be_sought_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(typed)
    assert str(refused.value).endswith(".")


@pytest.mark.django_db
def test_an_account_number_that_looks_like_a_nir_is_found() -> None:
    body = "1170000012345"
    number = body + nir.key(body)
    with pytest.raises(Malformed):
        parse(number)
    Account.objects.create(number=number, shown_number=number, regime=Regime.MAJORITY_MANAGER, organisation="117")
    assert parse(f"{number[:3]} {number[3:]}") == Sought(Kind.ACCOUNT_NUMBER, number)
    with pytest.raises(Malformed):
        parse(CANARY_NIRS[0])


def test_each_sort_of_word_finds_what_it_names(cast: Cast) -> None:
    def found(typed: str) -> tuple[list[str], list[str], list[str]]:
        result = find(parse(typed))
        accounts = sorted({account.name for account in result.accounts})
        return accounts, [firm.name for firm in result.firms], [person.name for person in result.people]

    assert found("oeuvrard") == ([EMPLOYER.name], [], ["Carl Œuvrard"])
    assert found("ORNANO") == ([MANAGER.name], [], [])
    assert found("732 829 320") == ([EMPLOYER.name], [], ["Carl Œuvrard"])
    assert found("73282932000074") == ([EMPLOYER.name], [], ["Carl Œuvrard"])
    assert found(MANAGER.account) == ([MANAGER.name], [], [])
    assert found("bob@alder.example") == ([], [], ["Bob"])
    assert found("bouleau") == ([], ["Bureau Bouleau"], ["Charlie Bouleau"])
    assert found("alder cabinet") == ([], ["Cabinet Alder"], [])
    assert found("introuvable") == ([], [], [])


@given(st.text(alphabet="abyzABYZ09 -'.,&àâäçéèêëîïñôöùûüÿœæßøłÀÂÇÉÈÊÎÔÙÛŸŒÆØŁ\u00a0\u0301\u0327", max_size=30))
def test_the_database_folds_names_as_we_do(django_db_setup: None, django_db_blocker: Any, name: str) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT folded(%s)", [name])
        assert cursor.fetchone() == (fold(name),)


def test_names_are_found_by_an_index(cast: Cast) -> None:
    clauses, values = finding.conditions("name", ["boulangerie"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for table in ("registry_company", "firms_firm"):
            cursor.execute(f"EXPLAIN SELECT * FROM {table} WHERE {clauses[0]}", values)
            assert "found_by_name" in "\n".join(line for (line,) in cursor)


def _companies(word: str, sampled: int, others: int, first: int = 900_000_000, *, held: bool = True) -> None:
    """Companies whose name holds ``word``, so many of them among those that are looked at first, with an account."""
    with connection.cursor() as cursor:
        for many, is_sampled in ((sampled, True), (others, False)):
            cursor.execute(
                """
                WITH chosen AS (
                    SELECT n::text AS siren FROM generate_series(%(first)s, %(first)s + 20000) n
                    WHERE (left(md5(n::text), 2) IN ('40', '41', '42', '43')) = %(is_sampled)s LIMIT %(many)s
                ), made AS (
                    INSERT INTO registry_company (siren, name, legal_category, naf)
                    SELECT siren, %(word)s || ' ' || siren, '', '' FROM chosen
                )
                INSERT INTO registry_account (number, shown_number, regime, organisation, siren, siret, holder,
                                              postcode, town, state, email)
                SELECT '117000' || siren, '', 'RG', '117', siren, '', '', '', '', 'actif', '' FROM chosen
                WHERE %(held)s
                """,
                {"many": many, "is_sampled": is_sampled, "word": word, "first": first, "held": held},
            )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sampled", "others", "shown", "more"),
    [
        (0, 3, 3, False),
        (20, 0, 20, False),
        (1, 30, 20, True),
        (30, 600, 20, True),  # common: those of the sample are enough
        (0, 900, 20, True),  # rare in the sample, and still more than are compared
    ],
)
def test_rare_and_common_words_find_as_many_as_are_shown(sampled: int, others: int, shown: int, more: bool) -> None:
    _companies("Tonnellerie", sampled, others)
    _companies("Vannerie", 2, 2, first=910_000_000)
    result = find(parse("tonneller"))
    assert len(result.accounts) == shown
    assert result.more is more
    assert all(account.name.startswith("Tonnellerie") for account in result.accounts)
    assert [account.name for account in result.accounts] == sorted(account.name for account in result.accounts)


def _shown(text: str) -> tuple[list[str], bool]:
    found = find(parse(text))
    return [account.name.rsplit(" ", 1)[0] for account in found.accounts], found.more


@pytest.mark.django_db
def test_whole_words_come_before_parts_of_words_only_where_they_are_more_than_is_shown() -> None:
    _companies("Anaïs Bonneterie", 0, 5)
    _companies("Bonnet Anaïs", 0, 20, first=910_000_000)
    assert _shown("anais bonnet") == (["Anaïs Bonneterie"] * 5 + ["Bonnet Anaïs"] * 15, True)
    _companies("Bonnet & Anaïs", 0, 1, first=920_000_000)
    names, more = _shown("anais bonnet")
    assert more
    assert set(names) == {"Bonnet Anaïs", "Bonnet & Anaïs"}


@pytest.mark.django_db
@pytest.mark.parametrize(("sampled", "others"), [(60, 0), (0, 1000)])
@pytest.mark.parametrize("text", ["vannerie", "anner"])
def test_companies_without_an_account_hide_nobody(text: str, sampled: int, others: int) -> None:
    _companies("Vannerie", sampled, others, held=False)
    _companies("Vannerie du Port", 1, 2, first=910_000_000)
    assert _shown(text) == (["Vannerie du Port"] * 3, False)
