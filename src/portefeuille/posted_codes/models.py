"""A code that was sent by e-mail or letter to the address that the body has of a client."""

from django.db import models
from django.db.models import Q

from portefeuille.registry.models import Regime


class PostedCode(models.Model):
    """Ten characters of base 32, kept as a keyed digest: five tries, thirty days, good once.

    The subject is named as enrolments name theirs; for a client's space ``regime`` is empty: it opens on all that is
    under the Siren, or on the account. ``firm_id`` is the firm that asked (purpose ``ENROLMENT``), else 0.
    """

    class Purpose(models.TextChoices):
        SPACE = "space", "ouvrir l'espace du client"
        ENROLMENT = "enrolment", "inscrire le client au portefeuille d'un cabinet"

    purpose = models.CharField(max_length=9, choices=Purpose)
    firm_id = models.BigIntegerField(default=0)
    regime = models.CharField(max_length=3, choices=Regime, blank=True)
    siren = models.CharField(max_length=9, blank=True)
    account_number = models.CharField(max_length=18, blank=True)
    digest = models.BinaryField(max_length=32)
    tries_left = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    # Whose code it is, as a keyed name of the address that asked: a stranger's requests neither end it nor use it up.
    # Empty for a firm's, and for one that an agent sends, which is good for whoever holds it.
    bearer = models.CharField(max_length=32, blank=True)
    ended_at = models.DateTimeField(null=True)  # used, replaced by a newer one, or out of tries

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "firm_id", "regime", "siren", "account_number", "bearer"],
                name="one_live_code_of_a_kind",
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="a_code_is_about_a_siren_or_an_account_number",
                condition=Q(siren="", account_number__gt="") | Q(siren__gt="", account_number=""),
            ),
        ]
        indexes = [models.Index(fields=["siren", "account_number", "-created_at"], name="codes_sent_to_a_client")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class CodeRequest(models.Model):
    """Somebody asked for a code. The worker answers, and removes the row: whether the client is known and has an
    address is not seen by who asked, be it in the time that the page took.

    ``email``: who wants to open a client's space; a link goes there too, where ``link``. ``code``: whether a code is
    to be sent; a request that its budgets did not admit is kept and answered with nothing.
    """

    purpose = models.CharField(max_length=9, choices=PostedCode.Purpose)
    firm_id = models.BigIntegerField(default=0)
    regime = models.CharField(max_length=3, choices=Regime, blank=True)
    siren = models.CharField(max_length=9, blank=True)
    account_number = models.CharField(max_length=18, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    link = models.BooleanField()
    code = models.BooleanField()
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
