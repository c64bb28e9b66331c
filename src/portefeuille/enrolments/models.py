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
        PENDING = "pending", "à confirmer"  # waits for the client's yes: gives no access
        ACTIVE = "active", "active"
        CONTESTED = "contested", "contestée"  # suspended by the client: gives no access
        REFUSED = "refused", "refusée"  # the client said no, or nothing in time
        TERMINATED = "terminated", "résiliée"

    class EndedBy(models.TextChoices):
        FIRM = "firm", "le cabinet"
        CLIENT = "client", "le client"
        AGENT = "agent", "l'organisme"
        DELAY = "delay", "le délai"

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
    restricted = models.BooleanField(
        default=False, db_default=False
    )  # only administrators and the members of ``OnlyFor`` see it
    asked_until = models.DateTimeField(null=True)  # the last instant of the client's answer, while pending
    contested_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=6, choices=EndedBy, blank=True)
    ended_from = models.CharField(
        max_length=10, blank=True, default="", db_default=""
    )  # the state that an undo brings back
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
                condition=Q(ended_at=None) & ~Q(siren=""),
            ),
            models.UniqueConstraint(
                fields=["firm", "account_number"],
                name="one_live_enrolment_per_account",
                condition=Q(ended_at=None) & ~Q(account_number=""),
            ),
            models.CheckConstraint(
                name="a_subject_is_a_siren_or_an_account_number",
                condition=Q(siren="", account_number__gt="") | Q(siren__gt="", account_number=""),
            ),
            models.CheckConstraint(
                name="ended_when_terminated_or_refused",
                condition=Q(state__in=["terminated", "refused"], ended_at__isnull=False)
                | (~Q(state__in=["terminated", "refused"]) & Q(ended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="pending_until_a_day",
                condition=~Q(state="pending") | Q(asked_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(F("firm"), F("name_key"), F("id"), name="list_by_name", condition=Q(ended_at=None)),
            models.Index(
                F("firm"), F("created_at").desc(), F("id").desc(), name="list_by_age", condition=Q(ended_at=None)
            ),
            models.Index(F("siren"), name="enrolments_on_a_siren", condition=~Q(siren="")),
            models.Index(
                F("account_number"),
                name="enrolments_on_an_account",
                condition=~Q(account_number=""),
            ),
            models.Index(
                F("firm"), F("ended_at").desc(), name="list_of_terminated", condition=Q(ended_at__isnull=False)
            ),
            models.Index(F("asked_until"), name="requests_to_close", condition=Q(state="pending")),
            models.Index(
                F("firm"),
                F("siren"),
                F("account_number"),
                name="shown_the_door_by_the_client",
                condition=Q(ended_at__isnull=False) & (Q(ended_by="client") | Q(contested_at__isnull=False)),
            ),
            GinIndex(
                F("firm"),
                OpClass(F("search"), name="gin_trgm_ops"),
                name="search_in_a_firm",
                condition=Q(ended_at=None),
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
    restricted = models.BooleanField()
    regime = models.CharField(max_length=3)
    state = models.CharField(max_length=10)
    account_state = models.CharField(max_length=8)
    number = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "portfolio", "restricted", "regime", "state", "account_state"],
                name="one_tally_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.portfolio_id}: {self.number}"


class OnlyFor(models.Model):
    """A member to whom a restricted client is shown. Administrators see every client."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="only_for")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "enrolment"], name="named_once_for_a_client")]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.member_id}"


class ClientRule(models.Model):
    """What a client said about new enrolments on all that is under its Siren, or on its account without Siren.

    Without a row, firms that prove what they know are enrolled at once (R3).
    """

    class Rule(models.TextChoices):
        OPEN = "open", "un cabinet qui fournit les justificatifs est inscrit aussitôt"
        ASK = "ask", "chaque inscription attend mon accord"
        CLOSED = "closed", "aucune nouvelle inscription"

    siren = models.CharField(max_length=9, blank=True)
    account_number = models.CharField(max_length=18, blank=True)
    rule = models.CharField(max_length=6, choices=Rule)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["siren", "account_number"], name="one_rule_of_a_client"),
            models.CheckConstraint(
                name="a_rule_is_about_a_siren_or_an_account_number",
                condition=Q(siren="", account_number__gt="") | Q(siren__gt="", account_number=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.rule}"


class Decision(models.Model):
    """What a client decided about an enrolment: its firm sees it in its list until a member has read it."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", "a accepté l'inscription"
        REFUSED = "refused", "a refusé l'inscription"
        EXPIRED = "expired", "n'a pas répondu dans le délai"
        CONTESTED = "contested", "conteste l'inscription"
        WITHDRAWN = "withdrawn", "ne conteste plus l'inscription"
        ENDED = "ended", "a mis fin à l'inscription"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+", db_index=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=9, choices=Kind)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["firm", "-at"], name="decisions_to_read", condition=Q(read_at=None))]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.kind}"


class BulkAct(models.Model):
    """One change of many enrolments, as a member asked for it: drawn up, looked at, then confirmed and worked off.

    What was looked at is what is done: its rows are fixed when it is drawn up. ``uid`` names the terminations in it
    too (``Enrolment.ending``), so that they are undone together.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "à confirmer"
        RUNNING = "running", "en cours"
        DONE = "done", "terminée"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)  # rows up to this place have their outcome
    due_at = models.DateTimeField(null=True)  # a worker's turn, not before: a lease is a due_at in the future

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="bulk_acts_to_work_off", condition=Q(state="running"))]

    def __str__(self) -> str:
        return str(self.uid)


class BulkRow(models.Model):
    """What is wished for one enrolment of a bulk act, and what became of it. Masks are those of the catalogue."""

    class Outcome(models.TextChoices):
        CHANGED = "changed", "modifié"
        SAME = "same", "déjà ainsi"
        ENDED = "ended", "résilié"
        GONE = "gone", "laissé de côté"  # ended meanwhile, or not this member's to change so

    act = models.ForeignKey(BulkAct, on_delete=models.CASCADE, related_name="rows", db_index=False)
    place = models.PositiveIntegerField()
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+", db_index=False)
    services_on = models.BigIntegerField(default=0)
    services_off = models.BigIntegerField(default=0)
    notices_on = models.BigIntegerField(default=0)
    notices_off = models.BigIntegerField(default=0)
    # Stays when that portfolio is removed: the row is then left aside, and still one of its act.
    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    ends = models.BooleanField(default=False)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "place"], name="one_row_at_a_place")]

    def __str__(self) -> str:
        return f"{self.act_id} {self.place}"
