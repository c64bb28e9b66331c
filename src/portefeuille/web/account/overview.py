"""«Mon compte»: what a person may change about how they sign in."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portefeuille.people import sessions
from portefeuille.people.models import User
from portefeuille.people.second_factor import factors_of


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    context = {"factors": factors_of(person.pk), "sessions": sessions.of(person.pk, request.session)}
    return render(request, "account/overview.html", context)
