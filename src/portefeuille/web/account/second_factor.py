"""«Double authentification»: what a person has besides their password, and setting it up."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.people import second_factor, totp
from portefeuille.people.models import User
from portefeuille.people.proofs import Verdict
from portefeuille.people.second_factor import LastOne, Removed, WrongCode
from portefeuille.web import notices
from portefeuille.web.account import recovery
from portefeuille.web.account.codes import SAID, CodeForm
from portefeuille.web.account.compulsory import must_have_one
from portefeuille.web.account.going import goal_of, with_goal
from portefeuille.web.account.recent import recent_sign_in

_SECRET = "second_factor_secret"  # noqa: S105 - where the session keeps it, sealed


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What there is; for whoever came by a door that wants one, what to choose from."""
    person = cast(User, request.user)
    context = {
        "factors": second_factor.factors_of(person.pk),
        "compulsory": must_have_one(person.pk),
        "goal": goal_of(request),
        "with_goal": with_goal,
    }
    return render(request, "account/second_factor.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def application(request: HttpRequest) -> HttpResponse:
    """Show the secret of a new application, and take it when the application's code is right."""
    person = cast(User, request.user)
    goal = goal_of(request)
    secret = _secret(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        result = second_factor.add_application(
            person=person, secret=secret, code=form.cleaned_data["code"], session=request.session
        )
        if not isinstance(result, WrongCode):
            request.session.pop(_SECRET, None)
            notices.say_done(request, "Votre application sert désormais à vous connecter.")
            return recovery.after(request, result.codes, goal)
        form.refuse(SAID[Verdict.OTHER_TIME if result.other_time else Verdict.WRONG])
    size, drawn = totp.qr_path(totp.address(secret, person.email))
    context = {"form": form, "goal": goal, "size": size, "drawn": drawn, "secret": _grouped(secret)}
    return render(request, "account/application.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def remove(request: HttpRequest, factor: int) -> HttpResponse:
    """Ask, then remove an application or a passkey."""
    person = cast(User, request.user)
    factors = second_factor.factors_of(person.pk)
    every = [*factors.passkeys, *([factors.application] if factors.application else [])]
    chosen = next((one for one in every if one.id == factor), None)
    if chosen is None:
        raise Http404
    if request.method == "POST":
        result = second_factor.remove(
            person=person, factor_id=factor, compulsory=must_have_one(person.pk), session=request.session
        )
        if isinstance(result, LastOne):
            notices.say_refused(
                request, "Vous devez garder un moyen de double authentification. Ajoutez-en un autre d'abord."
            )
        elif isinstance(result, Removed):
            notices.say_done(request, f"{chosen.name}\u00a0: ce moyen ne sert plus à vous connecter.")
        return redirect("second_factor")
    return render(request, "account/remove_factor.html", {"factor": chosen, "last": factors.count == 1})


def _secret(request: HttpRequest) -> str:
    """The secret that the person is setting up: the same until it is taken, in every tab."""
    secret = totp.opened(request.session.get(_SECRET, ""))
    if secret is None:
        secret = totp.new_secret()
        request.session[_SECRET] = totp.sealed(secret)
    return secret


def _grouped(secret: str) -> str:
    """In groups of four, to be typed."""
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
