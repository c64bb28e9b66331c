"""Who is to come into the team: invitations, and people who asked."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portefeuille.firms import joining, queries
from portefeuille.firms.access import Access
from portefeuille.firms.models import Member
from portefeuille.firms.queries import OpenInvitation
from portefeuille.firms.results import AlreadyInvited, AlreadyMember, Done, NotAllowed, TooManyMessages
from portefeuille.firms.rights import Rights
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.parking import take_parked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.team import choices
from portefeuille.web.team.doors import administrators_only
from portefeuille.web.team.forms import InvitationForm

UNREADABLE = "Les portefeuilles choisis ne sont pas arrivés comme ils étaient affichés. Choisissez-les de nouveau."
TOO_MANY = "Trop de courriels envoyés à cette adresse, ou par votre cabinet. Réessayez demain."


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def invite(request: HttpRequest, access: Access) -> HttpResponse:
    """Whom, in which role, with which rights."""
    team = queries.team(access)
    portfolios = [(portfolio.uid, portfolio.name) for portfolio in access.portfolios if not portfolio.unfiled]
    chosen: Rights = {}
    if request.method == "POST":
        form = InvitationForm(request.POST, team=team)
        posted = choices.read(request.POST, [uid for uid, _ in portfolios])
        chosen = posted or {}
        if posted is None:
            form.add_error(None, UNREADABLE)
        if form.is_valid():
            model = next((mate for mate in team if str(mate.uid) == form.cleaned_data["comme"]), None)
            result = joining.invite(
                access=access,
                email=form.cleaned_data["courriel"],
                full_name=form.cleaned_data["nom"],
                role=Member.Role(form.cleaned_data["role"]),
                rights={given.uid: given.right for given in model.given} if model else chosen,
            )
            if isinstance(result, Done):
                notices.say_done(request, f"L'invitation est envoyée à {form.cleaned_data['courriel']}.")
                return redirect("team", firm=access.firm_uid)
            if isinstance(result, NotAllowed):
                raise Http404
            form.add_error("courriel", _refusal(result))
    elif parked := take_parked(request):
        form = InvitationForm(initial=parked.dict(), team=team)
        chosen = choices.read(parked, [uid for uid, _ in portfolios]) or {}
        notices.say_attention(request, "Vous êtes de nouveau connecté. Vérifiez votre saisie, puis envoyez.")
    else:
        form = InvitationForm(team=team)
    return render(
        request,
        "team/invite.html",
        {"access": access, "form": form, "choices": choices.choices(portfolios, chosen), "levels": choices.LEVELS},
    )


def _refusal(result: AlreadyMember | AlreadyInvited | TooManyMessages) -> str:
    if isinstance(result, AlreadyMember):
        return "Cette personne fait déjà partie de votre équipe."
    if isinstance(result, AlreadyInvited):
        return "Une invitation attend déjà à cette adresse. Vous pouvez la renvoyer depuis la page de l'équipe."
    return TOO_MANY


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def send_again(request: HttpRequest, access: Access, invitation: UUID) -> HttpResponse:
    """Ask, and on POST send a new link; the one before opens nothing any more."""
    waiting = _waiting_or_404(access, invitation)
    if request.method == "POST":
        result = joining.send_again(access=access, invitation=invitation)
        if isinstance(result, TooManyMessages):
            notices.say_refused(request, TOO_MANY)
        elif isinstance(result, Done):
            notices.say_done(request, f"L'invitation est renvoyée à {waiting.email}.")
        else:
            raise Http404
        return redirect("team", firm=access.firm_uid)
    return render(request, "team/send_again.html", {"access": access, "invitation": waiting})


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def cancel(request: HttpRequest, access: Access, invitation: UUID) -> HttpResponse:
    """Ask, and on POST make the invitation open nothing any more."""
    waiting = _waiting_or_404(access, invitation)
    if request.method == "POST":
        if not isinstance(joining.cancel(access=access, invitation=invitation), Done):
            raise Http404
        notices.say_done(request, f"L'invitation est annulée : {waiting.email}.")
        return redirect("team", firm=access.firm_uid)
    return render(request, "team/cancel.html", {"access": access, "invitation": waiting})


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def answer_request(request: HttpRequest, access: Access, asking: UUID) -> HttpResponse:
    """Who asks to join, with the two answers; who is accepted gets their portfolios next."""
    person = next(iter(queries.join_requests(access, asking)), None)
    if person is None:
        raise Http404
    answer = request.POST.get("reponse", "")
    if request.method == "POST" and answer == "accepter":
        result = joining.accept_request(access=access, request=asking)
        if not isinstance(result, Done):
            raise Http404
        notices.say_done(
            request, f"{person.name or person.email} fait partie de votre équipe. Donnez ses portefeuilles."
        )
        return redirect("member_rights", firm=access.firm_uid, member=result.uid)
    if request.method == "POST" and answer == "refuser":
        if not isinstance(joining.decline_request(access=access, request=asking), Done):
            raise Http404
        notices.say_done(request, f"La demande est refusée : {person.name or person.email}.")
        return redirect("team", firm=access.firm_uid)
    return render(request, "team/request.html", {"access": access, "person": person})


def _waiting_or_404(access: Access, invitation: UUID) -> OpenInvitation:
    waiting = next(iter(queries.open_invitations(access, invitation)), None)
    if waiting is None:
        raise Http404
    return waiting
