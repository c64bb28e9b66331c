"""Agents: made by a command, who may act, and the firms and people that they decide about."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from portefeuille.audit.models import Event
from portefeuille.backoffice.access import agent_access_of
from portefeuille.backoffice.actions import change_agent, create_agent
from portefeuille.backoffice.helping import close_person, remove_factors, reopen_person, sign_out
from portefeuille.backoffice.models import Agent
from portefeuille.backoffice.results import Done, NotAllowed, NothingToDo
from portefeuille.enrolments.models import Enrolment
from portefeuille.firms.access import access_of
from portefeuille.firms.admission import Decided, Decision, NotNow, decide
from portefeuille.firms.models import Firm
from portefeuille.outbox.models import Message
from tests.cast import EMPLOYER, Cast
from tests.web.reading import rows


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """The answers of acts that start together, each over a connection of its own."""
    start, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers[place] = act()
        finally:
            connection.close()

    crew = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return answers


def test_a_suspended_firm_has_no_access_and_comes_back_as_it_was(cast: Cast) -> None:
    cast.enrol(EMPLOYER)
    enrolments = list(Enrolment.objects.order_by("pk").values())
    uid = cast.firm_a.uid
    assert decide(actor="agent:x", firm=uid, decision=Decision.SUSPEND, reason="Impayés") == Decided("Cabinet Alder")
    assert access_of(cast.users["alice"].pk, uid) is None
    told = Message.objects.get(subject="Votre espace en ligne est suspendu")
    assert told.recipient == "alice@alder.example"
    assert "Impayés" in told.body
    assert decide(actor="agent:x", firm=uid, decision=Decision.SUSPEND, reason="x") == NotNow(Firm.State.SUSPENDED)
    assert decide(actor="agent:x", firm=uid, decision=Decision.REINSTATE) == Decided("Cabinet Alder")
    assert access_of(cast.users["alice"].pk, uid) is not None
    assert list(Enrolment.objects.order_by("pk").values()) == enrolments
    assert Firm.objects.get(uid=uid).reason == ""
    said = Event.objects.filter(chain=cast.firm_a.pk, verb__startswith="firm.").order_by("seq")
    assert [event.verb for event in said] == ["firm.created", "firm.suspended", "firm.reinstated"]
    assert said[1].after == {"state": "suspended", "reason": "Impayés"}


@pytest.mark.parametrize("state", Firm.State)
@pytest.mark.parametrize("decision", Decision)
def test_each_decision_starts_from_one_state(cast: Cast, state: Firm.State, decision: Decision) -> None:
    from_one = {Decision.ADMIT: "pending", Decision.REFUSE: "pending", Decision.SUSPEND: "active"}
    Firm.objects.filter(pk=cast.firm_b.pk).update(state=state)
    before = rows()
    result = decide(actor="agent:x", firm=cast.firm_b.uid, decision=decision, reason="Motif")
    if state == from_one.get(decision, "suspended"):
        assert isinstance(result, Decided)
    else:
        assert result == NotNow(state)
        assert rows() == before


def test_of_two_agents_who_decide_at_once_one_does(committed_cast: Cast) -> None:
    uid = committed_cast.firm_b.uid
    Firm.objects.filter(uid=uid).update(state="pending")
    answers = at_once(
        lambda: decide(actor="agent:x", firm=uid, decision=Decision.ADMIT),
        lambda: decide(actor="agent:y", firm=uid, decision=Decision.REFUSE, reason="Non"),
        lambda: decide(actor="agent:z", firm=uid, decision=Decision.ADMIT),
    )
    assert sum(isinstance(answer, Decided) for answer in answers) == 1
    assert Event.objects.filter(verb__in=["firm.admitted", "firm.refused"]).count() == 1


def test_an_agent_is_made_with_a_line_of_the_trail(db: None) -> None:
    made = create_agent(
        actor="command:agent-create", email="New@Organisme.example", full_name="Neuve", password="x", may_act=True
    )
    assert made.user.email == "new@organisme.example"
    assert Event.objects.get().verb == "agent.added"
    access = agent_access_of(made.user.pk)
    assert access is not None
    assert not access.has_second_factor


def test_rights_are_given_by_others_who_act(cast: Cast, agent: Any) -> None:
    ida, ada = agent("ida"), agent("ada")
    before = rows()
    assert isinstance(change_agent(agent=ida, uid=ada.uid, may_act=False), NotAllowed)
    assert isinstance(change_agent(agent=ada, uid=ada.uid, may_act=False), NotAllowed)
    assert isinstance(change_agent(agent=ada, uid=ida.uid, may_act=False), NothingToDo)
    assert rows() == before
    assert isinstance(change_agent(agent=ada, uid=ida.uid, may_act=True), Done)
    assert agent("ida").may_act
    assert isinstance(change_agent(agent=ada, uid=ida.uid, active=False), Done)
    assert agent_access_of(cast.users["ida"].pk) is None


def test_two_agents_who_take_each_others_right_leave_one_who_acts(committed_cast: Cast) -> None:
    Agent.objects.update(may_act=True)
    ida = agent_access_of(committed_cast.users["ida"].pk)
    ada = agent_access_of(committed_cast.users["ada"].pk)
    assert ida is not None
    assert ada is not None
    answers = at_once(
        lambda: change_agent(agent=ida, uid=ada.uid, may_act=False),
        lambda: change_agent(agent=ada, uid=ida.uid, may_act=False),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Done", "NotAllowed"]
    assert Agent.objects.filter(may_act=True).count() == 1


def test_a_person_is_helped_and_told(cast: Cast, agent: Any) -> None:
    bob, ada = cast.users["bob"], agent("ada")
    Authenticator.objects.create(user=bob, type="totp", data={"secret": ""})
    assert isinstance(remove_factors(agent=agent("ida"), person=bob.uid, reason="Vu"), NotAllowed)
    assert isinstance(remove_factors(agent=ada, person=ada_uid(cast), reason="Moi"), NotAllowed)
    assert isinstance(remove_factors(agent=ada, person=bob.uid, reason="Carte vue au guichet"), Done)
    assert isinstance(remove_factors(agent=ada, person=bob.uid, reason="Carte vue au guichet"), NothingToDo)
    assert not Authenticator.objects.filter(user=bob).exists()
    assert Event.objects.get(verb="person.factor_removed").after == {"reason": "Carte vue au guichet"}
    assert isinstance(close_person(agent=ada, person=bob.uid, reason="Départ"), Done)
    assert isinstance(close_person(agent=ada, person=bob.uid, reason="Départ"), NothingToDo)
    assert isinstance(reopen_person(agent=ada, person=bob.uid, reason="Retour"), Done)
    assert [m.recipient for m in Message.objects.order_by("pk")] == ["bob@alder.example"] * 3


def test_sessions_end_everywhere(cast: Cast, browse: Any, agent: Any) -> None:
    first, second = browse("bob"), browse("bob")
    address = f"/cabinets/{cast.firm_a.uid}/"
    assert [browser.get(address).status_code for browser in (first, second)] == [200, 200]
    assert isinstance(sign_out(agent=agent("ida"), person=cast.users["bob"].uid, reason="x"), NotAllowed)
    assert isinstance(sign_out(agent=agent("ada"), person=cast.users["bob"].uid, reason="Appareil volé"), Done)
    assert isinstance(sign_out(agent=agent("ada"), person=cast.users["bob"].uid, reason="Appareil volé"), NothingToDo)
    assert [browser.get(address).status_code for browser in (first, second)] == [302, 302]


def ada_uid(cast: Cast) -> Any:
    return cast.users["ada"].uid


def test_a_closed_person_is_out_at_the_next_request(cast: Cast, browse: Any, agent: Any) -> None:
    browser = browse("bob")
    address = f"/cabinets/{cast.firm_a.uid}/"
    assert browser.get(address).status_code == 200
    close_person(agent=agent("ada"), person=cast.users["bob"].uid, reason="Départ")
    assert browser.get(address)["Location"].startswith("/connexion/")
