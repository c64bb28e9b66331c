"""Who sees a client, reserving it for some members, and moving clients to another portfolio."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.catalogue.selection import catalogue
from portefeuille.enrolments import queries, seeing, sharing
from portefeuille.enrolments.results import Gone
from portefeuille.enrolments.sharing import NoSuchPortfolio, UnknownMember
from portefeuille.firms.access import Access
from portefeuille.firms.portfolios import UNFILED
from portefeuille.web import notices
from portefeuille.web.clients.ending import MOST_AT_ONCE, uids_of
from portefeuille.web.jinja import pluriel
from portefeuille.web.parking import take_parked
from portefeuille.web.space.boxes import Box
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import enrolment_name

_ALL, _SOME = "tous", "reserve"
_NOWHERE = "aucun"


class AccessForm(forms.Form):
    """Shown to all who have the portfolio, or to those ticked."""

    acces = forms.ChoiceField(
        label="Ce client est visible",
        choices=[(_ALL, "par tous ceux qui ont son portefeuille"), (_SOME, "par les personnes choisies seulement")],
        error_messages={
            "required": "Choisissez qui voit ce client.",
            "invalid_choice": "Choisissez qui voit ce client.",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def client_access(request: HttpRequest, access: Access, enrolment: UUID) -> HttpResponse:
    """«Qui voit ce client», for who manages it; administrators change it."""
    client = queries.client(access, enrolment)
    if client is None or not client.may_manage:
        raise Http404
    seers = seeing.who_sees(access, client)
    chosen = {seer.uid for seer in seers if seer.named}
    form = AccessForm(initial={"acces": _SOME if client.restricted else _ALL})
    if request.method == "POST":
        if not access.is_administrator:
            raise Http404
        form = AccessForm(request.POST)
        everybody = {seer.uid for seer in seers if not seer.is_administrator}
        chosen = everybody if "tous_membres" in request.POST else set(uids_of(request.POST.getlist("membre")))
        if form.is_valid():
            only = form.cleaned_data["acces"] == _SOME
            result = (
                sharing.restrict(access=access, enrolment=client.uid, members=chosen)
                if only
                else sharing.open_to_all(access=access, enrolment=client.uid)
            )
            if isinstance(result, Gone):
                raise Http404
            if not isinstance(result, UnknownMember):
                notices.say_done(request, _said(client.name, only=only, number=len(chosen), again=result.nothing_new))
                return redirect(reverse("client_access", kwargs={"firm": access.firm_uid, "enrolment": client.uid}))
            form.add_error("acces", "Une des personnes choisies ne fait plus partie du cabinet. Recommencez.")
    elif parked := take_parked(request):
        form = AccessForm(initial={"acces": parked.get("acces", "")})
        chosen = set(uids_of(parked.getlist("membre")))
    return render(
        request,
        "clients/access.html",
        {
            "access": access,
            "client": client,
            "name": enrolment_name(client),
            "seers": seers,
            "form": form,
            "boxes": [
                Box(str(seer.uid), seer.name, seer.uid in chosen) for seer in seers if not seer.is_administrator
            ],
            "service_names": _service_names,
        },
    )


def _service_names(mask: int) -> list[str]:
    return [entry.label for entry in catalogue().services if mask >> entry.bit & 1]


def _said(name: str, *, only: bool, number: int, again: bool) -> str:
    if again:
        return f"Rien n'a changé : {name}."
    if not only:
        return f"{name} est visible par tous ceux qui ont son portefeuille."
    if not number:
        return f"{name} est réservé aux administrateurs."
    return f"{name} est réservé à {pluriel(number, 'personne')} et aux administrateurs."


class MoveForm(forms.Form):
    vers = forms.ChoiceField(
        label="Nouveau portefeuille",
        error_messages={
            "required": "Choisissez le portefeuille.",
            "invalid_choice": "Ce portefeuille n'est plus à vous. Choisissez-en un autre.",
        },
    )

    def __init__(self, *args: object, access: Access, present: set[int], **kwargs: object) -> None:
        """``present``: the portfolios where the clients are; where all are in one, it is not offered."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offered = [
            (str(right.uid), right.name)
            for right in access.portfolios
            if right.entire and not right.unfiled and present != {right.id}
        ]
        if access.is_administrator and {right.id for right in access.portfolios if right.unfiled} != present:
            offered.append((_NOWHERE, UNFILED))
        self.fields["vers"].choices = offered  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def move_clients(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask where the clients ticked (``client``) go and, on POST, move them."""
    asked = request.POST if request.method == "POST" else request.GET or take_parked(request) or request.GET
    uids = uids_of(asked.getlist("client"))
    clients = [client for client in queries.clients_by_uid(access, uids[:MOST_AT_ONCE]) if client.may_end]
    back = reverse("clients", kwargs={"firm": access.firm_uid})
    if not clients:
        notices.say_refused(request, "Aucun client n'est choisi. Cochez des lignes, puis recommencez.")
        return redirect(back)
    present = {client.portfolio.id for client in clients}
    form = MoveForm(asked if request.method == "POST" else None, access=access, present=present)
    if request.method == "POST" and form.is_valid():
        wished = form.cleaned_data["vers"]
        result = sharing.move(
            access=access,
            enrolments=[client.uid for client in clients],
            to=None if wished == _NOWHERE else UUID(wished),
        )
        if not isinstance(result, NoSuchPortfolio):
            where = dict(form.fields["vers"].choices)[wished]  # type: ignore[attr-defined]
            notices.say_done(request, f"{_moved(len(result.uids))} vers «\u00a0{where}\u00a0».")
            return redirect(back)
        form.add_error("vers", "Ce portefeuille n'existe plus. Choisissez-en un autre.")
    return render(
        request,
        "clients/move.html",
        {
            "access": access,
            "clients": clients,
            "form": form,
            "enrolment_name": enrolment_name,
            "left_out": len(uids) - len(clients),
        },
    )


def _moved(number: int) -> str:
    return "1 client est déplacé" if number == 1 else f"{pluriel(number, 'client')} sont déplacés"
