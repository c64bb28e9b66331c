"""What is typed to open a firm's space."""

from django import forms

from portefeuille.identifiers import siren
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.web.sign_in.fields import INVISIBLE, EmailAddress


class OpeningForm(forms.Form):
    """«Siren de votre cabinet», «Adresse électronique professionnelle»."""

    siren = forms.CharField(
        label="Siren de votre cabinet",
        max_length=100,
        error_messages={
            "required": siren.EMPTY,
            "max_length": "Le Siren a 9 chiffres : vous en avez saisi plus.",
            "null_characters_not_allowed": INVISIBLE,
        },
    )
    courriel = EmailAddress(label="Adresse électronique professionnelle")

    def clean_siren(self) -> str:
        try:
            return siren.parse(self.cleaned_data["siren"])
        except Malformed as error:
            raise forms.ValidationError(str(error)) from error


class KnownPersonForm(forms.Form):
    """The terms alone: whoever signs in already has a name and a password."""

    conditions = forms.BooleanField(
        label="J'accepte les conditions d'utilisation",
        error_messages={"required": "Cochez cette case pour accepter les conditions d'utilisation."},
    )
