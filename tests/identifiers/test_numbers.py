"""Siren, Siret, NIR, account number: what is accepted, in which form it comes out, and what a slip costs."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.fr import siren as their_siren
from stdnum.fr import siret as their_siret

from portefeuille.identifiers import account_number, nir, siren, siret
from portefeuille.identifiers.cleaning import Malformed

NARROW = "\u202f"

sirens = st.integers(1, 99_999_999).map(lambda n: f"{n:08d}").map(lambda base: base + luhn.calc_check_digit(base))


@pytest.mark.parametrize(
    "text",
    [
        "732829320",
        "732 829 320",
        " 732.829.320 ",
        "732-829-320",
        "732\u00a0829\u202f320",
        "\t732829320\r\n",
        "\u200f732829320\u200e",
        "\ufeff732829320",
        "732\u2011829\u2013320",
    ],
)
def test_a_siren_is_read_however_it_was_pasted(text: str) -> None:
    assert siren.parse(text) == "732829320"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", f"Saisissez le Siren{NARROW}: 9 chiffres."),
        ("73282932", f"Le Siren a 9 chiffres{NARROW}: vous en avez saisi 8."),
        ("7328293200", f"Le Siren a 9 chiffres{NARROW}: vous en avez saisi 10."),
        ("732829321", siren.WRONG_KEY),
        ("000000000", siren.WRONG_KEY),
        ("73282932O", siren.LETTERS),
        ("FR44732829320", siren.LETTERS),
    ],
)
def test_a_wrong_siren_is_told_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(Malformed, match=f"^{sentence}$"):
        siren.parse(text)


@given(number=sirens)
def test_a_shown_siren_is_read_back(number: str) -> None:
    assert siren.show(number) == f"{number[:3]}{NARROW}{number[3:6]}{NARROW}{number[6:]}"
    assert siren.parse(siren.show(number)) == number


@given(number=sirens, place=st.integers(0, 8), other=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(number: str, place: int, other: str) -> None:
    assume(number[place] != other)
    with pytest.raises(Malformed):
        siren.parse(number[:place] + other + number[place + 1 :])


@given(company=sirens, nic=st.integers(0, 9999))
def test_a_siret_has_the_key_of_its_fourteen_digits(company: str, nic: int) -> None:
    assume(company != "356000000")
    prefix = f"{company}{nic:04d}"
    right = luhn.calc_check_digit(prefix)
    for last in "0123456789":
        if last == right:
            assert siret.parse(siret.show(prefix + last)) == prefix + last
        else:
            with pytest.raises(Malformed, match="clé"):
                siret.parse(prefix + last)


def test_la_poste_has_its_own_rule() -> None:
    """Luhn for the head office; for the others, digits that add up to a multiple of 5 (which Luhn would refuse)."""
    assert siret.parse("356 000 000 00048") == "35600000000048"
    assert siret.parse("35600000000024") == "35600000000024"
    assert not luhn.is_valid("35600000000024")
    with pytest.raises(Malformed):
        siret.parse("35600000000025")


@pytest.mark.parametrize("text", ["ab12345678c901", "AB 12345678 C901", "AB12345678C901"])
def test_a_provisional_siret_has_no_key(text: str) -> None:
    found = siret.parse(text)
    assert found == "AB12345678C901"
    assert siret.is_provisional(found)
    assert siret.show(found) == found


@pytest.mark.parametrize(
    "text", ["73282932000075", "00000000000000", "7328293200007", "AB12345678C90", "AB12345678É901"]
)
def test_a_wrong_siret_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        siret.parse(text)


def test_a_real_siret_is_shown_by_groups() -> None:
    assert siret.show("73282932000074") == f"732{NARROW}829{NARROW}320{NARROW}00074"
    assert not siret.is_provisional("73282932000074")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2 95 10 99 126 111 93", "295109912611193"),
        ("2.95.10.99.126.111.93", "295109912611193"),
        ("2951099126111", "295109912611193"),
        ("253072b07300470", "253072B07300470"),
        ("2 53 07 2A 073 004", "253072A07300443"),
    ],
)
def test_a_nir_gets_its_key(text: str, number: str) -> None:
    assert nir.parse(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "295109912611194",  # key
        "29510991261119",  # 14
        "2951099126111930",
        "253072C07300443",  # no such department
        "2A5109912611193",
        "29510991261119A",
        "095109912611193",
    ],
)
def test_a_wrong_nir_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        nir.parse(text)
    assert not any(part in str(refusal.value) for part in (text, text[:13], text[:9]))
    assert refusal.value.__context__ is None or text[:13] not in str(refusal.value.__context__)


@given(number=st.from_regex(r"[12][0-9]{4}([0-9]{2}|2[AB])[0-9]{6}", fullmatch=True), wrong=st.integers(0, 99))
def test_only_one_key_fits_a_nir(number: str, wrong: int) -> None:
    whole = nir.parse(number)
    assert whole[:13] == number
    assert nir.parse(whole) == whole
    if f"{wrong:02d}" != whole[13:]:
        with pytest.raises(Malformed):
            nir.parse(f"{number}{wrong:02d}")


@pytest.mark.parametrize(
    "text", ["000117000001234567", "117 000 001 234 567", "0117.000.001.234.567", "117000001234567"]
)
def test_an_account_number_is_the_same_with_or_without_padding(text: str) -> None:
    assert account_number.parse(text) == "117000001234567"


@given(number=st.integers(1, 10**18 - 1).map(str), zeros=st.integers(0, 20))
def test_padding_never_changes_an_account_number(number: str, zeros: int) -> None:
    assert account_number.parse("0" * zeros + number) == number
    assert account_number.parse(account_number.show(number)) == number


@pytest.mark.parametrize("text", ["0", "000000000000000000", "1" * 19, "11700000123456A", "117/000001234567"])
def test_a_wrong_account_number_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        account_number.parse(text)


@given(number=st.from_regex(r"[0-9]{9}", fullmatch=True) | sirens)
def test_a_siren_is_one_where_others_find_one(number: str) -> None:
    assert siren.is_valid(number) == (their_siren.is_valid(number) and number != "0" * 9)


@given(
    number=st.from_regex(r"[0-9]{14}", fullmatch=True)
    | st.from_regex(r"356000000[0-9]{5}", fullmatch=True)
    | st.tuples(sirens, st.from_regex(r"[0-9]{5}", fullmatch=True)).map("".join)
    | st.just("35600000000048")
)
def test_a_siret_is_one_where_others_find_one(number: str) -> None:
    assert siret.is_valid(number) == (their_siret.is_valid(number) and not number.startswith("0" * 9))
