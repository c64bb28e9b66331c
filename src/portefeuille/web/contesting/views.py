"""The client's answer to the message that a firm acts for them (R9): one page, one button, no account needed."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portefeuille.enrolments import actions, queries
from portefeuille.enrolments.contest_links import enrolment_of


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the link is about, and on POST suspend at once. A mail scanner that follows links changes nothing."""
    enrolment = enrolment_of(token)
    firm = queries.firm_of(enrolment) if enrolment else None
    if enrolment is None or firm is None:
        return render(request, "contesting/expired.html", status=404)
    state = "asked"
    if request.method == "POST":
        state = "contested" if actions.contest(enrolment=enrolment) else "ended"
    return render(request, "contesting/contest.html", {"firm": firm, "state": state})
