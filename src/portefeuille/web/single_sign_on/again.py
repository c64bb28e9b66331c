"""Proving again who one is, by the provider that one signs in by: for whoever has no password here."""

import logging
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.people import sessions
from portefeuille.people.models import User
from portefeuille.people.single_sign_on import attempts
from portefeuille.people.single_sign_on.attempts import Attempt, Cancelled
from portefeuille.people.single_sign_on.linking import is_linked, links_of
from portefeuille.people.single_sign_on.providers import Provider, provider_with
from portefeuille.people.single_sign_on.talking import Failed
from portefeuille.web.account.going import goal_of, with_goal
from portefeuille.web.notices import say_refused
from portefeuille.web.single_sign_on.leaving import leave_for

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Leave for the provider's page, which asks who it is even if it remembers; 404 for one without a link."""
    person = cast(User, request.user)
    chosen = provider_with(provider)
    if chosen is None or all(link.provider != chosen for link in links_of(person)):
        raise Http404
    if request.method != "POST":
        return _question(goal_of(request))
    try:
        address = attempts.begin(request, chosen, goal_of(request), again=person.pk)
    except Failed as failure:
        return _refused(request, chosen, goal_of(request), failure)
    return leave_for(request, chosen, address)


def come_back(request: HttpRequest, provider: Provider, attempt: Attempt) -> HttpResponse:
    """Note the proof in the session, where the provider asked the same person a moment ago; else say why not."""
    if request.user.pk != attempt.again:  # signed out meanwhile, or somebody else
        return _question(attempt.goal)
    try:
        identity = attempts.end(provider, attempt, request.GET)
    except Failed as failure:
        return _refused(request, provider, attempt.goal, failure)
    if isinstance(identity, Cancelled):
        return _question(attempt.goal)
    if not is_linked(identity, attempt.again):
        say_refused(request, f"Cette identité {provider.name} n'est pas celle de votre espace.")
        return _question(attempt.goal)
    if not identity.is_recent:
        say_refused(request, f"{provider.name} ne vous a pas redemandé qui vous êtes. Réessayez.")
        return _question(attempt.goal)
    sessions.prove(request.session)
    request.session.cycle_key()
    return HttpResponseRedirect(attempt.goal or reverse("account"))


def _refused(request: HttpRequest, provider: Provider, goal: str, failure: Failed) -> HttpResponse:
    log.warning("confirmation by %s failed: %s", provider.id, failure)
    say_refused(request, f"{provider.name} n'a pas pu nous répondre. Réessayez dans quelques minutes.")
    return _question(goal)


def _question(goal: str) -> HttpResponse:
    return HttpResponseRedirect(with_goal(reverse("confirm"), goal))
