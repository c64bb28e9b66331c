"""What firms call their columns."""

import pytest

from portefeuille.imports.headings import Column, named, proposed, regime_words
from portefeuille.imports.wrapping import nir_with_its_key, number_among_words, plain_amount
from portefeuille.registry.models import Regime


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Siren", Column.SIREN),
        ("N° SIREN", Column.SIREN),
        ("siren_client", Column.SIREN),
        ("RCS", Column.SIREN),
        ("Siren/Siret", Column.SIRET),
        ("N°SIRET étab.", Column.SIRET),
        ("N° compte", Column.ACCOUNT),
        ("N° de compte URSSAF", Column.ACCOUNT),
        ("Nom du compte Urssaf", None),
        ("Cpte employeur", Column.ACCOUNT),
        ("numero_compte", Column.ACCOUNT),
        ("N° cotisant", Column.ACCOUNT),
        ("Régime", Column.REGIME),
        ("Type de compte", Column.REGIME),
        ("Montant", Column.AMOUNT),
        ("Montant à payer (€)", Column.AMOUNT),
        ("Dernière DSN - montant déclaré", Column.AMOUNT),
        ("Cotisations dues", Column.AMOUNT),
        ("Cotis. octobre", Column.AMOUNT),
        ("À régler", Column.AMOUNT),
        ("NIR", Column.NIR),
        ("N° Sécu", Column.NIR),
        ("N° sécurité sociale", Column.NIR),
        ("NSS", Column.NIR),
        ("n° ss", Column.NIR),
        ("n° INSEE", Column.NIR),
        ("Portefeuille", Column.PORTFOLIO),
        ("Modèle de services", Column.TEMPLATE),
        ("Résultat", Column.RESULT),
        ("Motif", Column.REASON),
        ("Raison sociale", None),
        ("Nom", None),
        ("Date d'échéance", None),
        ("Ville", None),
        ("État du compte", None),
        ("Service : Paiement des cotisations", None),
        ("Service : DPAE", None),
        ("Service", Column.TEMPLATE),
        ("", None),
        ("Siren " * 40, None),
    ],
)
def test_a_heading_names_a_column(heading: str, column: Column | None) -> None:
    assert named(heading) == column


def test_no_column_is_proposed_twice() -> None:
    assert proposed(["Siren", "Siren 2", "Montant", "Montant N-1"], []) == [Column.SIREN, None, Column.AMOUNT, None]


def test_the_firm_s_own_siren_is_on_every_line_and_not_taken() -> None:
    headings = ["Siren cabinet", "Siren client", "Compte"]
    rows = [["552100554", "732829320", "1"], ["552100554", "404833048", "2"]]
    assert proposed(headings, rows) == [None, Column.SIREN, Column.ACCOUNT]
    assert proposed(headings, rows[:1]) == [Column.SIREN, None, Column.ACCOUNT]
    assert proposed(["", "", ""], [[*row[:2], "x"] for row in rows]) == [None, Column.SIREN, None]


def test_an_amount_is_not_guessed_among_many() -> None:
    rows = [["732829320", "12,50", "14,00"], ["404833048", "7,00", "8,10"]]
    assert proposed(["Siren", "août", "septembre"], rows) == [Column.SIREN, None, None]
    assert proposed(["Siren", "août"], [row[:2] for row in rows]) == [Column.SIREN, Column.AMOUNT]
    assert proposed(["Siren", "août", "Montant"], rows) == [Column.SIREN, None, Column.AMOUNT]


def test_a_name_that_no_value_agrees_with_is_not_believed() -> None:
    assert proposed(["Immatriculation"], [["RCS Lyon 732 829 320"], ["Siren : 404 833 048"]]) == [Column.SIREN]
    assert proposed(["Immatriculation"], [["1850375123456"]]) == [Column.NIR]
    assert proposed(["N° Siren"], [["à demander"]]) == [Column.SIREN]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("RCS Lyon B 732 829 320", "732829320"),
        ("732 829 320 R.C.S. Lyon", "732829320"),
        ("Siren : 732.829.320", "732829320"),
        ("SIREN n°732829320 (siège)", "732829320"),
        ("732 829 320", "732829320"),
        ("732829320/00074", "73282932000074"),
        ("FR 12 732 829 320", "732829320"),
        ("fr12732829320", "732829320"),
        ("DE 12 732 829 320", "DE 12 732 829 320"),
        ("12/10/2026", "12/10/2026"),
        ("RCS Lyon 732 829 32", "RCS Lyon 732 829 32"),
        ("732829320 et 404833048", "732829320 et 404833048"),
        ("PR0000732829320", "PR0000732829320"),
        ("7328A9320", "7328A9320"),
        ("Lyon 3e, 732829320", "Lyon 3e, 732829320"),
        ("", ""),
    ],
)
def test_a_number_among_words(text: str, number: str) -> None:
    assert number_among_words(text, (9, 14)) == number


@pytest.mark.parametrize("text", ["1 82 03 75 123 456/42", "1 82 03 75 123 456 clé 42", "1820375123456 (42)"])
def test_a_nir_and_its_key_apart(text: str) -> None:
    assert nir_with_its_key(text).replace(" ", "") == "182037512345642"
    assert nir_with_its_key("1 82 03 75 123 456 42") == "1 82 03 75 123 456 42"
    assert nir_with_its_key("48 317,29 (42)") == "48 317,29 (42)"


@pytest.mark.parametrize(("text", "amount"), [("€ 1 234,56", "1 234,56"), ("1'234,56", "1234,56"), ("'12", "'12")])
def test_an_amount_as_others_write_it(text: str, amount: str) -> None:
    assert plain_amount(text) == amount


def test_the_columns_of_a_report_are_left_out() -> None:
    assert proposed(["Siren", "Résultat", "Motif"], [["1", "ajouté", ""]]) == [Column.SIREN, None, None]


@pytest.mark.parametrize(
    ("words", "regime"),
    [
        ("RG", Regime.GENERAL),
        ("Régime Général", Regime.GENERAL),
        ("employeur", Regime.GENERAL),
        ("Artisan Commerçant", Regime.CRAFT_TRADE),
        ("AC", Regime.CRAFT_TRADE),
        ("Profession libérale", Regime.LIBERAL),
        ("Profession libérale non réglementée", Regime.LIBERAL),
        ("PL", Regime.LIBERAL),
        ("Profession Libérale réglementée", Regime.REGULATED_LIBERAL),
        ("PAM", Regime.REGULATED_LIBERAL),
        ("Infirmière libérale", Regime.REGULATED_LIBERAL),
        ("Gérant majoritaire", Regime.MAJORITY_MANAGER),
        ("gérant majoritaire sans Siret", Regime.MAJORITY_MANAGER),
        ("autre chose", None),
        ("", None),
    ],
)
def test_words_for_a_regime(words: str, regime: Regime | None) -> None:
    assert regime_words(words) == regime


def test_every_regime_is_read_by_its_own_label_and_code() -> None:
    for regime in Regime:
        assert regime_words(regime.label) == regime
        assert regime_words(regime.value) == regime
