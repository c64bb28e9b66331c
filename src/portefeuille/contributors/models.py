"""The space of a client (a contributor), and the people who hold it."""

import uuid

from django.db import models
from django.db.models import Q


class ClientSpace(models.Model):
    """One space for all that is under a Siren, or for an account without Siren. Opened with a posted code."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    siren = models.CharField(max_length=9, blank=True)
    account_number = models.CharField(max_length=18, blank=True)
    name = models.CharField(max_length=250)  # as the register had it when the space was opened
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["siren", "account_number"], name="one_space_of_a_client"),
            models.CheckConstraint(
                name="a_space_is_of_a_siren_or_an_account_number",
                condition=Q(siren="", account_number__gt="") | Q(siren__gt="", account_number=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class SpaceHolder(models.Model):
    """A person who opened the space, each with a code of their own. Not ``active``: who left, or was removed."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    space = models.ForeignKey(ClientSpace, on_delete=models.PROTECT, related_name="holders")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="client_spaces")
    active = models.BooleanField(default=True)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "user"], name="one_holding_per_person_and_space")]

    def __str__(self) -> str:
        return f"{self.space_id} {self.user_id}"
