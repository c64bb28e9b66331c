"""A firm opens its space: one link, one firm, one administrator, whoever else asks in the same second."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from portefeuille.audit.models import Event
from portefeuille.firms import opening, queries
from portefeuille.firms.access import access_of
from portefeuille.firms.admission import Decided, Decision, decide
from portefeuille.firms.models import Firm, JoinRequest, Member, PortfolioGrant
from portefeuille.firms.queries import Standing
from portefeuille.firms.results import AddressTaken, Applied, ApplyResult, LinkSpent
from portefeuille.outbox.models import Message
from portefeuille.people import links
from portefeuille.people.models import Link, User
from tests.cast import EMPLOYER, INDEPENDENT, PASSWORD, REGULATED, Cast
from tests.throttling.together import Crew
from tests.web.reading import rows

NADIA = "nadia@cabinet-neuf.example"


def link(email: str = NADIA, siren: str = INDEPENDENT.siren) -> str:
    return links.issue(Link.Purpose.OPEN_FIRM, email=email, payload={"siren": siren})


def applying(token: str) -> Callable[[], ApplyResult]:
    return partial(opening.apply, token=token, company="Élodie", full_name="Nadia Neuve", password=PASSWORD)


def test_a_new_person_opens_a_firm_that_waits_for_an_agent(cast: Cast) -> None:
    result = applying(link())()
    assert isinstance(result, Applied)
    assert result.firm is None
    firm = Firm.objects.get(siren=INDEPENDENT.siren)
    assert firm.state == Firm.State.PENDING
    member = firm.members.get()
    assert (member.user, member.role, member.second_factor_by) == (result.user, "administrator", None)
    assert result.user.check_password(PASSWORD)
    assert [portfolio.name for portfolio in firm.portfolios.all()] == ["Portefeuille principal"]
    assert access_of(result.user.pk, firm.uid) is None
    (place,) = queries.firms_of(result.user.pk)
    assert (place.siren, place.state) == (INDEPENDENT.siren, Standing.ASKED)
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"firm.applied", "member.added", "portfolio.created", "person.opened"} <= verbs
    assert Message.objects.get(recipient=NADIA).subject == "Votre demande est enregistrée"


def test_a_body_that_admits_at_once_lets_it_work(cast: Cast, settings: Any) -> None:
    settings.ADMISSION = "at_once"
    result = applying(link())()
    assert isinstance(result, Applied)
    assert result.firm is not None
    access = access_of(result.user.pk, result.firm)
    assert access is not None
    assert access.lacks_second_factor
    assert Message.objects.get(recipient=NADIA).subject == "Votre espace en ligne est ouvert"


def test_a_known_person_opens_a_second_firm(cast: Cast) -> None:
    bob = cast.users["bob"]
    result = opening.apply(token=link(bob.email), company="Élodie", user=bob)
    assert isinstance(result, Applied)
    assert Firm.objects.get(siren=INDEPENDENT.siren).members.get().user == bob


def test_a_link_opens_nothing_for_somebody_else(cast: Cast) -> None:
    token = link()
    before = rows()
    assert isinstance(opening.apply(token=token, company="Élodie", user=cast.users["bob"]), LinkSpent)
    assert rows() == before, "the link is its reader's still"


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "\x00", "é"])
def test_a_forged_link_does_nothing(cast: Cast, token: str) -> None:
    before = rows()
    assert isinstance(applying(token)(), LinkSpent)
    assert rows() == before


def test_a_firm_that_has_a_space_gets_the_request_instead(cast: Cast) -> None:
    Firm.objects.filter(pk=cast.firm_a.pk).update(siren=EMPLOYER.siren)
    for _ in range(2):  # asking twice adds nothing
        result = opening.apply(token=link(siren=EMPLOYER.siren), company="X", **_who(cast))
        assert isinstance(result, Applied)
        assert result.firm is None
    request = JoinRequest.objects.get()
    assert request.firm == cast.firm_a
    assert Firm.objects.filter(siren=EMPLOYER.siren).count() == 1
    assert not Member.objects.filter(user=result.user).exists()
    (place,) = queries.firms_of(result.user.pk)
    assert place.state is Standing.ASKED
    told = Message.objects.get(recipient="alice@alder.example")
    assert told.subject == "Une personne demande à rejoindre votre cabinet"
    assert NADIA not in told.body
    assert Event.objects.filter(verb="firm.join_asked").count() == 1


def _who(cast: Cast) -> dict[str, Any]:
    known = User.objects.filter(email=NADIA).first()
    return {"user": known} if known else {"full_name": "Nadia Neuve", "password": PASSWORD}


def test_a_member_who_asks_again_changes_nothing(cast: Cast) -> None:
    Firm.objects.filter(pk=cast.firm_a.pk).update(siren=EMPLOYER.siren)
    bob = cast.users["bob"]
    opening.apply(token=link(bob.email, EMPLOYER.siren), company="X", user=bob)
    assert not JoinRequest.objects.exists()
    assert PortfolioGrant.objects.filter(member__user=bob).count() == 1


def test_a_refused_firm_may_ask_again(cast: Cast) -> None:
    applying(link())()
    Firm.objects.filter(siren=INDEPENDENT.siren).update(state=Firm.State.REFUSED, reason="Ce n'est pas un cabinet.")
    nadia = User.objects.get(email=NADIA)
    assert queries.firms_of(nadia.pk)[0].reason == "Ce n'est pas un cabinet."
    assert isinstance(opening.apply(token=link(), company="Élodie", user=nadia), Applied)
    assert Firm.objects.filter(siren=INDEPENDENT.siren).count() == 2


def test_whoever_asked_to_join_a_firm_that_is_refused_gets_an_answer(cast: Cast) -> None:
    applying(link())()
    zoe, firm = cast.users["zoe"], Firm.objects.get(siren=INDEPENDENT.siren)
    opening.apply(token=link(zoe.email), company="Élodie", user=zoe)
    Message.objects.all().delete()
    decide(actor="agent:x", firm=firm.uid, decision=Decision.REFUSE, reason="Ce n'est pas un cabinet.")
    (place,) = queries.firms_of(zoe.pk)
    assert (place.state, place.reason) == (Standing.REFUSED, "")
    assert Message.objects.get(recipient=zoe.email).subject == "Votre demande n'est pas acceptée"
    request = JoinRequest.objects.get()
    assert (request.decided_at is not None, request.accepted) == (True, False)
    event = Event.objects.get(verb="firm.join_declined")
    assert (event.actor, event.subject) == ("agent:x", f"join_request:{request.uid}")


def test_a_firm_refused_in_the_same_second_is_in_nobodys_way(committed_cast: Cast, crew: Crew) -> None:
    applying(link())()
    firm = Firm.objects.get(siren=INDEPENDENT.siren)
    refuse = partial(decide, actor="agent:x", firm=firm.uid, decision=Decision.REFUSE, reason="Non.")
    results = crew.together([refuse] + [applying(link(f"nadia{n}@neuf.example")) for n in range(7)])
    assert all(isinstance(result, Applied | Decided) for result in results), results
    assert not JoinRequest.objects.filter(firm=firm, decided_at=None).exists()


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(8) as crew:
        yield crew


def test_of_eight_who_open_one_firm_in_the_same_second_one_wins(committed_cast: Cast, crew: Crew) -> None:
    results = crew.together([applying(link(f"nadia{n}@neuf.example")) for n in range(8)])
    assert all(isinstance(result, Applied) for result in results), results
    assert Firm.objects.filter(siren=INDEPENDENT.siren).count() == 1
    assert Member.objects.filter(firm__siren=INDEPENDENT.siren).count() == 1
    assert JoinRequest.objects.filter(firm__siren=INDEPENDENT.siren).count() == 7


def test_one_link_sent_eight_times_at_once_acts_once(committed_cast: Cast, crew: Crew) -> None:
    results = crew.together([applying(link())] + [applying(token) for token in [link()] * 7])
    # The first link and one of the seven equal ones race for one address: the others find their link spent.
    assert sum(isinstance(result, Applied) for result in results) == 1, results
    assert User.objects.filter(email=NADIA).count() == 1
    assert all(isinstance(result, Applied | LinkSpent | AddressTaken) for result in results)


def test_messages_to_one_address_are_counted(cast: Cast, settings: Any) -> None:
    settings.OPENING_BUDGETS = {"opening_address": [(5, 3600)], "opening_email": [(2, 3600)]}
    for n in range(3):
        assert opening.ask(siren=EMPLOYER.siren, email=NADIA, address=f"192.0.2.{n}")
    assert Message.objects.filter(recipient=NADIA).count() == 2
    for n in range(5):
        assert opening.ask(siren=EMPLOYER.siren, email=f"n{n}@x.example", address="198.51.100.1")
    with transaction.atomic():
        before = rows()
        assert not opening.ask(siren=EMPLOYER.siren, email="autre@x.example", address="198.51.100.1")
        assert rows() == before


def test_a_name_too_long_is_cut(cast: Cast) -> None:
    result = opening.apply(token=link(siren=REGULATED.siren), company="n" * 250, full_name="Nadia", password=PASSWORD)
    assert isinstance(result, Applied)
    assert len(Firm.objects.get(siren=REGULATED.siren).name) == 160
