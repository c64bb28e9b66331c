"""Tableau de bord tiers déclarant (screen 3)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portefeuille.enrolments import queries
from portefeuille.firms.access import Access
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import enrolment_name, regime_label

#: What each verb of the trail is called in the list of last changes.
ACTS = {
    "enrolment.added": "ajouté",
    "enrolment.changed": "services modifiés",
    "enrolment.terminated": "résilié",
    "enrolment.restored": "rétabli",
    "enrolment.contested": "contesté par le client",
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
            "changes": queries.last_changes(access),
            "acts": ACTS,
            "enrolment_name": enrolment_name,
            "regime_label": regime_label,
        },
    )
