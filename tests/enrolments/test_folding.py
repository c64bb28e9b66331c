"""Text as it is searched and sorted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portefeuille.enrolments.folding import by_name, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L'Œuvre d'Été, S.A.R.L.", "l oeuvre d ete s a r l"),
        ("  ÉLODIE   Martin-L’Hôte ", "elodie martin l hote"),
        ("Ægir & Søn ©", "aegir son"),
        ("STRAßE", "strasse"),
        ("ﬁn", "fin"),
        ("Đorđe Łukasz", "dorde lukasz"),
        ("İstanbul", "istanbul"),
        ("e\u0301te\u0301", "ete"),
        ("100 % \\_ pur", "100 pur"),
        ("\u202f\u00a0\u200b", ""),
        ("北京", ""),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_what_is_folded_is_plain_words_and_folds_to_itself(text: str) -> None:
    folded = fold(text)
    assert re.fullmatch(r"|[0-9a-z]+( [0-9a-z]+)*", folded)
    assert fold(folded) == folded


@given(st.text(), st.text())
def test_words_fold_apart_as_they_fold_together(left: str, right: str) -> None:
    assert fold(f"{left} {right}").split() == [*fold(left).split(), *fold(right).split()]


@given(st.text(alphabet="abcéèàùîôçœæABCÉÈŒ'- 019"))
def test_case_and_accents_change_nothing(text: str) -> None:
    assert fold(text) == fold(text.upper()) == fold(text.lower())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Équipe", 1),
        ("équipe", 1),
        (" ÉQUIPE ", 1),
        ("Equipe", 2),
        ("E\u0301quipe", 1),
        ("equipe !", None),
        ("Paie +", 3),
        ("paie  +", 3),
        ("Paie -", 4),
        ("Paie", None),
        ("siege", 5),
        ("★", 6),
        ("☆", None),
        ("", None),
    ],
)
def test_a_name_is_never_taken_for_another(written: str, meant: int | None) -> None:
    names = ["Équipe", "Equipe", "Paie +", "Paie -", "Siège", "★"]
    assert by_name((name, place) for place, name in enumerate(names, 1))(written) == meant
