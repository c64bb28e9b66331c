"""The client's answer to the message that a firm acts, or asks to act, for them (R9): no account is needed."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portefeuille.enrolments import client_word, for_client
from portefeuille.enrolments.contest_links import enrolment_of

#: What the button pressed means, for an enrolment in a state; the page offers these and no others.
_ANSWERS = {
    ("active", "contester"): client_word.contest,
    ("pending", "accepter"): client_word.confirm,
    ("pending", "refuser"): client_word.refuse,
}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the link is about, and on POST do it at once. A mail scanner that follows links changes nothing."""
    enrolment = enrolment_of(token)
    speaker = client_word.by_link(enrolment) if enrolment else None
    acting = for_client.firm_acting(speaker, enrolment) if speaker and enrolment else None
    if acting is None or speaker is None:
        return render(request, "contesting/expired.html", status=404)
    done = ""
    if request.method == "POST":
        wish = request.POST.get("reponse", "contester")
        answer = _ANSWERS.get((acting.state, wish))
        if answer is not None:
            answer(speaker=speaker, enrolment=acting.uid)
            # Whoever was quicker, the page tells what is so now.
            acting = for_client.firm_acting(speaker, acting.uid) or acting
        done = wish
    return render(request, "contesting/contest.html", {"acting": acting, "state": acting.state, "done": done})
