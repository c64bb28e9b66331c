"""The second step of signing in: after the password, a code."""

from typing import cast

from allauth.account.stages import LoginStageController
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portefeuille.people import passkeys
from portefeuille.people.addresses import client_address
from portefeuille.people.models import User
from portefeuille.people.proofs import Verdict
from portefeuille.people.second_factor import code_verdict, factors_of
from portefeuille.people.stages import SecondFactorStage
from portefeuille.web.account.codes import SAID, WRONG_RECOVERY_CODE, CodeForm, RecoveryCodeForm
from portefeuille.web.account.going import goal_of, with_goal


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponseBase:
    """Ask for a code of whoever has just given their password; ``?secours=1`` asks for a recovery code."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(goal_of(request) or reverse("my_space"))
    stage = LoginStageController.enter(request, SecondFactorStage.key)
    person = cast(User | None, stage.login.user) if stage else None
    if stage is None or person is None or not person.is_active:
        return HttpResponseRedirect(with_goal(reverse("account_login"), goal_of(request)))
    by_passkey = request.method == "POST" and "cle_acces" in request.POST
    if by_passkey and passkeys.shown(request.session, request.POST["cle_acces"], person) is not None:
        return cast(HttpResponse, stage.exit())
    factors = factors_of(person.pk)
    recovery = "secours" in request.GET or factors.application is None
    kind = RecoveryCodeForm if recovery else CodeForm
    by_code = request.method == "POST" and not by_passkey
    form = kind(request.POST if by_code else None)
    if by_code and form.is_valid():
        verdict = code_verdict(person, form.cleaned_data["code"], client_address(request))
        if verdict is Verdict.RIGHT:
            return cast(HttpResponse, stage.exit())
        wrong_recovery = recovery and verdict is Verdict.WRONG
        form.refuse(WRONG_RECOVERY_CODE if wrong_recovery else SAID[verdict])
    context = {
        "form": form,
        "recovery": recovery,
        "factors": factors,
        "goal": goal_of(request),
        "with_goal": with_goal,
        "options": passkeys.to_sign_in(request.session, person) if factors.passkeys else "",
        "refused": by_passkey,
    }
    return render(request, "account/second_step.html", context)
