"""The team, and each member: who they are, what they see and why, their rights and their role."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.catalogue.selection import catalogue
from portefeuille.enrolments.holding import clients_of_portfolios, named_for
from portefeuille.firms import queries, rights
from portefeuille.firms.access import Access
from portefeuille.firms.models import Member
from portefeuille.firms.queries import Teammate
from portefeuille.firms.results import Done, LastAdministrator
from portefeuille.firms.rights import Right, Rights, RightsChangedMeanwhile
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.parking import take_parked
from portefeuille.web.space.boxes import ALL_SERVICES, Box
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.team import choices
from portefeuille.web.team.doors import administrators_only

BACK = "Vous êtes de nouveau connecté. Vérifiez vos choix, puis enregistrez."
LAST = "Ce cabinet n'a qu'un administrateur. Nommez-en un autre d'abord."


@require_safe
@firm_page
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Everybody reads who is in the team; administrators also what each was given, and who is to come."""
    return render(
        request,
        "team/team.html",
        {
            "access": access,
            "team": queries.team(access),
            "invitations": queries.open_invitations(access),
            "requests": queries.join_requests(access),
        },
    )


@require_safe
@firm_page
def member(request: HttpRequest, access: Access, member: UUID) -> HttpResponse:
    """What a member sees and why: for administrators, and for themselves."""
    mate = _mate_or_404(access, member)
    return render(
        request,
        "team/member.html",
        {
            "access": access,
            "mate": mate,
            "is_self": mate.uid == access.member_uid,
            "clients": clients_of_portfolios(access),
            "ids": {portfolio.uid: portfolio.id for portfolio in access.portfolios},
            "named_for": named_for(access, mate.id),
            "service_names": choices.service_names,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def change_rights(request: HttpRequest, access: Access, member: UUID) -> HttpResponse:
    """The rights of a collaborator, portfolio by portfolio; ``?comme=`` shows those of another to copy."""
    mate = _collaborator_or_404(access, member)
    present = _rights(mate)
    shown, seen = present, present
    meanwhile = unreadable = False
    portfolios = [(portfolio.uid, portfolio.name) for portfolio in access.portfolios if not portfolio.unfiled]
    colleagues = [other for other in queries.team(access) if not other.is_administrator and other.uid != mate.uid]
    model = next((other for other in colleagues if str(other.uid) == request.GET.get("comme", "")), None)
    if request.method == "POST":
        posted = choices.read(request.POST, [uid for uid, _ in portfolios])
        if posted is None:
            unreadable = True
        else:
            seen = choices.rights_of(request.POST.get("vu", ""))
            result = rights.set_rights(access=access, member=mate.uid, rights=posted, seen=seen)
            if isinstance(result, Done):
                return _saved(request, access, mate, result)
            if not isinstance(result, RightsChangedMeanwhile):
                raise Http404
            meanwhile, shown, seen = True, posted, result.present
    elif parked := take_parked(request):
        shown = choices.read(parked, [uid for uid, _ in portfolios]) or present
        notices.say_attention(request, BACK)
    elif model is not None:
        shown = _rights(model)
    return render(
        request,
        "team/rights.html",
        {
            "access": access,
            "mate": mate,
            "choices": choices.choices(portfolios, shown),
            "levels": choices.LEVELS,
            "seen": choices.seal_of(seen),
            "meanwhile": meanwhile,
            "unreadable": unreadable,
            "colleagues": colleagues,
            "model": model,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def narrow(request: HttpRequest, access: Access, member: UUID, portfolio: UUID) -> HttpResponse:
    """The services that a right on a portfolio is narrowed to: all of them, or those ticked."""
    mate = _collaborator_or_404(access, member)
    present = _rights(mate)
    given = next((given for given in mate.given if given.uid == portfolio), None)
    if given is None:
        raise Http404
    entries = catalogue().services
    ticked = {entry.code for entry in entries if given.right.services is None or given.right.services >> entry.bit & 1}
    error, meanwhile = "", False
    form = request.POST if request.method == "POST" else take_parked(request)
    if form is not None:
        ticked = {entry.code for entry in entries if entry.code in form.getlist("services") or ALL_SERVICES in form}
    if request.method == "POST":
        if not ticked:
            error = "Cochez au moins un service, ou retirez l'accès au portefeuille."
        else:
            whole = len(ticked) == len(entries)
            mask = None if whole else sum(1 << entry.bit for entry in entries if entry.code in ticked)
            wished = {**present, portfolio: Right(given.right.level, mask)}
            seen = choices.rights_of(request.POST.get("vu", ""))
            result = rights.set_rights(access=access, member=mate.uid, rights=wished, seen=seen)
            if isinstance(result, Done):
                return _saved(request, access, mate, result)
            if not isinstance(result, RightsChangedMeanwhile):
                raise Http404
            meanwhile, present = True, dict(result.present)
    elif form is not None:
        notices.say_attention(request, BACK)
    boxes = [Box(entry.code, entry.label, entry.code in ticked) for entry in entries]
    return render(
        request,
        "team/narrow.html",
        {
            "access": access,
            "mate": mate,
            "given": given,
            "boxes": boxes,
            "seen": choices.seal_of(present),
            "error": error,
            "meanwhile": meanwhile,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
@administrators_only
@recent_sign_in
def change_role(request: HttpRequest, access: Access, member: UUID) -> HttpResponse:
    """Make a collaborator an administrator, or the other way round, after asking."""
    mate = _mate_or_404(access, member)
    role = Member.Role.COLLABORATOR if mate.is_administrator else Member.Role.ADMINISTRATOR
    if request.method == "POST":
        if request.POST.get("role") not in Member.Role.values:
            return redirect("member_role", firm=access.firm_uid, member=mate.uid)
        # What the question said, not what it would say now: twice the same click is once the same change.
        result = rights.set_role(access=access, member=mate.uid, role=Member.Role(request.POST["role"]))
        if isinstance(result, LastAdministrator):
            notices.say_refused(request, LAST)
        elif isinstance(result, Done):
            label = Member.Role(request.POST["role"]).label
            notices.say_done(request, f"{mate.called} est maintenant {label}.")
            if mate.uid == access.member_uid:
                return redirect("team", firm=access.firm_uid)
        else:
            raise Http404
        return redirect("member", firm=access.firm_uid, member=mate.uid)
    if mate.is_administrator and sum(other.is_administrator for other in queries.team(access)) == 1:
        notices.say_refused(request, LAST)
        return redirect("member", firm=access.firm_uid, member=mate.uid)
    return render(request, "team/role.html", {"access": access, "mate": mate, "role": role})


def _mate_or_404(access: Access, member: UUID) -> Teammate:
    mate = queries.teammate(access, member)
    if mate is None:
        raise Http404
    return mate


def _collaborator_or_404(access: Access, member: UUID) -> Teammate:
    """Of an administrator there are no rights to change: they have them all."""
    mate = _mate_or_404(access, member)
    if mate.is_administrator:
        raise Http404
    return mate


def _rights(mate: Teammate) -> Rights:
    return {given.uid: given.right for given in mate.given}


def _saved(request: HttpRequest, access: Access, mate: Teammate, result: Done) -> HttpResponseRedirect:
    said = "Rien n'a changé" if result.nothing_new else "Les droits sont enregistrés"
    notices.say_done(request, f"{said} : {mate.called}.")
    return redirect("member", firm=access.firm_uid, member=mate.uid)
