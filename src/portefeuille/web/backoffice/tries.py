"""Essais ratés: the budgets that somebody has drawn on, and giving them back."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.budgets import Budget, lift
from portefeuille.backoffice.results import Done
from portefeuille.sealing import seal, unseal
from portefeuille.web import notices
from portefeuille.web.backoffice.asking import Question, ask, may_go_on, reason_form
from portefeuille.web.backoffice.door import acting_agent_page

_PURPOSE = "backoffice-budget"
_SECONDS = 12 * 3600


def with_links(found: list[Budget], back: str, back_label: str) -> list[tuple[Budget, str]]:
    """Each budget with the address of the page that lifts it: sealed, since a key is nobody's to choose."""
    return [(budget, reverse("office_lift", kwargs={"token": _seal(budget, back, back_label)})) for budget in found]


def _seal(budget: Budget, back: str, back_label: str) -> str:
    said = [budget.name, budget.label, budget.key.hex(), budget.subject, budget.chain, back, back_label]
    return seal(_PURPOSE, json.dumps(said).encode())


@acting_agent_page
def lift_budget(request: HttpRequest, agent: AgentAccess, token: str) -> HttpResponse:
    """Ask for the reason, and on POST give the budget back whole."""
    said = unseal(_PURPOSE, token, seconds=_SECONDS) if len(token) < 3000 else None
    if said is None:
        raise Http404
    name, label, key, subject, chain, back, back_label = json.loads(said)
    question = Question(
        title=f"Rendre les essais : {label}",
        sentences=("Tous les essais sont rendus. Le journal garde votre motif.",),
        button="Rendre les essais",
        back=back,
        back_label=back_label,
        section="find",
        help="Comment vous savez que ces essais étaient de bonne foi.",
        kind="",
    )
    form = reason_form(request, question)
    if form is None or not may_go_on(request, form):
        return ask(request, agent, question, form)
    budget = Budget(name, label, bytes.fromhex(key), subject, chain)
    result = lift(agent=agent, budget=budget, reason=form.cleaned_data["motif"])
    if isinstance(result, Done):
        notices.say_done(request, f"Les essais sont rendus : {label}.")
    else:
        notices.say_attention(request, "Il n'y avait plus rien à rendre : tous les essais sont là.")
    return redirect(back)
