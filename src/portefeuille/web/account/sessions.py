"""«Mes sessions»: where a person is signed in, and signing each out.

A session that was stolen must not be able to sign its owner out: who it is is asked before.
"""

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.people import changing, sessions
from portefeuille.people.models import User
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    return render(request, "account/sessions.html", {"sessions": sessions.of(person.pk, request.session)})


@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def end(request: HttpRequest, session: UUID) -> HttpResponse:
    """Sign one browser out; a session of somebody else's, or ended already, is ended."""
    person = cast(User, request.user)
    if request.method == "POST" and changing.end_session(person=person, uid=session):
        notices.say_done(request, "La session est fermée.")
    return redirect("account_sessions")


@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def end_others(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    if request.method == "POST":
        ended = changing.end_other_sessions(person=person, session=request.session)
        notices.say_done(request, "Vos autres sessions sont fermées." if ended else "Vous n'avez pas d'autre session.")
    return redirect("account_sessions")
