"""One field, four sorts of identifier: the length tells which."""

import pytest

from portefeuille.identifiers import designation, siren, siret
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.identifiers.designation import Designation, Kind


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("732 829 320", Kind.SIREN, "732829320"),
        ("732.829.320.00074", Kind.SIRET, "73282932000074"),
        ("ab12345678c901", Kind.PROVISIONAL_SIRET, "AB12345678C901"),
        ("117 000 001 234 567", Kind.ACCOUNT_NUMBER, "117000001234567"),
        ("000117000001234567", Kind.ACCOUNT_NUMBER, "117000001234567"),
        ("090048281379700073", Kind.ACCOUNT_NUMBER, "90048281379700073"),
        ("900000000042", Kind.ACCOUNT_NUMBER, "900000000042"),
        ("000000900000000042", Kind.ACCOUNT_NUMBER, "900000000042"),
        ("1234567890", Kind.ACCOUNT_NUMBER, "1234567890"),
        ("1234567890123", Kind.ACCOUNT_NUMBER, "1234567890123"),
        # Nine digits of its own, all zeros typed: an account number, whatever the key.
        ("000000000123456789", Kind.ACCOUNT_NUMBER, "123456789"),
    ],
)
def test_what_is_typed_designates(text: str, kind: Kind, value: str) -> None:
    assert designation.parse(text) == Designation(kind, value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", designation.HINT),
        ("12345678", designation.HINT),
        ("1" * 19, designation.HINT),
        ("AB12345678C9", designation.HINT),
        ("SARL Dupont", designation.HINT),
        ("732829321", siren.WRONG_KEY),
        ("73282932000075", siret.WRONG_KEY),
    ],
)
def test_what_designates_nothing_says_what_to_type(text: str, sentence: str) -> None:
    with pytest.raises(Malformed) as refusal:
        designation.parse(text)
    assert str(refusal.value) == sentence


def test_only_a_siren_and_a_real_siret_tell_the_siren() -> None:
    assert designation.parse("73282932000074").siren == "732829320"
    assert designation.parse("732829320").siren == "732829320"
    assert designation.parse("ab12345678c901").siren == ""
    assert designation.parse("117000001234567").siren == ""
