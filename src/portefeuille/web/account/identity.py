"""A person's name and identifier."""

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.people import changing, links
from portefeuille.people.changing import EmailTaken
from portefeuille.people.models import Link, User
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.parking import take_parked
from portefeuille.web.sign_in.fields import EmailAddress, Name


class NameForm(forms.Form):
    nom = Name(label="Prénom et nom", max_length=120, missing="Saisissez votre prénom et votre nom.")


class EmailForm(forms.Form):
    adresse = EmailAddress(label="Nouvelle adresse")


@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"nom": person.full_name})
    if request.method == "POST" and form.is_valid():
        changing.change_name(person=person, full_name=form.cleaned_data["nom"])
        notices.say_done(request, "Votre nom est enregistré.")
        return redirect("account")
    if (typed := take_parked(request)) is not None:
        form = NameForm(initial={"nom": typed.get("nom", "")})
    return render(request, "account/name.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def email(request: HttpRequest) -> HttpResponse:
    """Ask for a link to another address."""
    person = cast(User, request.user)
    form = EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["adresse"]
        if wanted == person.email:
            form.add_error("adresse", "C'est déjà votre identifiant. Saisissez une autre adresse.")
        elif changing.ask_email(person=person, email=wanted):
            notices.say_done(request, f"Un courriel part à {wanted}. Ouvrez le lien qu'il contient.")
            return redirect("account")
        else:
            form.add_error(None, "Trop de demandes. Attendez une heure, puis réessayez.")
    if (typed := take_parked(request)) is not None:
        form = EmailForm(initial={"adresse": typed.get("adresse", "")})
    return render(request, "account/email.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the new address: on POST it becomes the identifier."""
    person = cast(User, request.user)
    proven = links.look(Link.Purpose.CHANGE_EMAIL, token)
    if proven is None or not changing.is_theirs(person, proven):
        return render(request, "account/link_spent.html", {"again": reverse("account_email")}, status=404)
    if request.method == "POST":
        changed = changing.change_email(person=person, token=token, session=request.session)
        if not isinstance(changed, str):
            if isinstance(changed, EmailTaken):
                notices.say_refused(request, "Cette adresse ne peut plus servir. Choisissez-en une autre.")
            return redirect("account_email")
        notices.say_done(request, f"Votre identifiant est désormais {changed}.")
        return redirect("account")
    return render(request, "account/email_confirm.html", {"email": proven.email, "token": token})
