"""What clients decided about the firm's enrolments: to read, and to tick off."""

from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.enrolments.decisions import decisions, mark_read
from portefeuille.enrolments.models import Decision
from portefeuille.firms.access import Access
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import enrolment_name

SAID = {kind.value: str(kind.label) for kind in Decision.Kind}


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """The list; POST marks one (``decision``) or all as read."""
    if request.method == "POST":
        wanted = request.POST.get("decision", "")
        if wanted == "toutes":
            mark_read(access=access)
        else:
            with suppress(ValueError):  # nothing that we sent: the list says what is left to read
                mark_read(access=access, decision=UUID(wanted))
        return redirect(reverse("decisions", kwargs={"firm": access.firm_uid}))
    found = decisions(access)
    return render(
        request,
        "decisions/list.html",
        {
            "access": access,
            "to_read": [decision for decision in found if decision.read_at is None],
            "read": [decision for decision in found if decision.read_at is not None],
            "said": SAID,
            "enrolment_name": enrolment_name,
        },
    )
