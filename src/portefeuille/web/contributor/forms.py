"""What a client types: to open their space, and to say what becomes of new firms."""

from django import forms

from portefeuille.enrolments.models import ClientRule
from portefeuille.identifiers import designation
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.identifiers.designation import Designation, Kind
from portefeuille.posted_codes.actions import LENGTH
from portefeuille.web.opening.forms import KnownPersonForm
from portefeuille.web.sign_in.fields import INVISIBLE, EmailAddress, right_length
from portefeuille.web.sign_in.new_person import NewPersonForm

_NEITHER = "Saisissez votre Siren (9 chiffres), ou votre numéro de compte (15 à 18 chiffres)."


class OpeningForm(forms.Form):
    """«Votre Siren, ou votre numéro de compte», «Votre adresse électronique»."""

    identifiant = forms.CharField(
        label="Votre Siren, ou votre numéro de compte",
        max_length=100,
        error_messages={
            "required": _NEITHER,
            "max_length": _NEITHER,
            "null_characters_not_allowed": INVISIBLE,
        },
    )
    courriel = EmailAddress(label="Votre adresse électronique")

    def clean_identifiant(self) -> Designation:
        try:
            found = designation.parse(self.cleaned_data["identifiant"])
        except Malformed as error:
            raise forms.ValidationError(_NEITHER if str(error) == designation.HINT else str(error)) from error
        if found.kind is Kind.PROVISIONAL_SIRET:  # what it stands for is for the register to tell, not for this page
            raise forms.ValidationError(_NEITHER)
        return found

    @property
    def holder(self) -> dict[str, str]:
        """The Siren, or the account number, as the verb takes them."""
        found: Designation = self.cleaned_data["identifiant"]
        return {"siren": found.siren, "account_number": "" if found.siren else found.value}


def _code() -> forms.CharField:
    return forms.CharField(
        label="Code reçu",
        max_length=40,
        error_messages={
            "required": f"Saisissez le code : {LENGTH} lettres et chiffres.",
            "max_length": f"Le code a {LENGTH} lettres et chiffres.",
            "null_characters_not_allowed": INVISIBLE,
        },
    )


class OpenAsNewPerson(NewPersonForm):
    code = _code()
    field_order = ("code", "nom", "mot_de_passe", "conditions")

    def clean_code(self) -> str:
        return right_length(self.cleaned_data["code"])


class OpenAsKnownPerson(KnownPersonForm):
    code = _code()
    field_order = ("code", "conditions")

    def clean_code(self) -> str:
        return right_length(self.cleaned_data["code"])


class RuleForm(forms.Form):
    """«Quand un nouveau cabinet veut s'inscrire»."""

    regle = forms.ChoiceField(
        label="Quand un nouveau cabinet veut s'inscrire",
        choices=[
            (ClientRule.Rule.OPEN.value, "L'inscrire aussitôt, s'il prouve qu'il connaît mon compte"),
            (ClientRule.Rule.ASK.value, "Attendre mon accord"),
            (ClientRule.Rule.CLOSED.value, "Refuser"),
        ],
        error_messages={
            "required": "Choisissez une des trois réponses.",
            "invalid_choice": "Choisissez une des trois réponses.",
        },
    )

    def clean_regle(self) -> ClientRule.Rule:
        return ClientRule.Rule(self.cleaned_data["regle"])
