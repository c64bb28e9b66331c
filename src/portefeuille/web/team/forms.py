"""What is typed about a team."""

from collections.abc import Sequence
from typing import Any

from django import forms

from portefeuille.firms.models import Member
from portefeuille.firms.queries import Teammate
from portefeuille.web.sign_in.fields import EmailAddress, Name

#: In «Droits»: the portfolios are chosen one by one, below.
BELOW = ""


class InvitationForm(forms.Form):
    """«Adresse électronique», «Prénom et nom», «Rôle», and whose rights to copy."""

    courriel = EmailAddress(label="Adresse électronique professionnelle")
    nom = Name(label="Prénom et nom (facultatif)", missing="", max_length=120, required=False)
    role = forms.ChoiceField(
        label="Rôle",
        choices=[
            (Member.Role.COLLABORATOR.value, "Collaborateur : voit les portefeuilles que vous lui donnez"),
            (Member.Role.ADMINISTRATOR.value, "Administrateur : voit tout, gère l'équipe et les portefeuilles"),
        ],
        initial=Member.Role.COLLABORATOR.value,
        error_messages={"required": "Choisissez un rôle.", "invalid_choice": "Choisissez un de ces deux rôles."},
    )
    comme = forms.ChoiceField(
        label="Droits d'un collaborateur",
        required=False,
        error_messages={"invalid_choice": "Cette personne ne fait plus partie de votre équipe."},
    )

    def __init__(self, *args: Any, team: Sequence[Teammate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = [mate for mate in team if not mate.is_administrator]
        self.fields["comme"].choices = [  # type: ignore[attr-defined]
            (BELOW, "Ceux que vous choisissez ci-dessous"),
            *((str(mate.uid), f"Les mêmes droits : {mate.called}") for mate in colleagues),
        ]


class PortfolioForm(forms.Form):
    """«Nom du portefeuille»."""

    nom = Name(label="Nom du portefeuille", missing="Saisissez un nom pour ce portefeuille.", max_length=80)


class TakeOverForm(forms.Form):
    """Who takes over what a departing member had."""

    repreneur = forms.ChoiceField(
        label="Qui reprend ses portefeuilles et ses clients réservés ?",
        required=False,
        error_messages={"invalid_choice": "Cette personne ne fait plus partie de votre équipe."},
    )

    def __init__(self, *args: Any, others: Sequence[Teammate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["repreneur"].choices = [  # type: ignore[attr-defined]
            ("", "Les administrateurs"),
            *((str(mate.uid), mate.called) for mate in others),
        ]
