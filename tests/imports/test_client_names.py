"""What a firm's own file calls its clients: lines are shown by it."""

import pytest

from portefeuille.imports.client_names import name_places
from portefeuille.imports.headings import Column

ROWS = [["C001", "Martin", "Rose", "732829320"], ["C002", "Petit", "", ""]]


@pytest.mark.parametrize(
    ("headings", "places"),
    [
        (["Code", "Raison sociale", "Ville", "Siren"], [1]),
        (["Dossier", "Nom", "Prénom", "Siren"], [1, 2]),
        (["N°", "NOM", "Prénom", "Siren"], [1, 2]),
        (["N°", "Prénom", "Nom", "Siren"], [2, 1]),
        (["Code", "Nom du client", "Ville", "Siren"], [1]),
        (["Code", "Nom du collaborateur", "Ville", "Siren"], []),
        (["Code", "Client", "Nom", "Siren"], [2]),
        (["Code", "Client", "Ville", "Siren"], [1]),
        (["Code", "ASSURÉ", "Ville", "Siren"], [1]),
        (["Code", "Client depuis", "Ville", "Siren"], []),
        (["", "", "", ""], []),
        ([], []),
        (["Raison sociale"] * 9, [1]),
    ],
)
def test_the_columns_of_a_name(headings: list[str], places: list[int]) -> None:
    assert name_places(headings, [None] * len(headings), ROWS) == places


def test_a_column_that_is_something_else_or_holds_no_word_is_no_name() -> None:
    assert name_places(["Client", "Nom"], [Column.SIREN, None], ROWS) == [1]
    assert name_places(["Client", "Nom"], [None, None], [["0012", "Martin"], ["0013"]]) == [1]
    assert name_places(["Client"], [None], [["0012"], []]) == []
