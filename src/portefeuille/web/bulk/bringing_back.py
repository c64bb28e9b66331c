"""Rapporter un fichier: the exported list comes back changed, and becomes one bulk act to look at and confirm."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portefeuille.enrolments import bulk, edited
from portefeuille.enrolments.edited import Changes
from portefeuille.firms.access import Access
from portefeuille.imports.grids import Refused, Why
from portefeuille.imports.opening import SENTENCES, opened
from portefeuille.imports.reading import MOST_BYTES
from portefeuille.web import notices
from portefeuille.web.parking import take_parked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.uploads import FILE_AGAIN, sent_file, takes_file, too_large

_CHOOSE = "Choisissez le fichier que vous avez exporté, puis modifié."
_NOT_AN_EXPORT = (
    "Ce fichier n'est pas un export de votre liste\u00a0: il lui manque la colonne «\u00a0Référence\u00a0»."
    " Pour de nouveaux clients, utilisez «\u00a0Ajouter en nombre\u00a0»."
)
_NOTHING = "Rien ne change dans ce fichier : ses cellules sont celles de l'export, ou tout est déjà ainsi."
#: Faults shown at once: who corrects these will find the others.
_MOST_FAULTS = 100


@takes_file(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def bring_back(request: HttpRequest, access: Access) -> HttpResponse:
    """Take the file, and say what is wrong with it before what it would change."""
    if not access.managed:
        return render(request, "adding/no_right.html", {"access": access})
    error, changes = "", None
    if request.method == "POST":
        content = sent_file(request, "fichier")
        if too_large(request):
            error = SENTENCES[Why.TOO_LARGE]
        elif content is None:
            error = _CHOOSE
        else:
            try:
                with opened(content) as (about, rows):
                    found = edited.changes_of(access, about.headings, rows)
            except Refused as refused:
                error = SENTENCES[refused.why]
            else:
                changes = found if isinstance(found, Changes) else None
                error = "" if changes else _NOT_AN_EXPORT
    elif take_parked(request) is not None:
        notices.say_attention(request, FILE_AGAIN)
    if changes is None:
        return render(request, "bulk/bring_back.html", {"access": access, "error": error})
    act = ""
    if changes.wishes:
        drawn = bulk.draw_up_each(access=access, wishes=changes.wishes)
        act = reverse("bulk_act", kwargs={"firm": access.firm_uid, "act": drawn.uid})
        if not changes.faults:
            return redirect(act)
    elif not changes.faults:
        notices.say_attention(request, _NOTHING)
        return redirect(reverse("bring_back", kwargs={"firm": access.firm_uid}))
    context = {"access": access, "changes": changes, "first": changes.faults[:_MOST_FAULTS], "act": act}
    return render(request, "bulk/faults.html", context)
