"""Catalogue and Forfaits: the texts of the boxes, and the amounts that prove nothing."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portefeuille.backoffice.access import AgentAccess
from portefeuille.catalogue.editing import KINDS, LAST_POSITION, LONGEST_LABEL, change_entry
from portefeuille.catalogue.models import CatalogueEntry, Notice, Service
from portefeuille.identifiers import amount
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.registry import flat_rates
from portefeuille.registry.models import Regime
from portefeuille.web import notices
from portefeuille.web.backoffice.asking import Question, Words, ask
from portefeuille.web.backoffice.door import acting_agent_page, agent_page
from portefeuille.web.parking import take_parked

_INVISIBLE = "Ce texte contient un caractère invisible. Saisissez-le de nouveau."
_LABELS = {
    "required": "Saisissez le libellé.",
    "max_length": f"Le libellé a {LONGEST_LABEL} caractères au plus.",
    "null_characters_not_allowed": _INVISIBLE,
}
_POSITION = f"Saisissez un nombre entier de 0 à {LAST_POSITION}."


@agent_page
def show(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    columns = [
        ("service", "Services en ligne", list(Service.objects.order_by("position", "pk"))),
        ("notice", "Services de communication par courriel", list(Notice.objects.order_by("position", "pk"))),
    ]
    regimes = {str(regime.value): str(regime.label) for regime in Regime}
    return render(request, "backoffice/catalogue.html", {"agent": agent, "columns": columns, "regimes": regimes})


class EntryForm(forms.Form):
    libelle = Words(label="Libellé", max_length=LONGEST_LABEL, error_messages=_LABELS)
    rang = forms.IntegerField(
        label="Rang dans la colonne",
        min_value=0,
        max_value=LAST_POSITION,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _POSITION),
    )
    regimes = forms.MultipleChoiceField(
        label="Offert aux régimes",
        required=False,
        choices=Regime.choices,
        error_messages={"invalid_choice": "Choisissez parmi les régimes proposés."},
    )


@acting_agent_page
def change(request: HttpRequest, agent: AgentAccess, kind: str, code: str) -> HttpResponse:
    """One entry: its label, its place, the regimes that it is offered to."""
    entry: CatalogueEntry | None = KINDS[kind]._default_manager.filter(code=code).first() if kind in KINDS else None
    if entry is None:
        raise Http404
    initial: dict[str, Any] = {"libelle": entry.label, "rang": entry.position, "regimes": entry.regimes}
    if parked := take_parked(request):
        initial = {"libelle": parked.get("libelle"), "rang": parked.get("rang"), "regimes": parked.getlist("regimes")}
    form = EntryForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changed = change_entry(
            actor=agent.actor,
            kind=kind,
            code=code,
            label=form.cleaned_data["libelle"],
            position=form.cleaned_data["rang"],
            regimes=[Regime(value) for value in form.cleaned_data["regimes"]],
        )
        said = "est modifié. Tous les écrans le montrent d'ici une minute." if changed else "n'a pas changé."
        notices.say_done(request, f"«\u00a0{form.cleaned_data['libelle']}\u00a0» {said}")
        return redirect("office_catalogue")
    ticked = set(form["regimes"].value() or [])
    boxes = [
        {"value": value, "label": label, "checked": value in ticked, "children": []} for value, label in Regime.choices
    ]
    return render(
        request, "backoffice/entry.html", {"agent": agent, "entry": entry, "form": form, "boxes": boxes, "kind": kind}
    )


class FlatRateForm(forms.Form):
    montant = forms.CharField(
        label="Montant publié",
        max_length=100,
        error_messages={
            "required": amount.EMPTY,
            "max_length": amount.UNREADABLE,
            "null_characters_not_allowed": amount.UNREADABLE,
        },
    )
    libelle = Words(label="Libellé", max_length=flat_rates.LONGEST_LABEL, error_messages=_LABELS)

    def clean_montant(self) -> Any:
        try:
            value = amount.parse(self.cleaned_data["montant"])
        except Malformed as error:
            raise forms.ValidationError(str(error)) from error
        if not value:
            raise forms.ValidationError("Zéro ne prouve jamais rien : il n'y a pas à l'ajouter.")
        return value


@agent_page
def show_flat_rates(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    return render(request, "backoffice/flat_rates.html", {"agent": agent, "rows": flat_rates.flat_rates()})


@acting_agent_page
def add_flat_rate(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    form = FlatRateForm(request.POST if request.method == "POST" else take_parked(request))
    if request.method == "POST" and form.is_valid():
        label = form.cleaned_data["libelle"]
        if flat_rates.add(actor=agent.actor, value=form.cleaned_data["montant"], label=label):
            notices.say_done(
                request, f"«\u00a0{label}\u00a0» est ajouté. Ce montant ne prouvera plus rien d'ici une minute."
            )
            return redirect("office_flat_rates")
        form.add_error("montant", "Ce montant est déjà un forfait publié.")
    return render(request, "backoffice/flat_rate.html", {"agent": agent, "form": form})


@acting_agent_page
def remove_flat_rate(request: HttpRequest, agent: AgentAccess, flat_rate: int) -> HttpResponse:
    row = next((row for row in flat_rates.flat_rates() if row.id == flat_rate), None)
    if row is None:
        raise Http404
    if request.method != "POST":
        question = Question(
            title=f"Retirer {row.label or 'ce forfait'}",
            sentences=(
                f"{row.amount} pourra de nouveau servir de justificatif.",
                "Les comptes concernés le retrouvent au prochain chargement du référentiel.",
            ),
            button="Retirer",
            back=reverse("office_flat_rates"),
            back_label="Forfaits",
            section="flat_rates",
        )
        return ask(request, agent, question, None)
    if flat_rates.remove(actor=agent.actor, flat_rate=flat_rate):
        notices.say_done(request, f"{row.label or 'Le forfait'} est retiré.")
    return redirect("office_flat_rates")
