"""The client's space: who acts for them, what was done, and what becomes of new firms."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.catalogue.selection import catalogue
from portefeuille.contributors.access import SpaceAccess
from portefeuille.enrolments import for_client
from portefeuille.enrolments.client_word import set_rule
from portefeuille.enrolments.models import ClientRule
from portefeuille.registry import client_queries as registry
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.contributor.forms import RuleForm
from portefeuille.web.contributor.history import told
from portefeuille.web.contributor.space_page import space_page
from portefeuille.web.parking import take_parked
from portefeuille.web.space.wording import enrolment_name, regime_label

_RULES = {
    ClientRule.Rule.OPEN: "Un nouveau cabinet qui prouve qu'il connaît votre compte est inscrit aussitôt.",
    ClientRule.Rule.ASK: "Chaque nouveau cabinet attend votre accord.",
    ClientRule.Rule.CLOSED: "Aucun nouveau cabinet ne peut s'inscrire.",
}


@require_safe
@space_page
def show(request: HttpRequest, access: SpaceAccess) -> HttpResponse:
    found = for_client.firms_acting(access.speaker)
    return render(
        request,
        "contributor/space.html",
        {
            "access": access,
            "asking": [one for one in found if one.state == "pending"],
            "acting": [one for one in found if one.live and one.state != "pending"],
            "past": [one for one in found if not one.live],
            "accounts": registry.accounts_of_client(siren=access.siren, account_number=access.account_number),
            "rule": _RULES[for_client.rule_of(access.speaker)],
            "regime_label": regime_label,
        },
    )


@require_safe
@space_page
def firm(request: HttpRequest, access: SpaceAccess, enrolment: UUID) -> HttpResponse:
    """One firm: its services, its state, what can be said about it, and what it did."""
    one = for_client.firm_acting(access.speaker, enrolment)
    if one is None:
        raise Http404
    acts, more = for_client.acts(access.speaker, enrolment=enrolment, before=_before(request))
    entries = catalogue()
    return render(
        request,
        "contributor/firm.html",
        {
            "access": access,
            "one": one,
            "name": enrolment_name(one),
            "services": [entry.label for entry in entries.services if one.services >> entry.bit & 1],
            "notices_chosen": [entry.label for entry in entries.notices if one.notices >> entry.bit & 1],
            "acts": told(acts),
            "older": f"?avant={acts[-1].place}" if more else "",
            "newest": not _before(request),
        },
    )


@require_safe
@space_page
def history(request: HttpRequest, access: SpaceAccess) -> HttpResponse:
    """Everything, of all firms, newest first."""
    acts, more = for_client.acts(access.speaker, before=_before(request))
    return render(
        request,
        "contributor/history.html",
        {
            "access": access,
            "acts": told(acts),
            "older": f"?avant={acts[-1].place}" if more else "",
            "newest": not _before(request),
        },
    )


def _before(request: HttpRequest) -> int | None:
    """The line that the page's acts are older than; what means nothing is left out."""
    typed = request.GET.get("avant", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


@require_http_methods(["GET", "HEAD", "POST"])
@space_page
def rule(request: HttpRequest, access: SpaceAccess) -> HttpResponseBase:
    """What becomes of the firms that come from now on. To change it, one proves again who one is."""
    page = recent_sign_in(_rule) if request.method == "POST" else _rule
    return page(request, access)


def _rule(request: HttpRequest, access: SpaceAccess) -> HttpResponse:
    if request.method == "POST":
        form = RuleForm(request.POST)
        if form.is_valid():
            chosen = form.cleaned_data["regle"]
            set_rule(speaker=access.speaker, rule=chosen)
            notices.say_done(request, f"C'est noté. {_RULES[chosen]}")
            return redirect("client_space", space=access.space_uid)
    elif parked := take_parked(request):
        form = RuleForm(initial={"regle": parked.get("regle", "")})
        notices.say_attention(request, "Votre choix est encore là. Vérifiez, puis enregistrez.")
    else:
        form = RuleForm(initial={"regle": for_client.rule_of(access.speaker).value})
    return render(request, "contributor/rule.html", {"access": access, "form": form})
