"""Signing in with a passkey and nothing else: it is something one has, and checks its owner."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portefeuille.people import passkeys
from portefeuille.people.addresses import client_address
from portefeuille.people.proofs import Verdict, judged, spending_of, spent
from portefeuille.people.stages import BOTH_FACTORS
from portefeuille.web.account.going import goal_of

UNKNOWN = "Cette clé n'ouvre aucun espace. Essayez-en une autre, ou votre mot de passe."
TOO_MANY = "Trop d'essais depuis votre connexion. Attendez cinq minutes, puis réessayez."


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    goal = goal_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(goal or reverse("my_space"))
    said = ""
    if request.method == "POST":
        spending = spending_of("sign_in_address", client_address(request))
        if spent(spending):
            said = TOO_MANY
        else:
            with transaction.atomic():
                found = passkeys.shown(request.session, request.POST.get("cle_acces", ""))
                right = found is not None and found.checked_owner
                verdict = judged(spending, right=right)
            if found is not None and verdict is Verdict.RIGHT:
                login = Login(user=found.person, redirect_url=goal or None, state={BOTH_FACTORS: True})
                return perform_login(request, login)
            said = TOO_MANY if verdict is Verdict.TOO_MANY else UNKNOWN
    options = passkeys.to_sign_in(request.session)
    return render(request, "account/passkey_sign_in.html", {"options": options, "goal": goal, "said": said})
