"""Journal: who did what in the firm, and its export with the proof that nothing was changed."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http import StreamingHttpResponse as Streaming
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.audit import trail
from portefeuille.audit.proof import write_proof
from portefeuille.audit.verbs import Verb
from portefeuille.enrolments import journal
from portefeuille.enrolments.journal import Asked, Happened
from portefeuille.firms.access import Access
from portefeuille.firms.queries import team
from portefeuille.sheets import csv_out
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.downloads import in_full
from portefeuille.web.journal.sentences import did, who
from portefeuille.web.parking import take_parked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import regime_label

FAMILIES = {
    "clients": "Clients",
    "equipe": "Équipe",
    "portefeuilles": "Portefeuilles",
    "cabinet": "Cabinet",
}
#: The place of an event fits in a database's number.
_LONGEST_PLACE = 18
#: A proof smaller than this never touches the disk, in bytes.
_IN_MEMORY = 5_000_000


def asked_of(address: QueryDict) -> Asked:
    """What an address asks for; what means nothing is left out."""
    place = address.get("avant", "")
    family = address.get("acte", "")
    return Asked(
        person=_uid(address.get("personne", "")),
        client=_uid(address.get("client", "")),
        family=family if family in FAMILIES else "",
        since=_day(address.get("du", "")),
        until=_day(address.get("au", "")),
        before=int(place) if place.isascii() and place.isdigit() and len(place) <= _LONGEST_PLACE else None,
    )


def query_of(asked: Asked, before: int | None = None) -> str:
    said = {
        "personne": asked.person,
        "client": asked.client,
        "acte": asked.family,
        "du": asked.since,
        "au": asked.until,
        "avant": before,
    }
    return "?" + urlencode({name: value for name, value in said.items() if value})


def _uid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _day(value: str) -> date | None:
    """«2026-10-15», as a date field of a browser sends it."""
    try:
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None


@require_safe
@firm_page
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """The journal as far as the member may read it, filtered, the latest first."""
    asked = asked_of(request.GET)
    page = journal.journal(access, asked)
    members = [(mate.uid, mate.called) for mate in team(access)]
    filtered = Asked(before=asked.before) != asked
    return render(
        request,
        "journal/list.html",
        {
            "access": access,
            "asked": asked,
            "page": page,
            "who": who,
            "did": did,
            "regime_label": regime_label,
            "members": members,
            "families": FAMILIES,
            "filtered": filtered,
            "latest": query_of(asked) if asked.before else "",
            "older": query_of(asked, page.older) if page.older else "",
            "query": query_of(asked),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def export(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Say what the files hold and, on POST, send one; administrators only. The export is in the journal itself."""
    if not access.is_administrator:
        raise Http404
    return _export(request, access)


@recent_sign_in
def _export(request: HttpRequest, access: Access) -> HttpResponseBase:
    asked = asked_of(request.GET)
    if request.method == "POST":
        form = "csv" if request.POST.get("format") == "csv" else "preuve"
        with transaction.atomic():
            trail.record(
                chain=access.firm_id,
                actor=access.actor,
                verb=Verb.JOURNAL_EXPORTED,
                subject=f"firm:{access.firm_uid}",
                after={"form": form},
            )
        if form == "csv":
            answer: HttpResponseBase = Streaming(
                csv_out.csv_file(in_full(_rows(access, asked))), content_type=csv_out.CONTENT_TYPE
            )
            answer["Content-Disposition"] = 'attachment; filename="journal.csv"'
            return answer
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the answer closes it
        try:
            write_proof(chain=access.firm_id, into=file)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        answer = FileResponse(file, content_type="application/zip", as_attachment=True, filename="journal.zip")
        answer["Content-Encoding"] = "identity"  # it is compressed already
        return answer
    take_parked(request)
    return render(request, "journal/export.html", {"access": access, "query": query_of(asked)})


def _rows(access: Access, asked: Asked) -> Iterator[Sequence[str]]:
    yield ("N°", "Date", "Heure (Paris)", "Qui", "Acte", "À propos de", "Régime", "Référence")
    for event in journal.whole_journal(access, asked):
        yield _row(access, event)


def _row(access: Access, event: Happened) -> Sequence[str]:
    at = timezone.localtime(event.at)
    return (
        str(event.seq),
        f"{at:%d/%m/%Y}",
        f"{at:%H:%M:%S}",
        who(event),
        did(event, access),
        event.about,
        regime_label(event.regime) if event.regime else "",
        event.subject,
    )
