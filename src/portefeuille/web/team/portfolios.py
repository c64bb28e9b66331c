"""Portefeuilles: the firm's sets of clients, who was given each, and what becomes of the clients of one that goes."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portefeuille.enrolments.holding import clients_of_portfolios
from portefeuille.enrolments.taking_over import LastPortfolio, remove_portfolio
from portefeuille.firms import portfolios, queries
from portefeuille.firms.access import Access, Granted
from portefeuille.firms.results import Done, NameTaken
from portefeuille.firms.rights import Rights, RightsChangedMeanwhile
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.parking import take_parked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.team import choices
from portefeuille.web.team.doors import administrators_only
from portefeuille.web.team.forms import PortfolioForm
from portefeuille.web.team.members import BACK

TAKEN = "Votre cabinet a déjà un portefeuille de ce nom."


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """The portfolios of the firm, with how many clients and who; on POST, one more."""
    form = PortfolioForm(request.POST if request.method == "POST" else None, initial=_parked(request))
    if request.method == "POST" and form.is_valid():
        result = portfolios.create(access=access, name=form.cleaned_data["nom"])
        if isinstance(result, Done):
            notices.say_done(
                request,
                f"Le portefeuille «\u00a0{form.cleaned_data['nom']}\u00a0» est créé. Donnez-le à qui s'en occupe.",
            )
            return redirect("portfolio", firm=access.firm_uid, portfolio=result.uid)
        if not isinstance(result, NameTaken):
            raise Http404
        form.add_error("nom", TAKEN)
    people: dict[UUID, int] = {}
    for mate in queries.team(access):
        if not mate.is_administrator:
            for given in mate.given:
                people[given.uid] = people.get(given.uid, 0) + 1
    return render(
        request,
        "team/portfolios.html",
        {"access": access, "form": form, "clients": clients_of_portfolios(access), "people": people},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
def portfolio(request: HttpRequest, access: Access, portfolio: UUID) -> HttpResponse:
    """One of them: who was given it; on POST, another name."""
    granted = _granted_or_404(access, portfolio)
    parked = _parked(request)
    form = PortfolioForm(request.POST if request.method == "POST" else None, initial=parked or {"nom": granted.name})
    if request.method == "POST" and form.is_valid():
        result = portfolios.rename(access=access, portfolio=portfolio, name=form.cleaned_data["nom"])
        if isinstance(result, Done):
            notices.say_done(request, f"Ce portefeuille s'appelle «\u00a0{form.cleaned_data['nom']}\u00a0».")
            return redirect("portfolio", firm=access.firm_uid, portfolio=portfolio)
        if not isinstance(result, NameTaken):
            raise Http404
        form.add_error("nom", TAKEN)
    team = queries.team(access)
    return render(
        request,
        "team/portfolio.html",
        {
            "access": access,
            "portfolio": granted,
            "form": form,
            "given": [
                (mate, given.right)
                for mate in team
                if not mate.is_administrator
                for given in mate.given
                if given.uid == portfolio
            ],
            "administrators": [mate for mate in team if mate.is_administrator],
            "clients": clients_of_portfolios(access).get(granted.id, 0),
            "narrowed_to": choices.narrowed_to,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def give(request: HttpRequest, access: Access, portfolio: UUID) -> HttpResponse:
    """Give a portfolio to members, or withdraw it."""
    granted = _granted_or_404(access, portfolio)
    mates = [(mate.uid, mate.called) for mate in queries.team(access) if not mate.is_administrator]
    present: Rights = portfolios.given_to(portfolio)
    shown, seen = present, present
    meanwhile = unreadable = False
    if request.method == "POST":
        posted = choices.read(request.POST, [uid for uid, _ in mates])
        if posted is None:
            unreadable = True
        else:
            seen = choices.rights_of(request.POST.get("vu", ""))
            result = portfolios.give(access=access, portfolio=portfolio, rights=posted, seen=seen)
            if isinstance(result, Done):
                said = "Rien n'a changé" if result.nothing_new else "Les droits sont enregistrés"
                notices.say_done(request, f"{said} : {granted.name}.")
                return redirect("portfolio", firm=access.firm_uid, portfolio=portfolio)
            if not isinstance(result, RightsChangedMeanwhile):
                raise Http404
            meanwhile, shown, seen = True, posted, result.present
    elif parked := take_parked(request):
        shown = choices.read(parked, [uid for uid, _ in mates]) or present
        notices.say_attention(request, BACK)
    return render(
        request,
        "team/give.html",
        {
            "access": access,
            "portfolio": granted,
            "choices": choices.choices(mates, shown),
            "levels": choices.LEVELS,
            "seen": choices.seal_of(seen),
            "meanwhile": meanwhile,
            "unreadable": unreadable,
        },
    )


class DestinationForm(forms.Form):
    """Where the clients of a portfolio go that is removed."""

    vers = forms.ChoiceField(
        label="Où vont ses clients ?",
        required=False,
        error_messages={"invalid_choice": "Ce portefeuille n'est plus là. Choisissez-en un autre."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def remove(request: HttpRequest, access: Access, portfolio: UUID) -> HttpResponse:
    """Ask where its clients go, and on POST remove the portfolio."""
    granted = _granted_or_404(access, portfolio)
    others = [other for other in access.portfolios if other.id != granted.id and not other.unfiled]
    first = {"vers": str(others[0].uid)} if others else {}
    form = DestinationForm(request.POST if request.method == "POST" else None, initial=_parked(request) or first)
    form.fields["vers"].choices = [  # type: ignore[attr-defined]
        *((str(other.uid), other.name) for other in others),
        ("", portfolios.UNFILED),
    ]
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["vers"]
        result = remove_portfolio(access=access, portfolio=portfolio, destination=UUID(chosen) if chosen else None)
        if isinstance(result, Done):
            notices.say_done(request, f"Le portefeuille «\u00a0{granted.name}\u00a0» est supprimé.")
        elif isinstance(result, LastPortfolio):
            notices.say_refused(request, "Un cabinet garde au moins un portefeuille. Créez-en un autre d'abord.")
        else:
            raise Http404
        return redirect("portfolios", firm=access.firm_uid)
    return render(
        request,
        "team/remove_portfolio.html",
        {
            "access": access,
            "portfolio": granted,
            "form": form,
            "clients": clients_of_portfolios(access).get(granted.id, 0),
            "last": not others,
        },
    )


def _granted_or_404(access: Access, portfolio: UUID) -> Granted:
    """«Sans portefeuille» has no page: it can be neither renamed, given nor removed."""
    for granted in access.portfolios:
        if granted.uid == portfolio and not granted.unfiled:
            return granted
    raise Http404


def _parked(request: HttpRequest) -> dict[str, str]:
    parked = take_parked(request)
    if parked is None:
        return {}
    notices.say_attention(request, BACK)
    return {name: str(value) for name, value in parked.items()}
