"""Modifier (screen 7): the services of a client, and those of one establishment of an employer."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import actions, queries
from portefeuille.enrolments.policies import covered
from portefeuille.enrolments.queries import Client
from portefeuille.enrolments.results import ChangedMeanwhile, Gone
from portefeuille.firms.access import Access
from portefeuille.registry import queries as registry
from portefeuille.registry.models import Regime
from portefeuille.web import notices
from portefeuille.web.parking import take_parked
from portefeuille.web.space.boxes import notice_boxes, seal_of, selection_of, service_boxes, ticked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import enrolment_name, identifier, regime_label


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def change_client(request: HttpRequest, access: Access, enrolment: UUID) -> HttpResponse:
    """Show the selection of a client and, on POST, replace it."""
    client = _client_or_404(access, enrolment)
    return _change(request, access, client, present=client.shown, siret="")


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def change_establishment(request: HttpRequest, access: Access, enrolment: UUID, siret: str) -> HttpResponse:
    """The same for one establishment of an employer, whose selection may differ from the others' (R5)."""
    client = _client_or_404(access, enrolment)
    if client.regime is not Regime.GENERAL or siret not in _establishments(client):
        raise Http404
    present = covered(client.portfolio, queries.selection_at(client, siret))
    return _change(request, access, client, present=present, siret=siret)


def _client_or_404(access: Access, enrolment: UUID) -> Client:
    client = queries.client(access, enrolment)
    if client is None:
        raise Http404
    return client


def _establishments(client: Client) -> tuple[str, ...]:
    """The Sirets of an employer's accounts, when there are several to choose between."""
    if client.regime is not Regime.GENERAL or client.accounts < 2:
        return ()
    line = registry.line(client.subject)
    return line.sirets if line else ()


def _change(request: HttpRequest, access: Access, client: Client, *, present: Selection, siret: str) -> HttpResponse:
    meanwhile = False
    shown = present
    if request.method == "POST":
        if not client.may_manage:
            raise Http404
        wished = ticked(client.regime, request.POST)
        result = actions.change(
            access=access,
            enrolment=client.uid,
            selection=wished,
            seen=selection_of(request.POST.get("vu", "")) or present,
            siret=siret,
        )
        if isinstance(result, Gone):
            raise Http404
        if not isinstance(result, ChangedMeanwhile):
            return _saved(request, access, client, nothing_new=result.nothing_new)
        meanwhile, shown, present = True, wished, result.present
    elif parked := take_parked(request):
        shown = ticked(client.regime, parked)
        notices.say_attention(request, "Vous êtes de nouveau connecté. Vérifiez vos choix, puis enregistrez.")
    sirets = _establishments(client)
    return render(
        request,
        "clients/change.html",
        {
            "access": access,
            "client": client,
            "may_move": client.may_end and (access.is_administrator or len(access.entire_ids) > 1),
            "siret": siret,
            "title": enrolment_name(client),
            "regime_label": regime_label(client.regime),
            "identifier": identifier(client),
            "service_boxes": service_boxes(client.regime, shown.services, client.portfolio.services),
            "notice_boxes": notice_boxes(client.regime, shown.notices),
            "seen": seal_of(present),
            "meanwhile": meanwhile,
            "establishments": sirets,
            "has_space": client.has_space,
            "overridden": queries.overridden(client) if sirets else set(),
        },
    )


def _saved(request: HttpRequest, access: Access, client: Client, *, nothing_new: bool) -> HttpResponseRedirect:
    done = "Rien n'a changé" if nothing_new else "Les services sont enregistrés"
    notices.say_done(request, f"{done} : {client.name}, {enrolment_name(client)}.")
    return redirect(reverse("clients", kwargs={"firm": access.firm_uid}))
