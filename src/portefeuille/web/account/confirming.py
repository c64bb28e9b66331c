"""«Confirmer que c'est vous»: asked before dangerous acts (``recent_sign_in``)."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portefeuille.people import sessions
from portefeuille.people.models import User
from portefeuille.people.proofs import Verdict, password_verdict
from portefeuille.web.account.going import goal_of

SAID = {
    Verdict.WRONG: "Mot de passe incorrect.",
    Verdict.TOO_MANY: "Trop d'essais. Attendez cinq minutes, puis réessayez.",
}


class PasswordForm(forms.Form):
    mot_de_passe = forms.CharField(
        label="Mot de passe",
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput,
        error_messages={
            "required": "Saisissez votre mot de passe.",
            "max_length": SAID[Verdict.WRONG],
            "null_characters_not_allowed": SAID[Verdict.WRONG],
        },
    )


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the password; when it is right, lead to ``next``."""
    person = cast(User, request.user)
    goal = goal_of(request) or reverse("account")
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        verdict = password_verdict(person, form.cleaned_data["mot_de_passe"])
        if verdict is Verdict.RIGHT:
            sessions.prove(request.session)
            return HttpResponseRedirect(goal)
        form.add_error("mot_de_passe", SAID[verdict])
    context: dict[str, Any] = {"form": form, "goal": goal}
    return render(request, "account/confirm.html", context)
