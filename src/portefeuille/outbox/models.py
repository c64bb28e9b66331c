"""E-mails and letters as rows, written in the transaction of the act that they tell about (R12)."""

import uuid

from django.db import models
from django.db.models import Q


class Message(models.Model):
    class Channel(models.TextChoices):
        EMAIL = "email", "courriel"
        LETTER = "letter", "lettre"

    class State(models.TextChoices):
        WAITING = "waiting", "à envoyer"
        SENT = "sent", "envoyé"
        DEAD = "dead", "abandonné"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=6, choices=Channel)
    recipient = models.CharField(max_length=254, blank=True)  # an e-mail address; empty for a letter
    account_id = models.BigIntegerField(null=True)  # the account whose holder a letter goes to
    subject = models.CharField(max_length=200)
    body = models.TextField()
    secret = models.TextField(blank=True)  # sealed; takes the place of ``[[code]]`` when sent or printed, then erased
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()  # not before; a lease is a due_at in the future
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)  # the SMTP code, never the server's text

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outbox_waiting", condition=Q(state="waiting", channel="email"))
        ]

    def __str__(self) -> str:
        return str(self.uid)
