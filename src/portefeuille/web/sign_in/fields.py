"""Fields about persons that several journeys ask for."""

from typing import Any

from django import forms

from portefeuille.identifiers.cleaning import Malformed
from portefeuille.people import emails, names
from portefeuille.posted_codes.actions import LENGTH
from portefeuille.posted_codes.actions import parse as parse_code

INVISIBLE = "Ce texte contient un caractère invisible. Saisissez-le de nouveau."


class EmailAddress(forms.CharField):
    """An e-mail address, as ``people.emails`` keeps it."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", emails.LONGEST)
        super().__init__(
            **options,
            error_messages={
                "required": emails.EMPTY,
                "max_length": f"L'adresse a {emails.LONGEST} caractères au plus.",
                "null_characters_not_allowed": INVISIBLE,
            },
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return emails.parse(text) if text else ""
        except Malformed as error:
            raise forms.ValidationError(str(error)) from error


class Name(forms.CharField):
    """The name of a person or of a thing of theirs, as ``people.names`` keeps it."""

    def __init__(self, *, missing: str, max_length: int, **options: Any) -> None:
        super().__init__(
            max_length=max_length,
            **options,
            error_messages={
                "required": missing,
                "max_length": f"Le nom a {max_length} caractères au plus.",
                "null_characters_not_allowed": INVISIBLE,
            },
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return names.parse(text) if text else ""
        except Malformed as error:
            raise forms.ValidationError(str(error)) from error


def right_length(typed: str) -> str:
    """A posted code, when it could be one: a slip of the length costs no try."""
    length = len(parse_code(typed))
    if length != LENGTH:
        raise forms.ValidationError(f"Le code a {LENGTH} lettres et chiffres : vous en avez saisi {length}.")
    return typed
