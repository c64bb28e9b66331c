"""Agents: who they are, and what each may do."""

from collections.abc import Mapping
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.actions import change_agent
from portefeuille.backoffice.looking import seen
from portefeuille.backoffice.people import AgentRow, agents
from portefeuille.backoffice.results import Done, NothingToDo
from portefeuille.web import notices
from portefeuille.web.backoffice.asking import Question, ask
from portefeuille.web.backoffice.door import acting_agent_page, agent_page

#: By the word of the address: the button, what happens, and what changes.
ACTS: Mapping[str, tuple[str, str, dict[str, bool]]] = {
    "laisser-agir": ("Laisser agir", "Cet agent pourra admettre, suspendre, aider et corriger.", {"may_act": True}),
    "laisser-consulter": ("Laisser consulter", "Cet agent consultera encore, sans rien modifier.", {"may_act": False}),
    "fermer-acces": ("Fermer l'accès", "Cet agent n'entre plus, dès la prochaine page.", {"active": False}),
    "rouvrir-acces": ("Rouvrir l'accès", "Cet agent entre de nouveau, avec les droits qu'il avait.", {"active": True}),
}


@agent_page
def show(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    seen(agent, "agents:all")
    rows = [(row, _acts(agent, row)) for row in agents()]
    return render(request, "backoffice/agents.html", {"agent": agent, "rows": rows})


def _acts(agent: AgentAccess, row: AgentRow) -> list[tuple[str, str]]:
    """The acts that make sense now: (word of the address, button)."""
    if not agent.may_act or row.uid == agent.uid:
        return []
    wanted = ["rouvrir-acces"]
    if row.active:
        wanted = ["laisser-consulter" if row.may_act else "laisser-agir", "fermer-acces"]
    return [(slug, ACTS[slug][0]) for slug in wanted]


@acting_agent_page
def change(request: HttpRequest, agent: AgentAccess, other: UUID, act: str) -> HttpResponse:
    row = next((row for row in agents() if row.uid == other), None)
    if row is None or act not in ACTS or row.uid == agent.uid:
        raise Http404
    button, happens, wanted = ACTS[act]
    if request.method != "POST":
        question = Question(
            title=f"{button} : {row.name}",
            sentences=(happens,),
            button=button,
            back=reverse("office_agents"),
            back_label="Agents",
            section="agents",
            kind="danger" if act in ("laisser-consulter", "fermer-acces") else "",
        )
        return ask(request, agent, question, None)
    result = change_agent(agent=agent, uid=row.uid, **wanted)
    if isinstance(result, Done):
        notices.say_done(request, f"C'est fait pour {row.name}, dès sa prochaine page.")
    elif isinstance(result, NothingToDo):
        notices.say_attention(request, f"Rien n'a changé : c'est déjà ainsi pour {row.name}.")
    else:
        raise Http404
    return redirect("office_agents")
