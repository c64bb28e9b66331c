"""À traiter: what waits for an agent, as counted links."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portefeuille.backoffice import queries
from portefeuille.backoffice.access import AgentAccess
from portefeuille.web.backoffice.door import agent_page


@agent_page
def show(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    return render(request, "backoffice/home.html", {"agent": agent, "waiting": queries.waiting()})
