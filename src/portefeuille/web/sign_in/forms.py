"""The sign-in form, in our words."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms


class SignInForm(LoginForm):
    """«Identifiant» is not checked to be an e-mail address: every wrong one gets the same answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label="Identifiant", max_length=254, error_messages={"required": "Saisissez votre identifiant."}
        )
        self.fields["password"] = forms.CharField(
            label="Mot de passe",
            max_length=1000,
            strip=False,
            widget=forms.PasswordInput,
            error_messages={"required": "Saisissez votre mot de passe."},
        )
        self.order_fields(["login", "password"])
