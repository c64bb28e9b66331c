"""What is typed about a template: its name; boxes are read by ``web.space.boxes``."""

from typing import Any

from django import forms
from django.http import QueryDict

from portefeuille.catalogue.templates import LONGEST_NAME
from portefeuille.registry.models import Regime
from portefeuille.web.space.wording import REGIME_OF_SLUG, SLUGS


class TemplateForm(forms.Form):
    """«Nom du modèle»."""

    nom = forms.CharField(
        label="Nom du modèle",
        max_length=LONGEST_NAME,
        error_messages={
            "required": "Donnez un nom à ce modèle. Par exemple : Paie complète.",
            "max_length": f"Le nom d'un modèle a {LONGEST_NAME} caractères au plus.",
            "null_characters_not_allowed": "Ce nom contient un caractère qui n'en est pas un : retapez-le.",
        },
    )

    def clean_nom(self) -> str:
        name = " ".join(str(self.cleaned_data["nom"]).split())
        if not name.isprintable():
            raise forms.ValidationError("Ce nom contient un caractère qui n'en est pas un : retapez-le.")
        return name


def regimes_of(form: QueryDict) -> tuple[Regime, ...]:
    """The regimes ticked under «Cocher d'avance pour»."""
    said = {REGIME_OF_SLUG.get(value) for value in form.getlist("regimes")}
    return tuple(regime for regime in Regime if regime in said)


def regime_boxes(ticked: Any) -> list[dict[str, Any]]:
    return [
        {"value": SLUGS[regime], "label": str(regime.label), "checked": regime in ticked, "children": []}
        for regime in Regime
    ]
