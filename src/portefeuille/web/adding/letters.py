"""The letter route: a code by letter to the client, then the enrolment. Of a bare account nothing is told."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portefeuille.enrolments.letters import NoMoreCodes, ask_code
from portefeuille.firms.access import Access
from portefeuille.registry import queries as registry
from portefeuille.registry.models import Regime
from portefeuille.registry.queries import Line, Subject
from portefeuille.sealing import unseal
from portefeuille.web import notices
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS, enrol_page
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import enrolment_name, identifier


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def ask_siren(request: HttpRequest, access: Access, siren: str, regime: Regime) -> HttpResponse:
    _, line = _lines(siren, regime)
    return _ask(request, access, line.subject)


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def ask_account(request: HttpRequest, access: Access, token: str) -> HttpResponse:
    return _ask(request, access, _subject(token))


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def enrol_siren(request: HttpRequest, access: Access, siren: str, regime: Regime) -> HttpResponse:
    lines, line = _lines(siren, regime)
    return enrol_page(request, access, line.subject, lines=lines, line=line, by_code=True)


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def enrol_account(request: HttpRequest, access: Access, token: str) -> HttpResponse:
    return enrol_page(request, access, _subject(token), lines=[], line=None, by_code=True)


def _lines(siren: str, regime: Regime) -> tuple[list[Line], Line]:
    lines = registry.lines_of_siren(siren)
    line = next((line for line in lines if line.subject.regime is regime), None)
    if line is None:
        raise Http404
    return lines, line


def _subject(token: str) -> Subject:
    number = unseal(ACCOUNT_IN_ADDRESS, token)
    if number is None:
        raise Http404
    return registry.subject_of_account(number.decode())


def _ask(request: HttpRequest, access: Access, subject: Subject) -> HttpResponse:
    if not access.managed:
        return render(request, "adding/no_right.html", {"access": access})
    spent = False
    back = request.path.removesuffix("courrier/")
    if request.method == "POST":
        if not isinstance(ask_code(access=access, subject=subject), NoMoreCodes):
            notices.say_done(
                request,
                "Votre demande est notée. Si ce compte existe, une lettre part chez votre client :"
                " il vous donnera le code qu'elle contient.",
            )
            return redirect(f"{back}code/")
        spent = True
    return render(
        request,
        "adding/ask_code.html",
        {
            "access": access,
            # Of a bare account number, not even the regime is told before the proof.
            "name": enrolment_name(subject) if subject.siren else f"Compte {identifier(subject)}",
            "spent": spent,
            "back": back,
            "here": request.path,
        },
    )
