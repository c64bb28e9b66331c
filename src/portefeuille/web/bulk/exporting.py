"""Exporter: the list as it is filtered, as a file (XLSX or CSV)."""

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from portefeuille.catalogue.selection import catalogue
from portefeuille.enrolments import export, queries
from portefeuille.firms.access import Access
from portefeuille.sheets import csv_out, xlsx_out
from portefeuille.web.clients.listing import chips, filters_of, query_of
from portefeuille.web.space.firm_page import firm_page

_NAME = "clients"


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def export_clients(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Say what the file will hold and, on POST, send it: rows leave while they are read."""
    filters = filters_of(request.GET)
    if request.method == "POST":
        form = "csv" if request.POST.get("format") == "csv" else "xlsx"
        with transaction.atomic():
            export.note_export(access, filters, form=form)
        rows = export.rows(access, filters)
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
