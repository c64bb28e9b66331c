"""Résilier, one client or several, and the way back (R7, R8)."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.enrolments import actions, queries
from portefeuille.enrolments.queries import Filters
from portefeuille.enrolments.results import Restored, Terminated
from portefeuille.firms.access import Access
from portefeuille.registry.models import AccountState
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.jinja import pluriel
from portefeuille.web.parking import take_parked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import enrolment_name

#: How many one confirmation may list: people read what they confirm.
MOST_AT_ONCE = 500


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def terminate_one(request: HttpRequest, access: Access, enrolment: UUID) -> HttpResponse:
    """Ask, and on POST terminate at once."""
    client = queries.client(access, enrolment)
    if client is None or not client.may_end:
        raise Http404
    if request.method == "POST":
        ended = actions.terminate(access=access, enrolments=[client.uid])
        if not ended.uids:
            raise Http404
        return _after(request, access, ended, f"L'inscription {enrolment_name(client)} est résiliée.")
    return render(
        request, "clients/terminate.html", {"access": access, "client": client, "name": enrolment_name(client)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def terminate_many(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Ask about the clients ticked (``client``), or all struck off (``etat=radie``); on POST, end those listed.

    Many at once are ended by whoever proved lately who they are: what was ticked is parked meanwhile.
    """
    page = recent_sign_in(_terminate_many) if request.method == "POST" else _terminate_many
    return page(request, access)


def _terminate_many(request: HttpRequest, access: Access) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET or take_parked(request) or request.GET
    uids = uids_of(asked.getlist("client"))
    if request.method != "POST" and asked.get("etat") == AccountState.STRUCK_OFF:
        uids = queries.uids(access, Filters(account_state=AccountState.STRUCK_OFF), MOST_AT_ONCE)
    clients = [client for client in queries.clients_by_uid(access, uids[:MOST_AT_ONCE]) if client.may_end]
    if not clients:
        notices.say_refused(request, "Aucun client n'est choisi. Cochez des lignes, puis recommencez.")
        return _to_list(access)
    if request.method == "POST":
        ended = actions.terminate(access=access, enrolments=[client.uid for client in clients])
        return _after(request, access, ended, f"{pluriel(len(ended.uids), 'inscription')} : résiliation faite.")
    return render(
        request,
        "clients/terminate_many.html",
        {"access": access, "clients": clients, "enrolment_name": enrolment_name, "left_out": len(uids) - len(clients)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def undo(request: HttpRequest, access: Access, ending: UUID) -> HttpResponse:
    """Bring back what one act ended, within fifteen minutes; who comes back from sign-in finds the button again."""
    if request.method != "POST":
        return redirect(reverse("dashboard", kwargs={"firm": access.firm_uid}))
    result = actions.undo_termination(access=access, ending=ending)
    if isinstance(result, Restored):
        count = len(result.uids)
        word = "Cette inscription est rétablie." if count == 1 else f"{count} inscriptions sont rétablies."
        if result.left:
            others = "L'autre ne l'est pas" if result.left == 1 else f"Les {result.left} autres ne le sont pas"
            word = f"{word} {others} : il est trop tard, ou ce client a été ajouté de nouveau."
        notices.say_done(request, word)
    elif result.too_late:
        notices.say_refused(
            request, "Les quinze minutes sont passées. Pour retrouver ce client, ajoutez-le de nouveau."
        )
    else:
        notices.say_attention(
            request, "Il n'y a plus rien à rétablir : c'est déjà fait, ou ce client a été ajouté de nouveau."
        )
    return _to_list(access, "?tri=-depuis" if isinstance(result, Restored) else "")


def uids_of(values: list[str]) -> list[UUID]:
    """Those values that are identifiers, in their order, once each."""
    found: dict[UUID, None] = {}
    for value in values:
        try:
            found[UUID(value)] = None
        except ValueError:
            continue
    return list(found)


def _after(request: HttpRequest, access: Access, ended: Terminated, text: str) -> HttpResponseRedirect:
    several = len(ended.uids) > 1
    notices.say_done(
        request,
        text,
        undo_url=reverse("undo", kwargs={"firm": access.firm_uid, "ending": ended.ending}),
        undo_label="Annuler ces résiliations" if several else "Annuler cette résiliation",
    )
    return _to_list(access)


def _to_list(access: Access, query: str = "") -> HttpResponseRedirect:
    return redirect(reverse("clients", kwargs={"firm": access.firm_uid}) + query)
