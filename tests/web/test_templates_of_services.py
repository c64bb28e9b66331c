"""Modèles: a named selection of the firm, kept while adding and used for the next client (R5)."""

from typing import Any

from bs4 import BeautifulSoup

from portefeuille.audit.models import Event
from portefeuille.catalogue.models import SelectionTemplate
from portefeuille.enrolments.models import Enrolment
from tests.cast import EMPLOYER, INDEPENDENT, Cast


def add(cast: Cast, browse: Any, who: str, **fields: Any) -> Any:
    firm = cast.firm_a.uid
    sent = {"fait": EMPLOYER.amount, "compte": EMPLOYER.account, "portefeuille": str(cast.employers.pk), **fields}
    return browse(who).post(f"/cabinets/{firm}/ajouter/siren/{EMPLOYER.siren}/regime-general/", sent)


def ticked(page: Any) -> set[str]:
    boxes = BeautifulSoup(page.content, "html.parser").select("input[type=checkbox][checked]")
    return {str(box["value"]) for box in boxes}


def test_a_selection_kept_while_adding_ticks_the_boxes_of_the_next_client(cast: Cast, browse: Any) -> None:
    assert add(cast, browse, "alice", services=["dpae", "suivi-dsn"], avis=["bis"], modele="Paie").status_code == 302
    template = SelectionTemplate.objects.get()
    assert Event.objects.get(verb="template.kept").after["services"] == ["dpae", "suivi-dsn"]
    other = f"/cabinets/{cast.firm_a.uid}/ajouter/siren/{INDEPENDENT.siren}/artisan-commercant/"
    assert ticked(browse("bob").get(other)) == set()
    # The follow-up of the DSN is not offered to an independent: it is not ticked there.
    assert ticked(browse("bob").get(other, {"modele": str(template.uid)})) == {"dpae", "bis"}
    foreign = f"/cabinets/{cast.firm_b.uid}/ajouter/siren/{INDEPENDENT.siren}/artisan-commercant/"
    assert ticked(browse("charlie").get(foreign, {"modele": str(template.uid)})) == set()


def test_only_administrators_keep_one(cast: Cast, browse: Any) -> None:
    assert add(cast, browse, "bob", services=["dpae"], modele="Paie").status_code == 302
    assert Enrolment.objects.count() == 1
    assert not SelectionTemplate.objects.exists()


def test_a_name_that_is_too_long_is_said_and_loses_nothing(cast: Cast, browse: Any) -> None:
    page = add(cast, browse, "alice", services=["dpae"], modele="x" * 61)
    assert "60 caractères au plus" in page.content.decode()
    assert ticked(page) >= {"dpae"}
    assert not Enrolment.objects.exists()
