"""«Inviter à créer son espace»: one click."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.contributors.inviting import HasSpace, InvitedToday, NotTheClient, invite
from portefeuille.firms.access import Access
from portefeuille.web import notices
from portefeuille.web.space.firm_page import firm_page


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def invite_client(request: HttpRequest, access: Access, enrolment: UUID) -> HttpResponse:
    """Send the invitation; who comes back from sign-in finds the button again."""
    page = reverse("client", kwargs={"firm": access.firm_uid, "enrolment": enrolment})
    if request.method == "POST":
        result = invite(access=access, enrolment=enrolment)
        if isinstance(result, NotTheClient):
            raise Http404
        if isinstance(result, HasSpace):
            notices.say_attention(request, f"{result.name} a déjà son espace : l'inviter est inutile.")
        elif isinstance(result, InvitedToday):
            notices.say_attention(request, f"{result.name} a déjà été invité aujourd'hui. Attendez sa réponse.")
        else:
            notices.say_done(request, f"{result.name} est invité à créer son espace.")
    return redirect(page)
