"""A client's answers about one firm: each is a question, then an act at once."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portefeuille.contributors.access import SpaceAccess
from portefeuille.enrolments import client_word, for_client
from portefeuille.enrolments.client_word import Answer, NotTheirs, TooLate
from portefeuille.enrolments.models import Enrolment
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.contributor.space_page import space_page
from portefeuille.web.space.wording import enrolment_name


@dataclass(frozen=True, slots=True)
class Question:
    """One act: the verb, the states it is for, and what the page says before and after. ``{firm}`` is the firm."""

    verb: Callable[..., Answer]
    states: tuple[str, ...]
    title: str
    meaning: str
    button: str
    done: str
    #: Gives access rather than taking it: whoever does it proves again who they are.
    widens: bool = False


QUESTIONS = {
    "accepter": Question(
        client_word.confirm,
        ("pending",),
        "Accepter {firm}",
        "Il pourra aussitôt agir pour vous, avec les services qu'il a choisis.",
        "Accepter ce cabinet",
        "{firm} peut maintenant agir pour vous.",
        widens=True,
    ),
    "refuser": Question(
        client_word.refuse,
        ("pending",),
        "Refuser {firm}",
        "Il n'aura accès à rien. Il en sera averti.",
        "Refuser ce cabinet",
        "La demande est refusée : {firm}.",
    ),
    "contester": Question(
        client_word.contest,
        ("active",),
        "Contester l'inscription faite par {firm}",
        "Il perd aussitôt tout accès. Vous pourrez le lui rendre ou mettre fin à l'inscription.",
        "Contester cette inscription",
        "L'inscription faite par {firm} est suspendue.",
    ),
    "ne-plus-contester": Question(
        client_word.withdraw_contest,
        ("contested",),
        "Ne plus contester l'inscription faite par {firm}",
        "Il retrouve aussitôt l'accès à ses services.",
        "Ne plus contester",
        "{firm} peut de nouveau agir pour vous.",
        widens=True,
    ),
    "mettre-fin": Question(
        client_word.end,
        ("active", "contested"),
        "Mettre fin à l'inscription faite par {firm}",
        "Il perd aussitôt tout accès, pour de bon. Pour revenir, il devra obtenir votre accord.",
        "Mettre fin à l'inscription",
        "L'inscription faite par {firm} est terminée.",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@space_page
def answer(request: HttpRequest, access: SpaceAccess, enrolment: UUID, act: str) -> HttpResponseBase:
    """Ask, and on POST act. What takes access away is never held up by another question."""
    question = QUESTIONS.get(act)
    if question is None:
        raise Http404
    page = recent_sign_in(_answer) if question.widens else _answer
    return page(request, access, enrolment, question)


def _answer(request: HttpRequest, access: SpaceAccess, enrolment: UUID, question: Question) -> HttpResponse:
    acting = for_client.firm_acting(access.speaker, enrolment)
    if acting is None:
        raise Http404
    if request.method == "POST":
        result = question.verb(speaker=access.speaker, enrolment=enrolment)
        if isinstance(result, NotTheirs):
            raise Http404
        if isinstance(result, TooLate):
            _say_too_late(request, result.state)
        else:
            notices.say_done(request, question.done.format(firm=acting.firm))
        return redirect("client_space_firm", space=access.space_uid, enrolment=enrolment)
    if acting.state not in question.states:
        _say_too_late(request, acting.state)
        return redirect("client_space_firm", space=access.space_uid, enrolment=enrolment)
    return render(
        request,
        "contributor/question.html",
        {
            "access": access,
            "acting": acting,
            "name": enrolment_name(acting),
            "title": question.title.format(firm=acting.firm),
            "meaning": question.meaning,
            "button": question.button,
            "kind": "" if question.widens else "danger",
            "here": request.path,
        },
    )


def _say_too_late(request: HttpRequest, state: str) -> None:
    label = str(Enrolment.State(state).label)
    notices.say_attention(request, f"Rien n'a été fait : cette inscription est maintenant {label}.")
