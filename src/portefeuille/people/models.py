"""The person who signs in. What a person may do is decided elsewhere: membership of a firm (room ``firms``)."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, password: str | None = None, full_name: str = "", **fields: Any) -> "User":
        """A person with a usable password, or with none when ``password`` is None."""
        user = self.model(email=email.strip().lower(), full_name=full_name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A named person, known by a professional e-mail address («Identifiant»). Nobody shares a login."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_the_case")]

    def __str__(self) -> str:
        return self.full_name or self.email


class Link(models.Model):
    """A link that was sent to an e-mail address: it proves that its bearer reads that address, once, for a while."""

    class Purpose(models.TextChoices):
        OPEN_FIRM = "open-firm", "ouvrir l'espace d'un cabinet"
        OPEN_CLIENT_SPACE = "open-client-space", "ouvrir l'espace d'un client"
        INVITATION = "invitation", "rejoindre un cabinet"
        RESET = "reset", "choisir un nouveau mot de passe"
        CHANGE_EMAIL = "change-email", "changer d'adresse"

    purpose = models.CharField(max_length=20, choices=Purpose)
    email = models.EmailField(max_length=254)
    digest = models.BinaryField(max_length=32, unique=True)
    payload = models.JSONField(default=dict)  # what the page that it opens needs; no secret
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # used or withdrawn

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Session(AbstractBaseSession):
    """A browser at work, signed in or not. ``session_key`` is a digest: who reads the row cannot use the session."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    uid = models.UUIDField(null=True)  # how the person's own pages name it
    browser = models.CharField(max_length=60, blank=True)  # «Firefox sur Windows»
    opened_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # to the minute

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from portefeuille.people.sessions import SessionStore

        return SessionStore
