"""The public pages, the choice of a firm, and the answer to whoever watches over the service."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portefeuille.backoffice.access import agent_access_of
from portefeuille.contributors.access import spaces_of
from portefeuille.firms import queries
from portefeuille.firms.queries import Standing


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home/home.html")


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "home/terms.html")


@login_not_required
@require_safe
def verify_certificate(request: HttpRequest) -> HttpResponse:
    return render(request, "home/verify_certificate.html")


@require_safe
def my_space(request: HttpRequest) -> HttpResponse:
    """The only place of the person (a firm, a client's space, the body's), or the choice.

    ``?choisir=1`` shows the choice even of one.
    """
    found = queries.firms_of(request.user.pk)
    firms = [place for place in found if place.state == Standing.ACTIVE]
    spaces = spaces_of(request.user.pk) if request.user.pk else []
    agent = agent_access_of(request.user.pk) if request.user.pk else None
    if len(found) + len(spaces) + bool(agent) == 1 and "choisir" not in request.GET:
        if agent:
            return redirect("office")
        if spaces:
            return redirect("client_space", space=spaces[0].space_uid)
        if firms:
            return redirect("dashboard", firm=firms[0].uid)
    waiting = [place for place in found if place.state != Standing.ACTIVE]
    return render(
        request, "home/my_space.html", {"firms": firms, "waiting": waiting, "spaces": spaces, "agent": agent}
    )


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 «ok» when the database answers, else 503, for a load balancer; reads no session."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("indisponible\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
