"""Retirer de l'équipe, quitter ce cabinet: with the question who takes over."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portefeuille.enrolments.holding import named_for
from portefeuille.enrolments.taking_over import NoSuccessor, remove_member
from portefeuille.firms import queries
from portefeuille.firms.access import Access
from portefeuille.firms.results import Done, LastAdministrator
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.parking import take_parked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.team.forms import TakeOverForm
from portefeuille.web.team.members import LAST


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@recent_sign_in
def leave(request: HttpRequest, access: Access, member: UUID) -> HttpResponse:
    """An administrator removes a member, or a member leaves; what they had goes to whom the form says."""
    mate = queries.teammate(access, member)
    if mate is None:
        raise Http404
    is_self = mate.uid == access.member_uid
    team = queries.team(access)
    others = [other for other in team if other.uid != mate.uid and not other.is_administrator]
    alone = mate.is_administrator and not any(other.is_administrator and other.uid != mate.uid for other in team)
    if request.method == "POST":
        form = TakeOverForm(request.POST, others=others)
        if form.is_valid():
            chosen = form.cleaned_data["repreneur"]
            result = remove_member(access=access, member=mate.uid, successor=UUID(chosen) if chosen else None)
            if isinstance(result, Done):
                if is_self:
                    notices.say_done(request, f"Vous avez quitté {access.firm_name}.")
                    return redirect("my_space")
                notices.say_done(request, f"{mate.called} ne fait plus partie de votre équipe.")
                return redirect("team", firm=access.firm_uid)
            if isinstance(result, LastAdministrator):
                alone = True
            elif isinstance(result, NoSuccessor):
                form.add_error("repreneur", "Cette personne ne fait plus partie de votre équipe.")
            else:
                raise Http404
    else:
        parked = take_parked(request)
        form = TakeOverForm(initial=parked.dict() if parked else None, others=others)
    return render(
        request,
        "team/leave.html",
        {
            "access": access,
            "mate": mate,
            "is_self": is_self,
            "form": form,
            "alone": alone,
            "last": LAST,
            "named_for": named_for(access, mate.id).total,
        },
    )
