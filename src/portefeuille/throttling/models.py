"""Attempt budgets as rows: one row a key, with the times of its failures (R4)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Budget(models.Model):
    """The failures of one key, oldest first, within its longest window.

    ``key`` is a digest, so that a row tells nothing about whom it counts. Only ``budget_attempt`` (SQL) writes.
    """

    key = models.BinaryField(primary_key=True)
    failures = ArrayField(models.DateTimeField())

    def __str__(self) -> str:
        return bytes(self.key).hex()
