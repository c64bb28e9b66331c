"""Amounts are exact to the cent, whatever the habits of who types them; what can be read in two ways is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portefeuille.identifiers import amount
from portefeuille.identifiers.cleaning import Malformed

amounts = st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1 234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1234,56 €", "1234.56"),
        ("1234,56€", "1234.56"),
        ("1 234,56 EUR", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1\u202f234,56\u202f€", "1234.56"),
        ("1\u00a0234", "1234.00"),
        ("\u200e1234,56", "1234.56"),
        ("1 234", "1234.00"),
        ("1.234.567", "1234567.00"),
        ("12,5", "12.50"),
        ("0", "0.00"),
        ("0001234,56", "1234.56"),
        ("9999999999,99", "9999999999.99"),
    ],
)
def test_habits_of_writing(text: str, canonical: str) -> None:
    found = amount.parse(text)
    assert str(found) == canonical
    assert amount.canonical(found) == canonical


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", amount.EMPTY),
        ("€", amount.EMPTY),
        ("-5", amount.NEGATIVE),
        ("\u22125", amount.NEGATIVE),
        ("+5", amount.NEGATIVE),
        ("1e3", amount.UNREADABLE),
        ("∞", amount.UNREADABLE),
        ("NaN", amount.UNREADABLE),
        ("0x10", amount.UNREADABLE),
        ("1_000", amount.UNREADABLE),
        ("12 34,56", amount.UNREADABLE),
        ("1,234,56", amount.UNREADABLE),
        ("1.234.56", amount.UNREADABLE),
        ("1234,", amount.UNREADABLE),
        (",50", amount.UNREADABLE),
        ("5 $", amount.UNREADABLE),
        ("=1+1", amount.UNREADABLE),
        ("1.234", amount.AMBIGUOUS),
        ("12,345", amount.AMBIGUOUS),
        ("0,125", amount.TOO_PRECISE),
        ("1234,567", amount.TOO_PRECISE),
        ("1 234,567", amount.TOO_PRECISE),
        ("12345678901", amount.TOO_LARGE),
        ("99999999999,99", amount.TOO_LARGE),
    ],
)
def test_what_is_refused_says_why(text: str, sentence: str) -> None:
    with pytest.raises(Malformed) as refusal:
        amount.parse(text)
    assert str(refusal.value) == sentence


@given(value=amounts)
def test_a_shown_amount_is_read_back(value: Decimal) -> None:
    assert amount.parse(amount.show(value)) == value
    assert amount.parse(amount.canonical(value)) == value


def test_an_amount_is_shown_as_the_french_write_it() -> None:
    assert amount.show(Decimal("1234567.5")) == "1\u202f234\u202f567,50\u202f€"
    assert amount.show(Decimal(0)) == "0,00\u202f€"


def test_a_value_finer_than_a_cent_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="cent"):
        amount.canonical(Decimal("1.005"))
