"""Une personne: what she is here, how she signs in, and how an agent helps her."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portefeuille.backoffice import budgets, helping
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.history import history
from portefeuille.backoffice.looking import seen
from portefeuille.backoffice.people import PersonSheet, person_sheet
from portefeuille.backoffice.results import ActResult, Done, NothingToDo
from portefeuille.web import notices
from portefeuille.web.backoffice.asking import Question, ask, may_go_on, reason_form
from portefeuille.web.backoffice.door import acting_agent_page, agent_page
from portefeuille.web.backoffice.tries import with_links
from portefeuille.web.backoffice.words import sentence


@dataclass(frozen=True, slots=True)
class Help:
    """An act on a person: its verb, what happens, and what is said once it is done."""

    verb: Callable[..., ActResult]
    button: str
    happens: tuple[str, ...]
    done: str


_CHECKED = "Vérifiez d'abord l'identité de la personne, par un moyen que votre organisme admet."
#: By the word of the address.
ACTS: Mapping[str, Help] = {
    "retirer-double-authentification": Help(
        helping.remove_factors,
        "Retirer la double authentification",
        (_CHECKED, "La personne en choisira une autre à sa prochaine connexion."),
        "La double authentification est retirée.",
    ),
    "deconnecter": Help(
        helping.sign_out,
        "Terminer les sessions",
        (_CHECKED, "Toutes ses sessions se terminent, sur tous ses appareils."),
        "Toutes les sessions sont terminées.",
    ),
    "fermer": Help(
        helping.close_person,
        "Fermer l'identifiant",
        ("La personne ne peut plus se connecter, dès la prochaine page.",),
        "L'identifiant est fermé.",
    ),
    "rouvrir": Help(
        helping.reopen_person,
        "Rouvrir l'identifiant",
        (_CHECKED, "La personne peut se connecter comme avant."),
        "L'identifiant est rouvert.",
    ),
}


@agent_page
def show(request: HttpRequest, agent: AgentAccess, person: UUID) -> HttpResponse:
    sheet = _sheet_or_404(person)
    seen(agent, f"person:{sheet.uid}")
    return render(
        request,
        "backoffice/person.html",
        {
            "agent": agent,
            "person": sheet,
            "acts": _acts(agent, sheet),
            "budgets": with_links(
                budgets.of_person(sheet), reverse("office_person", kwargs={"person": sheet.uid}), sheet.name
            ),
            "happened": history([f"person:{sheet.uid}"]),
            "sentence": sentence,
        },
    )


def _acts(agent: AgentAccess, sheet: PersonSheet) -> list[tuple[str, str]]:
    """The acts that make sense now: (word of the address, button)."""
    if not agent.may_act or sheet.id == agent.user_id:
        return []
    wanted = ["fermer" if sheet.is_active else "rouvrir"]
    if sheet.factors:
        wanted.insert(0, "retirer-double-authentification")
    if sheet.sessions:
        wanted.insert(0, "deconnecter")
    return [(slug, ACTS[slug].button) for slug in wanted]


@acting_agent_page
def help_person(request: HttpRequest, agent: AgentAccess, person: UUID, act: str) -> HttpResponse:
    """Ask, with the reason that the trail keeps, and on POST do it."""
    sheet = _sheet_or_404(person)
    if act not in ACTS or sheet.id == agent.user_id:
        raise Http404
    chosen = ACTS[act]
    here = reverse("office_person", kwargs={"person": sheet.uid})
    question = Question(
        title=f"{chosen.button} : {sheet.name}",
        sentences=chosen.happens,
        button=chosen.button,
        back=here,
        back_label=sheet.name,
        section="find",
        help="Il est conservé au journal : comment vous avez vérifié l'identité, qui a demandé.",
    )
    form = reason_form(request, question)
    if form is None or not may_go_on(request, form):
        return ask(request, agent, question, form)
    result = chosen.verb(agent=agent, person=sheet.uid, reason=form.cleaned_data["motif"])
    if isinstance(result, Done):
        notices.say_done(request, f"{chosen.done} {sheet.name} en est prévenu par courriel.")
    elif isinstance(result, NothingToDo):
        notices.say_attention(request, "Il n'y avait plus rien à faire : c'est déjà ainsi.")
    else:
        raise Http404
    return redirect(here)


def _sheet_or_404(uid: UUID) -> PersonSheet:
    sheet = person_sheet(uid)
    if sheet is None:
        raise Http404
    return sheet
