"""Cabinets: the list, the page of one, and what the body decides about it."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from portefeuille.backoffice import budgets
from portefeuille.backoffice import firms as reads
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.history import history
from portefeuille.backoffice.looking import seen
from portefeuille.firms.admission import STEPS, Decided, Decision, decide, possible
from portefeuille.firms.models import Firm
from portefeuille.web import notices
from portefeuille.web.backoffice.asking import Question, ask, may_go_on, reason_form
from portefeuille.web.backoffice.door import acting_agent_page, agent_page
from portefeuille.web.backoffice.paging import page_of
from portefeuille.web.backoffice.tries import with_links
from portefeuille.web.backoffice.words import sentence

_STATES = {"en-attente": Firm.State.PENDING, "actif": Firm.State.ACTIVE, "suspendu": Firm.State.SUSPENDED,
           "refuse": Firm.State.REFUSED}  # fmt: skip

#: The word of each decision in an address, and on its button.
SLUGS: Mapping[str, Decision] = {
    "admettre": Decision.ADMIT,
    "refuser": Decision.REFUSE,
    "suspendre": Decision.SUSPEND,
    "retablir": Decision.REINSTATE,
}
BUTTONS: Mapping[Decision, str] = {
    Decision.ADMIT: "Admettre",
    Decision.REFUSE: "Refuser",
    Decision.SUSPEND: "Suspendre",
    Decision.REINSTATE: "Rétablir",
}
_HAPPENS: Mapping[Decision, tuple[str, ...]] = {
    Decision.ADMIT: ("Le cabinet peut aussitôt ajouter des clients.", "Ses administrateurs en sont prévenus."),
    Decision.REFUSE: ("Le cabinet n'aura pas d'espace. Il pourra faire une autre demande.",),
    Decision.SUSPEND: (
        "Plus personne n'y a accès dès la prochaine page.",
        "Ses inscriptions restent, sans aucun effet, et reviennent s'il est rétabli.",
    ),
    Decision.REINSTATE: ("Le cabinet retrouve ses clients tels qu'ils étaient.",),
}
_DONE: Mapping[Decision, str] = {
    Decision.ADMIT: "est admis",
    Decision.REFUSE: "est refusé",
    Decision.SUSPEND: "est suspendu",
    Decision.REINSTATE: "est rétabli",
}


@agent_page
def show_all(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    """All firms, by name; filtered by state, or found by Siren or part of a name."""
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    slug = request.GET.get("etat", "")
    page = reads.firms(text=text, state=_STATES.get(slug), number=page_of(request.GET))

    def query(number: int) -> str:
        said = {"q": text.strip(), "etat": slug if slug in _STATES else "", "page": number if number > 1 else ""}
        return f"?{urlencode({name: value for name, value in said.items() if value})}"

    return render(
        request,
        "backoffice/firms.html",
        {
            "agent": agent,
            "page": page,
            "text": text,
            "state": slug if slug in _STATES else "",
            "states": [(slug, state.label.capitalize()) for slug, state in _STATES.items()],
            "previous": query(page.number - 1) if page.number > 1 else "",
            "next": query(page.number + 1) if page.has_next else "",
        },
    )


@agent_page
def show(request: HttpRequest, agent: AgentAccess, firm: UUID) -> HttpResponse:
    sheet = _sheet_or_404(firm)
    seen(agent, f"firm:{sheet.uid}", chain=sheet.id)
    return render(
        request,
        "backoffice/firm.html",
        {
            "agent": agent,
            "firm": sheet,
            "decisions": [(_slug(decision), BUTTONS[decision], decision) for decision in possible(sheet.state)],
            "budgets": with_links(
                budgets.of_firm(sheet), reverse("office_firm", kwargs={"firm": sheet.uid}), sheet.name
            ),
            "happened": history([f"firm:{sheet.uid}"]),
            "sentence": sentence,
        },
    )


@acting_agent_page
def decide_about(request: HttpRequest, agent: AgentAccess, firm: UUID, decision: Decision) -> HttpResponse:
    """Ask, with the reason that the firm will read, and on POST decide."""
    sheet = _sheet_or_404(firm)
    here = reverse("office_firm", kwargs={"firm": sheet.uid})
    if request.method != "POST" and STEPS[decision].before != sheet.state:
        return _too_late(request, sheet.name, Firm.State(sheet.state), here)
    question = Question(
        title=f"{BUTTONS[decision]} {sheet.name}",
        sentences=_HAPPENS[decision],
        button=BUTTONS[decision],
        back=here,
        back_label=sheet.name,
        section="firms",
        help="Le cabinet lit ce motif." if STEPS[decision].with_reason else "",
        kind="danger" if STEPS[decision].with_reason else "",
    )
    form = reason_form(request, question)
    if not may_go_on(request, form):
        return ask(request, agent, question, form)
    result = decide(
        actor=agent.actor, firm=sheet.uid, decision=decision, reason=form.cleaned_data["motif"] if form else ""
    )
    if isinstance(result, Decided):
        notices.say_done(request, f"Le cabinet {result.name} {_DONE[decision]}. Ses administrateurs sont prévenus.")
        return redirect(here)
    return _too_late(request, sheet.name, result.state, here)


def _slug(decision: Decision) -> str:
    return next(slug for slug, known in SLUGS.items() if known is decision)


def _sheet_or_404(uid: UUID) -> reads.FirmSheet:
    sheet = reads.firm_sheet(uid)
    if sheet is None:
        raise Http404
    return sheet


def _too_late(request: HttpRequest, name: str, state: Firm.State | None, here: str) -> HttpResponseRedirect:
    said = f" Son état est maintenant : {state.label}." if state else ""
    notices.say_attention(request, f"Rien n'a été fait : l'état du cabinet {name} ne le permet pas.{said}")
    return redirect(here)
