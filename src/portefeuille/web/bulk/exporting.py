"""Exporter: the list as it is filtered, as a file (XLSX or CSV)."""

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portefeuille.catalogue.selection import catalogue
from portefeuille.enrolments import export, queries
from portefeuille.firms.access import Access
from portefeuille.sheets import csv_out, xlsx_out
from portefeuille.web import notices
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.clients.listing import chips, filters_of, query_of
from portefeuille.web.downloads import in_full
from portefeuille.web.parking import take_parked
from portefeuille.web.space.firm_page import firm_page

_NAME = "clients"


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def export_clients(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Say what the file will hold and, on POST, send it: the whole list leaves, so one proves again who one is."""
    page = recent_sign_in(_export) if request.method == "POST" else _export
    return page(request, access)


def _export(request: HttpRequest, access: Access) -> HttpResponseBase:
    filters = filters_of(request.GET)
    if request.method == "POST":
        form = "csv" if request.POST.get("format") == "csv" else "xlsx"
        with transaction.atomic():
            export.note_export(access, filters, form=form)
        rows = in_full(export.rows(access, filters))
        if form == "csv":
            answer = StreamingHttpResponse(csv_out.csv_file(rows), content_type=csv_out.CONTENT_TYPE)
        else:
            widths = [width for _, width in export.columns(catalogue())]
            answer = StreamingHttpResponse(
                xlsx_out.xlsx_file(rows, title="Clients", widths=widths), content_type=xlsx_out.CONTENT_TYPE
            )
            answer["Content-Encoding"] = "identity"  # it is compressed already
        answer["Content-Disposition"] = f'attachment; filename="{_NAME}.{form}"'
        return answer
    if take_parked(request) is not None:
        notices.say_attention(request, "C'est bien vous. Choisissez de nouveau le fichier à télécharger.")
    page = queries.clients(access, filters)
    return render(
        request,
        "bulk/export.html",
        {
            "access": access,
            "page": page,
            "chips": [label for label, _ in chips(access, filters)],
            "query": query_of(filters),
            "managed": bool(access.managed_ids),
        },
    )
