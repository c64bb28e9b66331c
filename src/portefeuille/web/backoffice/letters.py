"""Lettres and Courriels: the print queue, and what could not be sent."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from portefeuille.backoffice import letters
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.looking import seen
from portefeuille.backoffice.messages import MOST, health, retry_message
from portefeuille.backoffice.results import Done, NothingToDo
from portefeuille.web import notices
from portefeuille.web.backoffice.asking import Question, ask
from portefeuille.web.backoffice.door import acting_agent_file, acting_agent_page, agent_page
from portefeuille.web.jinja import pluriel


@agent_page
def show_queue(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    return render(
        request,
        "backoffice/letters.html",
        {"agent": agent, "queue": letters.queue(), "batches": letters.todays_batches(), "most": letters.MOST},
    )


@acting_agent_page
def print_queue(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    """Ask, and on POST print: the PDF is fetched from the queue's page, again if need be."""
    if request.method != "POST":
        waiting = letters.queue().waiting
        return ask(
            request,
            agent,
            Question(
                title="Imprimer les lettres",
                sentences=(
                    f"{pluriel(min(waiting, letters.MOST), 'lettre')} : un seul PDF, une lettre par page.",
                    "Elles seront marquées comme envoyées. Le PDF reste disponible jusqu'à ce soir.",
                ),
                button="Imprimer",
                back=reverse("office_letters"),
                back_label="Lettres",
                section="letters",
                kind="",
            ),
            None,
        )
    result = letters.print_letters(actor=agent.actor)
    if result.unaddressed:
        notices.say_attention(
            request, f"Sans adresse postale au référentiel : {pluriel(result.unaddressed, 'lettre')}. Voyez Courriels."
        )
    if isinstance(result, letters.Printed):
        notices.say_done(request, f"{pluriel(result.letters, 'lettre')} : le PDF est prêt.")
    elif not result.unaddressed:
        notices.say_attention(request, "Aucune lettre n'attend : un autre agent vient peut-être de les imprimer.")
    return redirect("office_letters")


@acting_agent_file
def batch(request: HttpRequest, agent: AgentAccess, batch: UUID) -> HttpResponse:
    """The PDF of a batch of today, as a file."""
    pdf = letters.content(batch)
    if pdf is None:
        raise Http404
    seen(agent, f"letters:{batch}")
    name = f"lettres-{timezone.localdate().isoformat()}-{str(batch)[:8]}.pdf"
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@agent_page
def show_messages(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    found = health()
    if found.dead:  # whom they were for, masked as it is
        seen(agent, "messages:dead", hits=len(found.dead))
    return render(request, "backoffice/messages.html", {"agent": agent, "health": found, "most": MOST})


@acting_agent_page
def try_again(request: HttpRequest, agent: AgentAccess, message: UUID) -> HttpResponse:
    if request.method != "POST":
        return ask(
            request,
            agent,
            Question(
                title="Renvoyer ce message",
                sentences=("Il attend de nouveau, comme s'il venait d'être écrit.",),
                button="Renvoyer",
                back=reverse("office_messages"),
                back_label="Courriels",
                section="messages",
                kind="",
            ),
            None,
        )
    result = retry_message(agent=agent, message=message)
    if isinstance(result, Done):
        notices.say_done(request, "Le message attend de nouveau d'être envoyé.")
    elif isinstance(result, NothingToDo):
        notices.say_attention(request, "Ce message n'est plus abandonné : il est envoyé, ou attend déjà.")
    else:
        raise Http404
    return redirect("office_messages")
