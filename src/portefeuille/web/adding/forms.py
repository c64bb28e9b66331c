"""What is typed to add a client: the identifier first (screen 4), then the proof (screen 5)."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django import forms

from portefeuille.catalogue.templates import LONGEST_NAME
from portefeuille.enrolments.proving import CodeProof, Proof
from portefeuille.firms.access import Access
from portefeuille.identifiers import account_number, amount, designation, nir
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.identifiers.designation import Designation
from portefeuille.registry.models import FactKind, Regime
from portefeuille.registry.queries import KIND_OF_REGIME, Question, Subject
from portefeuille.web.jinja import jour
from portefeuille.web.sign_in.fields import right_length

Parsed = TypeVar("Parsed")

#: Far more than anybody types; the parsers say what is wrong with what is shorter.
_LONGEST = 200
_TOO_LONG = "Ce texte est trop long. Saisissez seulement ce qui est demandé."


def _text(label: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_LONGEST,
        error_messages={
            "required": missing,
            "max_length": _TOO_LONG,
            "null_characters_not_allowed": "Ce texte contient un caractère invisible. Saisissez-le de nouveau.",
        },
    )


class IdentifierForm(forms.Form):
    """«Siren ou numéro de compte», «Inscrire»."""

    identifiant = _text(
        "Siren ou numéro de compte",
        "Saisissez le Siren de votre client, ou son numéro de compte s'il n'a pas de Siret.",
    )

    def clean_identifiant(self) -> Designation:
        return _parsed(designation.parse, self.cleaned_data["identifiant"])


class ProofForm(forms.Form):
    """The proof under «Pour valider cet abonnement», with the portfolio when there is a choice."""

    cle = forms.Field(widget=forms.HiddenInput, required=False)  # not text: nothing in it is worth a refusal
    portefeuille = forms.ChoiceField(
        label="Portefeuille", error_messages={"invalid_choice": "Choisissez un de vos portefeuilles."}
    )
    fait = _text("", "")
    compte = _text("", "Saisissez le numéro de compte, tel qu'il figure sur les courriers de votre client.")

    modele = forms.CharField(
        label="Garder ces choix comme modèle (facultatif)",
        required=False,
        max_length=LONGEST_NAME,
        error_messages={"max_length": f"Le nom d'un modèle a {LONGEST_NAME} caractères au plus."},
    )

    def __init__(self, *args: Any, access: Access, subject: Subject, question: Question | None, **kwargs: Any) -> None:
        """``question`` is None for a bare account number, about which nothing is told."""
        super().__init__(*args, **kwargs)
        self.kind = KIND_OF_REGIME[subject.regime]
        self.fields["portefeuille"].choices = [  # type: ignore[attr-defined]
            (str(portfolio.id), portfolio.name) for portfolio in access.managed
        ]
        if len(access.managed) == 1:
            self.fields["portefeuille"].required = False
        self.fields["compte"].label = _account_label(subject.regime)
        fact = self.fields["fait"]
        if self.kind is FactKind.NIR:
            fact.label = "Numéro de sécurité sociale"
            fact.error_messages["required"] = "Saisissez le numéro de sécurité sociale de votre client."
        else:
            fact.label = _amount_label(self.kind, question)
            fact.error_messages["required"] = "Saisissez le montant à payer, au centime près."
        if subject.account_number:  # typed a page ago: shown again, as the guide asks for it here
            self.fields["compte"].initial = account_number.show(subject.account_number)
        self._only_portfolio = access.managed[0].id if len(access.managed) == 1 else None

    def clean_fait(self) -> str:
        typed = self.cleaned_data["fait"]
        if self.kind is FactKind.NIR:
            return _parsed(nir.parse, typed)
        return str(_parsed(amount.parse, typed))

    def clean_compte(self) -> str:
        return _parsed(account_number.parse, self.cleaned_data["compte"])

    def clean_cle(self) -> UUID:
        """The form's own name; one that was tampered with only loses its use."""
        try:
            return UUID(self.cleaned_data["cle"] or "")
        except ValueError:
            return uuid4()

    def clean_portefeuille(self) -> int:
        return self._only_portfolio or int(self.cleaned_data["portefeuille"])

    @property
    def proof(self) -> Proof | CodeProof:
        return Proof(account_number=self.cleaned_data["compte"], fact=self.cleaned_data["fait"])


class CodeForm(ProofForm):
    """The same with the code of a letter in place of the fact."""

    code = _text("Code de la lettre", "Saisissez le code que votre client vous a donné.")
    field_order = ("cle", "portefeuille", "code", "compte", "modele")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["fait"]

    def clean_code(self) -> str:
        return right_length(self.cleaned_data["code"])

    @property
    def proof(self) -> CodeProof:
        return CodeProof(account_number=self.cleaned_data["compte"], code=self.cleaned_data["code"])


def _parsed(parse: Callable[[str], Parsed], typed: str) -> Parsed:
    try:
        return parse(typed)
    except Malformed as error:
        raise forms.ValidationError(str(error)) from error


def _account_label(regime: Regime) -> str:
    if regime is Regime.GENERAL:
        return "Numéro de compte employeur"
    if KIND_OF_REGIME[regime] is FactKind.NIR:
        return "Numéro de compte Indépendant"
    return "Numéro de compte Urssaf"


def _amount_label(kind: FactKind, question: Question | None) -> str:
    """«Montant à payer à l'échéance du 15 octobre 2026»: the screen names the due date that it asks about (R3)."""
    days: tuple[date, ...] = question.due_dates if question else ()
    if not days:
        return "Montant à payer à la première échéance de l'année"
    if len(days) == 1:
        return f"Montant à payer à l'échéance du {jour(days[0])}"
    if len(days) <= 3:
        return "Montant à payer à l'échéance du " + " ou du ".join(jour(day) for day in days)
    if kind is FactKind.DECLARED_AMOUNT:
        return "Montant à payer à la dernière échéance déclarée"
    return "Montant à payer à la première échéance de l'année"
