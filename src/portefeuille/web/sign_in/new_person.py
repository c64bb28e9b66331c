"""The form by which a person whose address is proved chooses a name and a password, wherever they come from."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from portefeuille.people.models import User
from portefeuille.web.sign_in.fields import INVISIBLE, Name

#: Passwords are hashed whole; nobody types more.
LONGEST_PASSWORD = 128


class NewPersonForm(forms.Form):
    """«Prénom et nom», «Mot de passe», «Conditions». The password is checked against the rules of the settings."""

    nom = Name(label="Prénom et nom", max_length=120, missing="Saisissez votre prénom et votre nom.")
    mot_de_passe = forms.CharField(
        label="Mot de passe",
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput,
        error_messages={
            "required": "Choisissez un mot de passe.",
            "max_length": f"Le mot de passe a {LONGEST_PASSWORD} caractères au plus.",
            "null_characters_not_allowed": INVISIBLE,
        },
    )
    conditions = forms.BooleanField(
        label="J'accepte les conditions d'utilisation",
        error_messages={"required": "Cochez cette case pour accepter les conditions d'utilisation."},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        """``email``: the proved address, which the password must not resemble."""
        super().__init__(*args, **kwargs)
        self._email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "mot_de_passe" in cleaned:
            person = User(email=self._email, full_name=cleaned.get("nom", ""))
            try:
                validate_password(cleaned["mot_de_passe"], person)
            except forms.ValidationError as error:
                self.add_error("mot_de_passe", error)
        return cleaned


def enter(request: HttpRequest, user: User) -> None:
    """Sign in who has just become a person: a link proved the address, the password was typed a moment ago."""
    get_adapter().login(request, user)
