"""The doors of the back office: who asks, as which agent. There is no other door."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.backoffice.access import AgentAccess, agent_access_of
from portefeuille.web.account.compulsory import to_set_up
from portefeuille.web.account.recent import recent_sign_in

Page = Callable[..., HttpResponseBase]
View = Callable[Concatenate[HttpRequest, AgentAccess, ...], HttpResponseBase]


def _door(view: View, *, acting: bool) -> Page:
    @wraps(view)
    def page(request: HttpRequest, **address: Any) -> HttpResponseBase:
        # Sign-in is required before any view; the session knows the person without reading their row.
        agent = agent_access_of(cast(int, request.user.pk))
        if agent is None or (acting and not agent.may_act):
            raise Http404
        if not agent.has_second_factor:
            return to_set_up(request)
        return view(request, agent, **address)

    return page


def agent_page(view: View) -> Page:
    """A page that reads: give the view its agent; 404 for whoever is none.

    Without a second factor, which is compulsory for agents, the way leads to setting one up first.
    """
    return require_safe(_door(view, acting=False))


def acting_agent_page(view: View) -> Page:
    """A page that asks and acts: 404 for agents who only read too, and only for whoever has signed in just now."""
    return require_http_methods(["GET", "HEAD", "POST"])(_door(recent_sign_in(view), acting=True))


def acting_agent_file(view: View) -> Page:
    """A file for agents who act, and who have signed in just now."""
    return require_safe(_door(recent_sign_in(view), acting=True))


def searching_agent_page(view: View) -> Page:
    """A page that reads what a form says: what is sought must not stand in an address."""
    return require_http_methods(["GET", "HEAD", "POST"])(_door(view, acting=False))
