"""Tableau de bord tiers déclarant (screen 3)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portefeuille.enrolments import queries
from portefeuille.enrolments.decisions import decisions
from portefeuille.enrolments.last_changes import last_changes
from portefeuille.firms.access import Access
from portefeuille.web.decisions.views import SAID
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import enrolment_name, regime_label

#: How many decisions to read stand on the dashboard itself.
_SHOWN = 5

#: What each verb of the trail is called in the list of last changes.
ACTS = {
    "enrolment.added": "ajouté",
    "enrolment.changed": "services modifiés",
    "enrolment.terminated": "résilié",
    "enrolment.restored": "rétabli",
    "enrolment.moved": "changé de portefeuille",
    "enrolment.restricted": "accès modifié",
    "enrolment.account_struck_off": "compte radié par l'organisme",
    "enrolment.account_suspended": "compte suspendu par l'organisme",
    "enrolment.account_active": "compte rétabli par l'organisme",
    "enrolment.code_asked": "code demandé par courrier",
    "enrolment.client_invited": "invité à créer son espace",
    "enrolment.asked": "accord demandé au client",
    "enrolment.confirmed": "accepté par le client",
    "enrolment.declined": "refusé par le client",
    "enrolment.expired": "sans réponse du client",
    "enrolment.contested": "contesté par le client",
    "enrolment.contest_withdrawn": "plus contesté par le client",
    "enrolment.ended": "terminé par le client",
}


@require_safe
@firm_page
def show(request: HttpRequest, access: Access) -> HttpResponse:
    return render(
        request,
        "space/dashboard.html",
        {
            "access": access,
            "situation": queries.situation(access),
            "decisions": decisions(access, unread_only=True, most=_SHOWN + 1),
            "most_decisions": _SHOWN,
            "said": SAID,
            "changes": last_changes(access),
            "acts": ACTS,
            "enrolment_name": enrolment_name,
            "regime_label": regime_label,
        },
    )
