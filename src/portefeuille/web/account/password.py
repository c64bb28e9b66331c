"""Another password, for who knows the present one."""

from typing import cast

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portefeuille.people import changing, sessions
from portefeuille.people.models import User
from portefeuille.people.proofs import Verdict, password_verdict
from portefeuille.web import notices
from portefeuille.web.account.confirming import SAID
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.sign_in.new_password import NewPasswordForm


class ChangePasswordForm(NewPasswordForm):
    mot_de_passe = forms.CharField(
        label="Mot de passe actuel",
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput,
        error_messages={
            "required": "Saisissez votre mot de passe actuel.",
            "max_length": SAID[Verdict.WRONG],
            "null_characters_not_allowed": SAID[Verdict.WRONG],
        },
    )
    field_order = ("mot_de_passe", "nouveau")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponseBase:
    person = cast(User, request.user)
    # Who signs in by other means has none to give: they prove who they are as before any dangerous act.
    return _change(request) if person.has_usable_password() else _first(request)


def _change(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        verdict = password_verdict(person, form.cleaned_data["mot_de_passe"])
        if verdict is Verdict.RIGHT:
            return _done(request, person, form.cleaned_data["nouveau"])
        form.add_error("mot_de_passe", SAID[verdict])
    return render(request, "account/password.html", {"form": form, "known": True})


@recent_sign_in
def _first(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        return _done(request, person, form.cleaned_data["nouveau"])
    return render(request, "account/password.html", {"form": form, "known": False})


def _done(request: HttpRequest, person: User, password: str) -> HttpResponse:
    changing.change_password(person=person, password=password, session=request.session)
    update_session_auth_hash(request, person)
    sessions.prove(request.session)
    notices.say_done(request, "Votre mot de passe a changé. Vos autres sessions sont fermées.")
    return redirect("account")
