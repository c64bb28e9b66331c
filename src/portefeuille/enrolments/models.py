"""The heart: a firm's subscription to the accounts of one client under one regime."""

import uuid

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from portefeuille.firms.models import Firm, Member, Portfolio
from portefeuille.registry.models import AccountState, Regime


class Enrolment(models.Model):
    """An «inscription»: the accounts of one regime of one Siren, or one account number where there is no Siren.

    The subject is ``regime`` with either ``siren`` or ``account_number`` (canonical). ``services`` and ``notices`` are
    bit masks over the catalogue: as a column they cost 17 times less to write than as rows (ADR 0004).

    ``name`` to ``search`` repeat the register so that a page of the list is one indexed query; they follow it through
    ``enrolments.actions.follow_register``.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "active"
        CONTESTED = "contested", "contestée"  # suspended by the client: gives no access
        TERMINATED = "terminated", "résiliée"

    class EndedBy(models.TextChoices):
        FIRM = "firm", "le cabinet"
        CLIENT = "client", "le client"
        AGENT = "agent", "l'organisme"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="enrolments")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, related_name="enrolments")
    regime = models.CharField(max_length=3, choices=Regime)
    siren = models.CharField(max_length=9, blank=True)
    account_number = models.CharField(max_length=18, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    services = models.BigIntegerField(default=0)
    notices = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    contested_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=6, choices=EndedBy, blank=True)
    ending = models.UUIDField(null=True)  # those terminated by one act are undone by one act

    name = models.CharField(max_length=250)
    name_key = models.CharField(max_length=250)  # folded, to sort by
    siret = models.CharField(max_length=14, blank=True)
    town = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    account_state = models.CharField(max_length=8, choices=AccountState, default=AccountState.ACTIVE)
    accounts = models.PositiveIntegerField(default=1)
    search = models.TextField()  # folded name and signs, identifiers, account numbers

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "siren", "regime"],
                name="one_live_enrolment_per_siren_and_regime",
                condition=~Q(state="terminated") & ~Q(siren=""),
            ),
            models.UniqueConstraint(
                fields=["firm", "account_number"],
                name="one_live_enrolment_per_account",
                condition=~Q(state="terminated") & ~Q(account_number=""),
            ),
            models.CheckConstraint(
                name="a_subject_is_a_siren_or_an_account_number",
                condition=Q(siren="", account_number__gt="") | Q(siren__gt="", account_number=""),
            ),
            models.CheckConstraint(
                name="ended_when_terminated",
                condition=Q(state="terminated", ended_at__isnull=False)
                | (~Q(state="terminated") & Q(ended_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(F("firm"), F("name_key"), F("id"), name="list_by_name", condition=~Q(state="terminated")),
            models.Index(
                F("firm"), F("created_at").desc(), F("id").desc(), name="list_by_age", condition=~Q(state="terminated")
            ),
            models.Index(F("siren"), name="enrolments_on_a_siren", condition=~Q(state="terminated") & ~Q(siren="")),
            models.Index(
                F("account_number"),
                name="enrolments_on_an_account",
                condition=~Q(state="terminated") & ~Q(account_number=""),
            ),
            models.Index(F("firm"), F("ended_at").desc(), name="list_of_terminated", condition=Q(state="terminated")),
            GinIndex(
                F("firm"),
                OpClass(F("search"), name="gin_trgm_ops"),
                name="search_in_a_firm",
                condition=~Q(state="terminated"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class EstablishmentChoice(models.Model):
    """Services and notices of one establishment of an employer, where they differ from the enrolment's (R5)."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="establishment_choices")
    siret = models.CharField(max_length=14)
    services = models.BigIntegerField()
    notices = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "siret"], name="one_choice_per_establishment")]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.siret}"


class Submission(models.Model):
    """A form that was sent once: the same form sent again gets the same answer (double click, back, retry)."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "key"], name="a_form_acts_once")]

    def __str__(self) -> str:
        return str(self.key)


class Tally(models.Model):
    """How many live enrolments a portfolio has of each kind: kept by a trigger, read instead of ``count(*)``."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+", db_index=False)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    regime = models.CharField(max_length=3)
    state = models.CharField(max_length=10)
    account_state = models.CharField(max_length=8)
    number = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "portfolio", "regime", "state", "account_state"], name="one_tally_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.portfolio_id}: {self.number}"
