"""Agents of the body (gestionnaires), and the letters that were printed today."""

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


class LetterBatch(models.Model):
    """Letters that were printed together. Their PDF is kept sealed for the day, so that a lost download is no loss."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    printed_at = models.DateTimeField()
    printed_by = models.CharField(max_length=60)  # as the trail names them
    letters = models.PositiveIntegerField()
    unaddressed = models.PositiveIntegerField()  # given up: the register has no address
    sealed = models.TextField(blank=True)  # empty once the day is over

    class Meta:
        indexes = [models.Index(fields=["-printed_at"], name="batches_by_day")]

    def __str__(self) -> str:
        return str(self.uid)
