"""Sign-in by allauth, with our own attempt budgets and one answer for every failure."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest

from portefeuille.people import devices, sessions
from portefeuille.people.addresses import client_address
from portefeuille.people.models import User
from portefeuille.throttling import budgets

INCORRECT = "Identifiant ou mot de passe incorrect."
TOO_MANY = "Trop d'essais depuis votre connexion. Attendez cinq minutes, puis réessayez."


class AccountAdapter(DefaultAccountAdapter):
    """An unknown identifier, a wrong password and a closed account get one answer after the same work."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": INCORRECT,
        "too_many_login_attempts": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody: administrators of a firm and agents of the body create people."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person, or None; raises ValidationError where the budgets are spent, whatever was typed."""
        email, password = str(credentials["email"]).lower(), str(credentials["password"])
        address = client_address(request)
        limits = settings.SIGN_IN_BUDGETS
        spending = {
            "sign_in_from": (budgets.key_of("sign_in_from", email, address), limits["sign_in_from"]),
            "sign_in_address": (budgets.key_of("sign_in_address", address), limits["sign_in_address"]),
        }
        # Refuse before hashing, or whoever is locked out could still keep a core busy.
        if min(budgets.remaining(spending).values()) < 1:
            raise self.validation_error("too_many_login_attempts")
        user = _with_password(email, password)
        with transaction.atomic():
            attempt = budgets.attempt(spending, failed=user is None)
        if not attempt.admitted:
            raise self.validation_error("too_many_login_attempts")
        return user

    def get_login_stages(self) -> list[str]:
        """What stands between the first factor and the door."""
        return ["portefeuille.people.stages.SecondFactorStage"]

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        devices.greet(request, cast(User, user))
        super().login(request, user)
        sessions.start(request.session, browser=devices.described(request.headers.get("User-Agent", "")))

    def is_safe_url(self, url: str | None) -> bool:
        """Whether one may be sent there after signing in; an address that cannot be read is not."""
        try:
            return bool(url and super().is_safe_url(url))
        except ValueError:  # "https://["
            return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No «successfully signed in»: the page that opens says it."""

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        error = super().validation_error(code, *args)
        assert isinstance(error, ValidationError)  # noqa: S101 - for the type checker
        return error


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Nothing of allauth's own conversation with providers is open: no sign-up, no provider from the database."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        return []


def _with_password(email: str, password: str) -> User | None:
    """One query on the unique index and one password hash, whoever is asked for."""
    user = User.objects.filter(Exact(Lower("email"), Value(email))).first()
    if user is None:
        User().set_password(password)
        return None
    return user if user.check_password(password) and user.is_active else None
