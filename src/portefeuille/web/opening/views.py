"""Créer votre espace en ligne, for a firm: the address first, then the firm, the person and the terms."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.firms import opening
from portefeuille.firms.results import AddressTaken, LinkSpent
from portefeuille.people import links
from portefeuille.people.addresses import client_address
from portefeuille.people.models import Link
from portefeuille.registry.public_companies import public_company
from portefeuille.web import notices
from portefeuille.web.opening.forms import KnownPersonForm, OpeningForm
from portefeuille.web.sign_in.bearer import Bearer, reader_of
from portefeuille.web.sign_in.new_person import NewPersonForm, enter

TOO_MANY = "Trop de demandes depuis votre connexion. Attendez une heure, puis réessayez."


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Which firm, which address: whoever is known, the answer is the same page."""
    form = OpeningForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        sent = opening.ask(
            siren=form.cleaned_data["siren"], email=form.cleaned_data["courriel"], address=client_address(request)
        )
        if sent:
            return redirect("create_space_sent")
        form.add_error(None, TOO_MANY)
    return render(request, "opening/ask.html", {"form": form})


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "opening/sent.html")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_firm(request: HttpRequest, token: str) -> HttpResponse:
    """The firm as the register has it, the person, the terms; on POST the link is used up and the request kept."""
    proven = links.look(Link.Purpose.OPEN_FIRM, token)
    if proven is None:
        return _spent(request)
    reader = reader_of(request, proven.email)
    company = public_company(str(proven.payload["siren"]))
    form: NewPersonForm | KnownPersonForm
    if reader.kind is Bearer.NEW:
        form = NewPersonForm(_posted(request), email=proven.email)
    else:
        form = KnownPersonForm(_posted(request))
    may_send = company is not None and reader.kind in (Bearer.NEW, Bearer.SELF)
    if request.method == "POST" and company and may_send and form.is_valid():
        result = opening.apply(
            token=token,
            company=company.name,
            user=reader.user,
            full_name=form.cleaned_data.get("nom", ""),
            password=form.cleaned_data.get("mot_de_passe", ""),
        )
        if isinstance(result, LinkSpent):
            return _spent(request)
        if isinstance(result, AddressTaken):
            return redirect("open_firm", token=token)
        if reader.kind is Bearer.NEW:
            enter(request, result.user)
        if result.firm is not None:
            notices.say_done(request, "L'espace de votre cabinet est ouvert.")
            return redirect("dashboard", firm=result.firm)
        notices.say_done(request, "Votre demande est enregistrée.")
        return redirect("my_space")
    return render(
        request,
        "opening/open_firm.html",
        {
            "form": form,
            "company": company,
            "siren": proven.payload["siren"],
            "email": proven.email,
            "reader": reader.kind,
            "here": request.path,
        },
    )


def _posted(request: HttpRequest) -> QueryDict | None:
    """What a form binds: an empty form that was sent is a form with everything missing."""
    return request.POST if request.method == "POST" else None


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "opening/spent.html", status=404)
