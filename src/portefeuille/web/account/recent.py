"""Dangerous acts are for whoever proved a short while ago that they are who they are."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from portefeuille.people import sessions
from portefeuille.web.account.going import with_goal
from portefeuille.web.parking import park

View = Callable[..., HttpResponseBase]


def recent_sign_in(view: View) -> View:
    """Ask who it is once more, unless they proved it within ``REAUTHENTICATION``; then lead back to this address.

    A form sent meanwhile is never acted on: it is parked, for the view to show again with ``take_parked``. So the view
    must answer GET. It stands under ``require_http_methods`` and ``firm_page``, over the view itself:

        @require_http_methods(["GET", "HEAD", "POST"])
        @firm_page
        @recent_sign_in
        def remove(request, access, member): …
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if sessions.recently_proved(request.session):
            return view(request, *args, **kwargs)
        question = with_goal(reverse("confirm"), request.get_full_path())
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": question})
        if request.method == "POST":
            park(request, owner=str(request.user.pk))
        return HttpResponseRedirect(question)

    return page
