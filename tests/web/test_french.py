"""The blanks that French holds: in what templates say, never in what variables bring nor in markup."""

import pytest
from django.test import Client

from portefeuille.web.french import spaced
from portefeuille.web.jinja import environment


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("Siren : 9 chiffres", "Siren\u00a0: 9 chiffres"),
        ("Mot de passe oublié ?", "Mot de passe oublié\u00a0?"),
        ("ce modèle « ", "ce modèle «\u00a0"),
        (" » est enregistré", "\u00a0» est enregistré"),
        ("cabinet :</dt>", "cabinet\u00a0:</dt>"),
        ('aria-label="Mon compte : "', 'aria-label="Mon compte\u00a0: "'),
        ('content="0; url=/"', 'content="0; url=/"'),
        ("12:30 ;-)", "12:30 ;-)"),
    ],
)
def test_blanks_are_held_where_french_holds_them(written: str, held: str) -> None:
    assert spaced(written) == held


def test_only_the_text_of_a_template_is_touched() -> None:
    template = environment().from_string("Nom : {{ 'a : b' if true else 'c ? d' }} ?")
    assert template.render() == "Nom\u00a0: a : b\u00a0?"


def test_a_page_is_spoken_so(db: None) -> None:
    assert "Mot de passe oublié\u00a0?" in Client().get("/connexion/").content.decode()
