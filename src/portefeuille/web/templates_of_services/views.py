"""Modèles: the selections that a firm's administrators named, for all its members to use (R5)."""

from collections.abc import Collection
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.catalogue.selection import Selection
from portefeuille.catalogue.templates import (
    Kept,
    NameTaken,
    Template,
    keep_template,
    remove_template,
    templates,
)
from portefeuille.firms.access import Access
from portefeuille.registry.models import Regime
from portefeuille.web import notices
from portefeuille.web.parking import take_parked
from portefeuille.web.space.boxes import notice_boxes, service_boxes, ticked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import regime_label
from portefeuille.web.templates_of_services.forms import TemplateForm, regime_boxes, regimes_of


@require_safe
@firm_page
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """The firm's templates, with what each ticks."""
    _administrators_only(access)
    return render(
        request,
        "templates_of_services/list.html",
        {"access": access, "templates": templates(access), "regime_label": regime_label},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def new(request: HttpRequest, access: Access) -> HttpResponse:
    _administrators_only(access)
    return _edit(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def change(request: HttpRequest, access: Access, template: UUID) -> HttpResponse:
    return _edit(request, access, _template_or_404(access, template))


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def remove(request: HttpRequest, access: Access, template: UUID) -> HttpResponse:
    """Ask, and on POST remove. Clients keep what they were added with."""
    found = _template_or_404(access, template)
    if request.method == "POST":
        if not remove_template(access=access, uid=found.uid):
            raise Http404
        notices.say_done(request, f"Le modèle «\u00a0{found.name}\u00a0» est supprimé.")
        return redirect(reverse("templates", kwargs={"firm": access.firm_uid}))
    return render(request, "templates_of_services/remove.html", {"access": access, "template": found})


def _edit(request: HttpRequest, access: Access, template: Template | None) -> HttpResponse:
    selection: Selection = template.selection if template else Selection()
    defaults: Collection[Regime] = template.defaults if template else ()
    if request.method == "POST":
        form = TemplateForm(request.POST)
        selection, defaults = ticked(None, request.POST), regimes_of(request.POST)
        if form.is_valid():
            result = keep_template(
                access=access,
                name=form.cleaned_data["nom"],
                selection=selection,
                uid=template.uid if template else None,
                defaults=defaults,
            )
            if isinstance(result, Kept):
                notices.say_done(request, f"Le modèle «\u00a0{form.cleaned_data['nom']}\u00a0» est enregistré.")
                return redirect(reverse("templates", kwargs={"firm": access.firm_uid}))
            if not isinstance(result, NameTaken):
                raise Http404
            form.add_error("nom", "Un autre modèle porte déjà ce nom : choisissez-en un autre.")
    elif parked := take_parked(request):
        form = TemplateForm(initial={"nom": parked.get("nom", "")})
        selection, defaults = ticked(None, parked), regimes_of(parked)
        notices.say_attention(request, "Vous êtes de nouveau connecté. Vérifiez vos choix, puis enregistrez.")
    else:
        form = TemplateForm(initial={"nom": template.name if template else ""})
    return render(
        request,
        "templates_of_services/edit.html",
        {
            "access": access,
            "form": form,
            "template": template,
            "service_boxes": service_boxes(None, selection.services),
            "notice_boxes": notice_boxes(None, selection.notices),
            "regime_boxes": regime_boxes(defaults),
        },
    )


def _administrators_only(access: Access) -> None:
    if not access.is_administrator:
        raise Http404


def _template_or_404(access: Access, uid: UUID) -> Template:
    _administrators_only(access)
    found = next((template for template in templates(access) if template.uid == uid), None)
    if found is None:
        raise Http404
    return found
