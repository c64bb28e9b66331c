"""Adding a passkey."""

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portefeuille.people import devices, passkeys, second_factor
from portefeuille.people.models import User
from portefeuille.web import notices
from portefeuille.web.account import recovery
from portefeuille.web.account.going import goal_of
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.sign_in.fields import Name

REFUSED = "Cette clé n'a pas pu être vérifiée. Réessayez."


class PasskeyForm(forms.Form):
    nom = Name(label="Nom de la clé", max_length=60, missing="Donnez un nom à cette clé.")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def add(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    goal = goal_of(request)
    browser = devices.described(request.headers.get("User-Agent", ""))
    form = PasskeyForm(request.POST if request.method == "POST" else None, initial={"nom": browser})
    if request.method == "POST":
        # Read first, whatever the name: a challenge serves once.
        data = passkeys.registered(request.session, request.POST.get("cle_acces", ""))
        if data is None:
            form.add_error(None, REFUSED)
        elif form.is_valid():
            added = second_factor.add_passkey(
                person=person, name=form.cleaned_data["nom"], data=data, session=request.session
            )
            notices.say_done(request, "Votre clé d'accès sert désormais à vous connecter.")
            return recovery.after(request, added.codes, goal)
    options = passkeys.to_register(request.session, person)
    return render(request, "account/passkey.html", {"form": form, "goal": goal, "options": options})
