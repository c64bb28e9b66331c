"""Modifier plusieurs clients: what is wished, what it would change, and what became of it."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.catalogue.selection import Selection
from portefeuille.catalogue.templates import templates
from portefeuille.enrolments import bulk, queries
from portefeuille.enrolments.bulk import Wish
from portefeuille.enrolments.bulk_report import Report, report_of
from portefeuille.enrolments.models import BulkAct
from portefeuille.enrolments.queries import Filters
from portefeuille.firms.access import Access
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.bulk.forms import ChangeForm
from portefeuille.web.clients.ending import uids_of
from portefeuille.web.clients.listing import chips, filters_of, query_of
from portefeuille.web.parking import take_parked
from portefeuille.web.space.boxes import notice_boxes, service_boxes, ticked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import regime_label

#: How many may be named in an address; more are chosen by a filter.
MOST_NAMED = 500
_WHOLE = "liste"
_ACTS = {"gets": "coché pour", "loses": "décoché pour", "comes into": "reçoit"}


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The clients that an address names: some of them, or all that its filters keep."""

    uids: list[UUID]
    filters: Filters | None
    number: int
    more: bool
    query: str


def _chosen(access: Access, address: QueryDict) -> _Chosen:
    if address.get("tout") == _WHOLE:
        filters = filters_of(address)
        page = queries.clients(access, filters)
        query = query_of(filters).removeprefix("?")
        return _Chosen([], filters, page.total, page.more, f"tout={_WHOLE}{'&' if query else ''}{query}")
    clients = queries.clients_by_uid(access, uids_of(address.getlist("client"))[:MOST_NAMED])
    uids = [client.uid for client in clients if client.may_manage]
    return _Chosen(uids, None, len(uids), False, "&".join(f"client={uid}" for uid in uids))


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def change_many(request: HttpRequest, access: Access) -> HttpResponse:
    """What to change for the clients of the address. POST draws it up, and leads to what it would change."""
    chosen = _chosen(access, request.GET)
    if not chosen.number:
        notices.say_refused(request, "Aucun client n'est choisi. Cochez des lignes, puis recommencez.")
        return redirect(reverse("clients", kwargs={"firm": access.firm_uid}))
    known, wanted = templates(access), request.GET.get("modele", "")
    selection = next((one.selection for one in known if str(one.uid) == wanted), Selection())
    if request.method == "POST":
        if request.POST.get("acte") == "resilier":
            return _draw_up(access, chosen, Wish(ends=True))
        form = ChangeForm(request.POST, access=access)
        selection = ticked(None, request.POST)
        if form.is_valid() and (wish := form.wish(selection)):
            return _draw_up(access, chosen, wish)
    elif parked := take_parked(request):
        form, selection = ChangeForm(initial=parked.dict(), access=access), ticked(None, parked)
        notices.say_attention(request, "Vous êtes de nouveau connecté. Vérifiez vos choix, puis continuez.")
    else:
        form = ChangeForm(access=access, initial={"quoi": ChangeForm.REPLACE if wanted else ChangeForm.ADD})
    fields = QueryDict(chosen.query)
    return render(
        request,
        "bulk/change.html",
        {
            "access": access,
            "chosen": chosen,
            "fields": [(name, value) for name, values in fields.lists() for value in values],
            "chips": [label for label, _ in chips(access, chosen.filters)] if chosen.filters else [],
            "form": form,
            "templates": known,
            "template": wanted,
            "service_boxes": service_boxes(None, selection.services),
            "notice_boxes": notice_boxes(None, selection.notices),
            "may_end": bool(access.entire_ids),
        },
    )


def _draw_up(access: Access, chosen: _Chosen, wish: Wish) -> HttpResponse:
    drawn = bulk.draw_up(access=access, wish=wish, enrolments=chosen.uids, filters=chosen.filters)
    return redirect(reverse("bulk_act", kwargs={"firm": access.firm_uid, "act": drawn.uid}))


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def show_act(request: HttpRequest, access: Access, act: UUID) -> HttpResponseBase:
    """Of a draft, what it would change, and on POST the start of it; then how far it is; then what became of it.

    An act that ends clients is started by whoever proved lately who they are.
    """
    report = report_of(access, act)
    if report is None:
        raise Http404
    page = recent_sign_in(_act) if request.method == "POST" and report.ends else _act
    return page(request, access, act, report)


def _act(request: HttpRequest, access: Access, act: UUID, report: Report) -> HttpResponse:
    here = reverse("bulk_act", kwargs={"firm": access.firm_uid, "act": act})
    if request.method == "POST":
        if not bulk.confirm(access=access, uid=act):
            notices.say_attention(request, "Cette modification est déjà partie : voici ce qu'elle devient.")
        return redirect(here)
    context = {
        "access": access,
        "report": report,
        "here": here,
        "regime_label": regime_label,
        "acts": _ACTS,
    }
    if request.headers.get("HX-Request") == "true":
        if report.state is BulkAct.State.RUNNING:
            return render(request, "bulk/progress.html", context)
        return HttpResponse(status=204, headers={"HX-Redirect": here})
    if take_parked(request) is not None:
        notices.say_attention(request, "C'est bien vous. Vérifiez, puis confirmez de nouveau.")
    page = {
        BulkAct.State.DRAFT: "bulk/preview.html",
        BulkAct.State.RUNNING: "bulk/running.html",
        BulkAct.State.DONE: "bulk/report.html",
    }[report.state]
    return render(request, page, context)
