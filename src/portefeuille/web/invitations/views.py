"""Répondre à une invitation: as a new person, or as the one who signs in with the address it was sent to."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portefeuille.firms import joining
from portefeuille.firms.results import AddressTaken, LinkSpent
from portefeuille.people import links
from portefeuille.people.models import Link
from portefeuille.web import notices
from portefeuille.web.sign_in.bearer import Bearer, reader_of
from portefeuille.web.sign_in.new_person import NewPersonForm, enter


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Which firm invites whom; on POST the link is used up and the person joins."""
    proven = links.look(Link.Purpose.INVITATION, token)
    invitation = joining.invitation_of(UUID(str(proven.payload["invitation"]))) if proven else None
    if proven is None or invitation is None:
        return _spent(request)
    reader = reader_of(request, proven.email)
    typed = request.POST if request.method == "POST" else None
    form = NewPersonForm(typed, email=proven.email, initial={"nom": invitation.full_name})
    may_join = reader.kind is Bearer.SELF or (reader.kind is Bearer.NEW and form.is_valid())
    if request.method == "POST" and may_join:
        known = reader.kind is Bearer.SELF
        result = joining.accept(
            token=token,
            user=reader.user,
            full_name="" if known else form.cleaned_data["nom"],
            password="" if known else form.cleaned_data["mot_de_passe"],
        )
        if isinstance(result, LinkSpent):
            return _spent(request)
        if isinstance(result, AddressTaken):
            return redirect("invitation", token=token)
        if not known:
            enter(request, result.user)
        said = "Vous faisiez déjà partie de ce cabinet." if result.again else f"Bienvenue chez {invitation.firm.name}."
        notices.say_done(request, said)
        return redirect("dashboard", firm=result.firm)
    return render(
        request,
        "invitations/answer.html",
        {
            "invitation": invitation,
            "form": form,
            "email": proven.email,
            "reader": reader.kind,
            "here": request.path,
        },
    )


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "invitations/spent.html", status=404)
