"""«Confirmer que c'est vous»: asked before dangerous acts (``recent_sign_in``).

Any way by which the person signs in will do: their password, a code of their application, a passkey or, for whoever
has no password, the provider of single sign-on (``web/single_sign_on/again.py``).
"""

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portefeuille.people import passkeys, sessions
from portefeuille.people.addresses import client_address
from portefeuille.people.models import User
from portefeuille.people.proofs import Verdict, password_verdict
from portefeuille.people.second_factor import code_verdict, factors_of
from portefeuille.people.single_sign_on.linking import links_of
from portefeuille.web.account.codes import SAID as SAID_OF_CODE
from portefeuille.web.account.codes import CodeForm
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
    """Ask for one of the person's proofs; when it is right, lead to ``next``.

    A proof that the person does not have is judged like a wrong one, and counted where it can be guessed.
    """
    person = cast(User, request.user)
    goal = goal_of(request) or reverse("account")
    sent = request.POST if request.method == "POST" else None
    by_passkey = sent is not None and "cle_acces" in sent
    by_code = sent is not None and not by_passkey and "code" in sent
    password = PasswordForm(None if by_passkey or by_code else sent)
    code = CodeForm(sent if by_code else None)
    if sent is not None and (
        passkeys.shown(request.session, sent["cle_acces"], person) is not None
        if by_passkey
        else _code_is_right(request, person, code)
        if by_code
        else _password_is_right(person, password)
    ):
        sessions.prove(request.session)
        # Whoever knows the key of this session from before does not share what it may do now.
        request.session.cycle_key()
        return HttpResponseRedirect(goal)
    factors = factors_of(person.pk)
    has_password = person.has_usable_password()
    context: dict[str, Any] = {
        "password": password if has_password else None,
        "code": code if factors.application else None,
        "options": passkeys.to_sign_in(request.session, person) if factors.passkeys else "",
        "providers": [] if has_password else [link.provider for link in links_of(person) if link.provider],
        "refused_key": by_passkey,
        "goal": goal,
    }
    return render(request, "account/confirm.html", context)


def _password_is_right(person: User, form: PasswordForm) -> bool:
    if not form.is_valid():
        return False
    verdict = password_verdict(person, form.cleaned_data["mot_de_passe"])
    if verdict is not Verdict.RIGHT:
        form.add_error("mot_de_passe", SAID[verdict])
    return verdict is Verdict.RIGHT


def _code_is_right(request: HttpRequest, person: User, form: CodeForm) -> bool:
    if not form.is_valid():
        return False
    verdict = code_verdict(person, form.cleaned_data["code"], client_address(request))
    if verdict is not Verdict.RIGHT:
        form.refuse(SAID_OF_CODE[verdict])
    return verdict is Verdict.RIGHT
