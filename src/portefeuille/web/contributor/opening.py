"""Ouvrir votre espace, for a client: a link to the person, a code to the address of record, and both together.

A letter takes days, and the link a day at most: ``/espace-client/code/`` sends another link without another code.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.contributors import opening
from portefeuille.contributors.opening import AddressTaken, LinkSpent, TooMany, WrongCode
from portefeuille.people import links
from portefeuille.people.addresses import client_address
from portefeuille.people.models import Link
from portefeuille.web import notices
from portefeuille.web.contributor.forms import OpenAsKnownPerson, OpenAsNewPerson, OpeningForm
from portefeuille.web.sign_in.bearer import Bearer, reader_of
from portefeuille.web.sign_in.new_person import enter

TOO_MANY = "Trop de demandes depuis votre connexion. Attendez une heure, puis réessayez."
TOO_MANY_CODES = "Trop de codes faux depuis votre connexion. Attendez une heure, puis réessayez."
WRONG = (
    "Ce code ne convient pas. Vérifiez-le sur le dernier message reçu, et que l'adresse est celle qui l'a demandé."
    " Après cinq essais, il faut en demander un autre."
)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Who, and where to write: whoever is known, the answer is the same page."""
    return _ask(request, code=True)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """The code is there, the link is too old: another link."""
    return _ask(request, code=False)


def _ask(request: HttpRequest, *, code: bool) -> HttpResponse:
    form = OpeningForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        admitted = opening.ask(
            **form.holder, email=form.cleaned_data["courriel"], address=client_address(request), code=code
        )
        if admitted:
            return redirect("client_space_sent" if code else "client_space_link_sent")
        form.add_error(None, TOO_MANY)
    return render(request, "contributor/ask.html", {"form": form, "code": code, "here": request.path})


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "contributor/sent.html", {"code": True})


@login_not_required
@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "contributor/sent.html", {"code": False})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_space(request: HttpRequest, token: str) -> HttpResponse:
    """The code and the person; on POST, with the right code, the link is used up and the space is theirs."""
    proven = links.look(Link.Purpose.OPEN_CLIENT_SPACE, token)
    if proven is None:
        return _spent(request)
    reader = reader_of(request, proven.email)
    form: OpenAsNewPerson | OpenAsKnownPerson
    if reader.kind is Bearer.NEW:
        form = OpenAsNewPerson(_posted(request), email=proven.email)
    else:
        form = OpenAsKnownPerson(_posted(request))
    if request.method == "POST" and reader.kind in (Bearer.NEW, Bearer.SELF) and form.is_valid():
        result = opening.open_space(
            token=token,
            code=form.cleaned_data["code"],
            address=client_address(request),
            user=reader.user,
            full_name=form.cleaned_data.get("nom", ""),
            password=form.cleaned_data.get("mot_de_passe", ""),
        )
        if isinstance(result, LinkSpent):
            return _spent(request)
        if isinstance(result, AddressTaken):
            return redirect("client_space_link", token=token)
        if isinstance(result, WrongCode):
            form.add_error("code", WRONG)
        elif isinstance(result, TooMany):
            form.add_error(None, TOO_MANY_CODES)
        else:
            if reader.kind is Bearer.NEW:
                enter(request, result.person)
            notices.say_done(request, "Votre espace est ouvert.")
            return redirect("client_space", space=result.space)
    return render(
        request,
        "contributor/open.html",
        {
            "form": form,
            "siren": proven.payload["siren"],
            "account_number": proven.payload["account_number"],
            "email": proven.email,
            "reader": reader.kind,
            "here": request.path,
        },
    )


def _posted(request: HttpRequest) -> QueryDict | None:
    """What a form binds: an empty form that was sent is a form with everything missing."""
    return request.POST if request.method == "POST" else None


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "contributor/spent.html", status=404)
