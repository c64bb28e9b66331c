"""The people who hold a client's space: who they are, leaving it, removing another."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.contributors import holding
from portefeuille.contributors.access import SpaceAccess
from portefeuille.contributors.holding import LastHolder, NotAHolder
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.contributor.space_page import space_page

LAST = "Vous êtes seul à tenir cet espace. Pour le quitter, faites-le d'abord ouvrir par une autre personne."


@require_safe
@space_page
def show(request: HttpRequest, access: SpaceAccess) -> HttpResponse:
    people = holding.holders(access)
    return render(request, "contributor/people.html", {"access": access, "people": people})


@require_http_methods(["GET", "HEAD", "POST"])
@space_page
def end(request: HttpRequest, access: SpaceAccess, holder: UUID) -> HttpResponseBase:
    """Ask, and on POST end a holding. To remove somebody else, one proves again who one is."""
    page = _end if holder == access.holder_uid else recent_sign_in(_end)
    return page(request, access, holder)


def _end(request: HttpRequest, access: SpaceAccess, holder: UUID) -> HttpResponse:
    people = holding.holders(access)
    person = next((person for person in people if person.uid == holder), None)
    if person is None:
        raise Http404
    leaves = holder == access.holder_uid
    if request.method == "POST":
        result = holding.end_holding(access=access, holder=holder)
        if isinstance(result, NotAHolder):
            raise Http404
        if not isinstance(result, LastHolder):
            if leaves:
                notices.say_done(request, f"Vous ne tenez plus l'espace client : {access.name}.")
                return redirect("my_space")
            notices.say_done(request, f"{person.called} ne tient plus cet espace.")
            return redirect("client_space_people", space=access.space_uid)
    if request.method == "POST" or holding.is_last(people, holder):
        notices.say_refused(request, LAST)
        return redirect("client_space_people", space=access.space_uid)
    return render(
        request,
        "contributor/end_holding.html",
        {"access": access, "person": person, "leaves": leaves, "here": request.path},
    )
