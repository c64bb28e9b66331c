"""Signing in by a provider: leaving for it, coming back, and what to do when that leads nowhere.

A page of ours stands between a form and the provider's page: a form that was redirected there would be held back by
the policy of our pages (``form-action 'self'``), through each site on the provider's own way.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.people import sessions
from portefeuille.people.models import User
from portefeuille.people.single_sign_on import attempts
from portefeuille.people.single_sign_on.attempts import Cancelled, Identity
from portefeuille.people.single_sign_on.linking import NoSpace, NotVerified, person_of
from portefeuille.people.single_sign_on.providers import Provider, provider_with
from portefeuille.people.single_sign_on.talking import Failed
from portefeuille.people.stages import BOTH_FACTORS
from portefeuille.web.single_sign_on import again
from portefeuille.web.single_sign_on.leaving import leave_for

log = logging.getLogger(__name__)


def _of_a_provider(
    view: Callable[Concatenate[HttpRequest, Provider, ...], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give a public view its ``Provider``; 404 for one that is not configured."""

    @login_not_required
    @wraps(view)
    def page(request: HttpRequest, provider: str) -> HttpResponseBase:
        found = provider_with(provider)
        if found is None:
            raise Http404
        return view(request, found)

    return page


@_of_a_provider
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, provider: Provider) -> HttpResponseBase:
    """A button, then the page that leaves for the provider's."""
    goal = get_next_redirect_url(request) or ""
    if request.user.is_authenticated:
        return HttpResponseRedirect(goal or reverse("my_space"))
    if request.method != "POST":
        return render(request, "single_sign_on/start.html", {"provider": provider, "goal": goal})
    try:
        address = attempts.begin(request, provider, goal)
    except Failed as failure:
        return _to_failed(provider, failure, goal)
    return leave_for(request, provider, address)


@_of_a_provider
@require_safe
def come_back(request: HttpRequest, provider: Provider) -> HttpResponseBase:
    """Where the provider sends the browser back to. It shows nothing itself: its address holds a code."""
    attempt = attempts.take(request, provider)
    if attempt is None:
        if request.user.is_authenticated:  # by the button of the browser, after it worked
            return HttpResponseRedirect(reverse("my_space"))
        return _to_failed(provider, Failed("no attempt of this browser"), "")
    if attempt.again:
        return again.come_back(request, provider, attempt)
    try:
        identity = attempts.end(provider, attempt, request.GET)
    except Failed as failure:
        return _to_failed(provider, failure, attempt.goal)
    if isinstance(identity, Cancelled):
        return HttpResponseRedirect(_with_goal(reverse("account_login"), attempt.goal))
    person = person_of(identity)
    if isinstance(person, NotVerified):
        return _to("sign_on_not_verified", provider, attempt.goal)
    if isinstance(person, NoSpace):
        return _to("sign_on_no_space", provider, attempt.goal)
    return _sign_in(request, person, identity, attempt.goal)


def _sign_in(request: HttpRequest, person: User, identity: Identity, goal: str) -> HttpResponseBase:
    """As after a password: the second factor is asked, unless the provider asked for one and its word is taken."""
    if request.user.is_authenticated and request.user.pk != person.pk:
        get_adapter(request).logout(request)  # somebody else's session ends with what it holds
    attempts.remember(request, identity, person.pk)
    record_authentication(request, person, "socialaccount", provider=identity.provider.id)
    state = {BOTH_FACTORS: True} if identity.second_factor else {}
    answer: HttpResponseBase = perform_login(request, Login(user=person, redirect_url=goal or None, state=state))
    if request.user.is_authenticated and not identity.is_recent:
        sessions.doubt(request.session)  # dangerous acts ask who it is
    return answer


@_of_a_provider
@require_safe
def failed(request: HttpRequest, provider: Provider) -> HttpResponse:
    return _outcome(request, provider, "single_sign_on/failed.html")


@_of_a_provider
@require_safe
def not_verified(request: HttpRequest, provider: Provider) -> HttpResponse:
    return _outcome(request, provider, "single_sign_on/not_verified.html")


@_of_a_provider
@require_safe
def no_space(request: HttpRequest, provider: Provider) -> HttpResponse:
    return _outcome(request, provider, "single_sign_on/no_space.html")


def _outcome(request: HttpRequest, provider: Provider, page: str) -> HttpResponse:
    """The same page for whoever opens it: it knows nothing of who was refused."""
    context: dict[str, Any] = {"provider": provider, "goal": get_next_redirect_url(request) or ""}
    return render(request, page, context)


def _to_failed(provider: Provider, failure: Failed, goal: str) -> HttpResponse:
    log.warning("sign-on by %s failed: %s", provider.id, failure)
    return _to("sign_on_failed", provider, goal)


def _to(outcome: str, provider: Provider, goal: str) -> HttpResponse:
    return HttpResponseRedirect(_with_goal(reverse(outcome, kwargs={"provider": provider.id}), goal))


def _with_goal(address: str, goal: str) -> str:
    return f"{address}?{urlencode({'next': goal})}" if goal else address
