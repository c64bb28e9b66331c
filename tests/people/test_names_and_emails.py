"""Names and addresses cannot pass for others: marks that nobody sees go, look-alikes are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portefeuille.identifiers.cleaning import Malformed
from portefeuille.people import emails, names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Claire\u00a0 Delorme ", "Claire Delorme"),
        ("Cl\u202eaire\u200b", "Claire"),
        ("E\u0301lodie", "Élodie"),
        ("Jean\r\nVotre Urssaf", "Jean Votre Urssaf"),
        ("Нина Иванова", "Нина Иванова"),
        ("محمد علي", "محمد علي"),
        ("O'Neil-D’Arc 3", "O'Neil-D’Arc 3"),
    ],
)
def test_a_name_is_kept_as_people_read_it(typed: str, kept: str) -> None:
    assert names.parse(typed) == kept


@pytest.mark.parametrize("typed", ["", " ", "123", "\u202e", "Аlice", "Cl\u0430ire Delorme", "Pαul"])
def test_a_name_that_is_none_or_passes_for_another_is_refused(typed: str) -> None:
    with pytest.raises(Malformed):
        names.parse(typed)


@given(st.text(max_size=200))
def test_whatever_is_typed_a_name_is_clean_or_refused(typed: str) -> None:
    try:
        kept = names.parse(typed)
    except Malformed:
        return
    assert names.parse(kept) == kept
    assert kept.isprintable()


@pytest.mark.parametrize(
    "typed", [" Claire.D@Cabinet.Example ", "\u200bclaire.d@cabinet.example", "claire.d@cabinet.example"]
)
def test_an_address_is_kept_in_one_form(typed: str) -> None:
    assert emails.parse(typed) == "claire.d@cabinet.example"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "claire",
        "claire@",
        "@cabinet.fr",
        "claire@cabіnet.fr",
        "cłaire@cabinet.fr",
        "a@b",
        "a b@c.fr",
        "a@b.fr\nBcc: x@y.fr",
        "x" * 300 + "@a.fr",
    ],
)
def test_an_address_that_is_none_or_passes_for_another_is_refused(typed: str) -> None:
    with pytest.raises(Malformed):
        emails.parse(typed)


@given(st.text(max_size=300))
def test_whatever_is_typed_an_address_is_ascii_or_refused(typed: str) -> None:
    try:
        kept = emails.parse(typed)
    except Malformed:
        return
    assert kept.isascii()
    assert emails.parse(kept) == kept
