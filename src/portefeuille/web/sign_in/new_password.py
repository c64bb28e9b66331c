"""The form by which somebody who is known chooses another password."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from portefeuille.people.models import User
from portefeuille.people.passwords import LONGEST
from portefeuille.web.sign_in.fields import INVISIBLE


class NewPasswordForm(forms.Form):
    nouveau = forms.CharField(
        label="Nouveau mot de passe",
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput,
        error_messages={
            "required": "Choisissez un nouveau mot de passe.",
            "max_length": f"Le mot de passe a {LONGEST} caractères au plus.",
            "null_characters_not_allowed": INVISIBLE,
        },
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean_nouveau(self) -> str:
        password: str = self.cleaned_data["nouveau"]
        validate_password(password, self._person)
        return password
