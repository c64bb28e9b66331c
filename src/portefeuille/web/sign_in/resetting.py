"""«Mot de passe oublié»: a link to the address, then a new password; known and unknown ones are answered alike."""

from django import forms
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.people import changing, links
from portefeuille.people.addresses import client_address
from portefeuille.people.models import Link
from portefeuille.web import notices
from portefeuille.web.sign_in.fields import EmailAddress
from portefeuille.web.sign_in.new_password import NewPasswordForm

TOO_MANY = "Trop de demandes depuis votre connexion. Attendez une heure, puis réessayez."


class AskForm(forms.Form):
    identifiant = EmailAddress(label="Identifiant")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if changing.ask_reset(email=form.cleaned_data["identifiant"], address=client_address(request)):
            return redirect("reset_sent")
        form.add_error(None, TOO_MANY)
    return render(request, "account/reset_ask.html", {"form": form})


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "account/reset_sent.html")


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """The new password; on POST the link is used up. Signing in comes after, with its second step."""
    proven = links.look(Link.Purpose.RESET, token)
    person = changing.reader_of_reset(proven) if proven else None
    if person is None:
        return render(request, "account/link_spent.html", {"again": reverse("reset_ask")}, status=404)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        if changing.reset_password(token=token, password=form.cleaned_data["nouveau"]) is None:
            return render(request, "account/link_spent.html", {"again": reverse("reset_ask")}, status=404)
        if request.user.pk == person.pk:
            logout(request)  # this session ended with the others
        notices.say_done(request, "Votre mot de passe a changé. Connectez-vous avec le nouveau.")
        return redirect("account_login")
    return render(request, "account/reset_choose.html", {"form": form, "token": token, "email": person.email})
