"""Each look of an agent at personal data is one line of the trail; what the pages cost does not grow with the rows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portefeuille.audit.models import Event
from portefeuille.backoffice.models import Agent
from portefeuille.firms.models import Firm
from portefeuille.people.models import User
from portefeuille.registry.models import Account
from portefeuille.sealing import seal
from tests.cast import CANARY_NIRS, EMPLOYER, MANAGER, Cast
from tests.web.matrix import Scene
from tests.web.reading import rows, text

#: What is opened, and the line that says so.
LOOKS = {
    "office_firm": "firm:",
    "office_account": "account:",
    "office_person": "person:",
    "office_found": "search:siren",
    "office_batch": "letters:",
    "office_agents": "agents:all",
    "office_messages": "messages:dead",
}


@pytest.mark.parametrize("route", LOOKS)
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_look_at_personal_data_is_one_line_of_the_trail(scene: Scene, browse: Any, route: str, method: str) -> None:
    browser = browse("ada")
    thing = "A" if route == "office_firm" else "-"
    before = Event.objects.count()
    assert getattr(browser, method)(scene.address(route, thing)).status_code == 200
    event = Event.objects.order_by("-pk")[0]
    assert Event.objects.count() == before + 1
    assert (event.verb, event.actor) == ("agent.data_seen", f"agent:{Agent.objects.get(user__full_name='Ada').uid}")
    assert event.subject.startswith(LOOKS[route])
    assert event.chain == (scene.cast.firm_a.pk if route == "office_firm" else 0)
    for client in (EMPLOYER, MANAGER):
        assert client.account not in f"{event.subject} {event.after}"


def test_without_the_trail_nothing_is_shown(scene: Scene, browse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("portefeuille.audit.trail.record", fail)
    browser = browse("ida")
    browser.raise_request_exception = False
    assert browser.get(scene.address("office_person", "-")).status_code == 500


def test_what_is_sought_never_stands_in_an_address(browse: Any) -> None:
    browser = browse("ida")
    for typed in (MANAGER.account, "bob@alder.example", "ornano"):
        answer = browser.post("/organisme/chercher/", {"cherche": typed})
        assert answer.status_code == 302
        assert typed not in answer["Location"]
        assert browser.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("nir", CANARY_NIRS)
def test_a_nir_is_not_sought(browse: Any, nir: str) -> None:
    browser = browse("ida")
    before = rows()
    answer = browser.post("/organisme/chercher/", {"cherche": nir})
    assert answer.status_code == 200
    assert "ne se cherche pas ici" in text(answer)
    assert rows() == before


def test_a_forged_search_or_budget_is_not_there(scene: Scene, browse: Any) -> None:
    browser = browse("ada")
    for forged in ("x", seal("another-purpose", b"siren\n732829320"), "x" * 3000):
        assert browser.get(f"/organisme/chercher/{forged}/").status_code == 404
        assert browser.get(f"/organisme/essais/{forged}/").status_code == 404


def test_an_agent_without_second_factor_sets_one_up_first(cast: Cast, browse: Any) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.all().delete()
    answer = browse("ada").get("/organisme/cabinets/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("second_factor"))
    assert "next=" in answer["Location"]


def test_acts_ask_who_it_is_again_after_a_while(scene: Scene, browse: Any) -> None:
    browser = browse("ada")
    session = browser.session
    session["proved_at"] = 0
    session.save()
    address = scene.address("office_decide", "A")
    before = rows()
    answer = browser.post(address, {"motif": "Impayés"})
    assert answer["Location"].startswith(reverse("confirm"))
    assert rows() == before
    session = browser.session
    session["proved_at"] = 2_000_000_000
    session.save()
    assert "Impayés" in text(browser.get(address))


@pytest.mark.parametrize("typed", ["", "  ", "\x00", "x" * 501, "NIR 1 82 03 75 123 456 91", "1 234,56 € dus"])
def test_a_reason_is_asked_for_and_keeps_nothing_private(scene: Scene, browse: Any, typed: str) -> None:
    browser = browse("ada")
    before = rows()
    answer = browser.post(scene.address("office_decide", "A"), {"motif": typed})
    assert answer.status_code == 200
    assert 'id="id_motif-erreur"' in answer.content.decode()
    assert rows() == before


#: Statements of each page, the session, the person and the agent among them; an event of the trail is one, in two
#: statements of its transaction.
PAGES: dict[str, Callable[[Cast], str]] = {
    "home": lambda cast: "/organisme/",
    "firms": lambda cast: "/organisme/cabinets/",
    "firms, found": lambda cast: "/organisme/cabinets/?q=cabinet",
    "firm": lambda cast: f"/organisme/cabinets/{cast.firm_a.uid}/",
    "account": lambda cast: f"/organisme/comptes/{Account.objects.get(number=EMPLOYER.account).pk}/",
    "person": lambda cast: f"/organisme/personnes/{cast.users['bob'].uid}/",
    "search": lambda cast: f"/organisme/chercher/{seal('backoffice-search', b'name' + chr(10).encode() + b'alder')}/",
    "letters": lambda cast: "/organisme/lettres/",
    "messages": lambda cast: "/organisme/courriels/",
    "catalogue": lambda cast: "/organisme/catalogue/",
    "flat rates": lambda cast: "/organisme/forfaits/",
    "agents": lambda cast: "/organisme/agents/",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_the_same_whatever_the_rows(cast: Cast, browse: Any, name: str) -> None:
    browser, address = browse("ida"), PAGES[name](cast)
    cast.enrol(EMPLOYER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address).status_code == 200
        return len(captured)

    queries()
    first = queries()
    cast.enrol(EMPLOYER, who="charlie")
    Firm.objects.bulk_create(Firm(name=f"Cabinet {n}") for n in range(120))
    User.objects.bulk_create(User(email=f"p{n}@alder.example", full_name=f"Alder {n}") for n in range(60))
    Agent.objects.bulk_create(Agent(user=user) for user in User.objects.filter(full_name__startswith="Alder "))
    assert queries() == first
    assert first <= 15
