"""They go through with what is proposed: nobody has to say what a column is, nor to correct a client."""

from typing import Any

import pytest

from portefeuille.imports import queries
from portefeuille.imports.models import Import
from tests.cast import Cast
from tests.imports import journey, messy
from tests.web.reading import form_of, text
from tests.web.test_imports import address, send

FILES = {name: (content, clients) for name, content, clients in messy.every()}


def test_there_are_more_than_ten() -> None:
    assert len(FILES) == 17


@pytest.mark.parametrize("name", FILES)
def test_a_spreadsheet_goes_through_without_help(cast: Cast, browse: Any, name: str) -> None:
    content, clients = FILES[name]
    bob = browse("bob")
    answer = send(cast, bob, content)
    assert answer.status_code == 302, text(answer)
    answer = bob.post(answer["Location"], form_of(bob.get(answer["Location"])))
    assert answer.status_code == 302, text(answer)
    here = answer["Location"]
    journey.work_to_the_end()
    page = bob.get(here)
    assert f"Ajouter {clients} client" in text(page), text(page)
    assert bob.post(f"{here}lancer/", form_of(page)).status_code == 302
    journey.work_to_the_end()
    of = Import.objects.get()
    told = journey.results(of)
    assert [result for result, _ in told].count("ajouté") == clients, told
    assert f"{clients} client" in text(bob.get(here))
    assert queries.outcomes(of)[queries.Outcome.REFUSED] == 0
    assert address(cast) in here
