"""Agents of the body (gestionnaires)."""

import uuid

from django.db import models


class Agent(models.Model):
    """A person of the body. Reading is every agent's right; ``may_act`` is the right to change something."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField("people.User", on_delete=models.PROTECT, related_name="agent")
    may_act = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.uid)
