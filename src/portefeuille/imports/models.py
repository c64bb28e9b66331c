"""A file that a member sent to add many clients, from its reading to its report."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from portefeuille.firms.models import Firm, Member, Portfolio

#: The choice of services that leaves it to the firm's default template of each regime.
BY_REGIME = "par-defaut"
#: Lines of a block.
BLOCK_ROWS = 200
#: A file that nobody starts is deleted after this; a report, after that.
KEPT_WAITING = timedelta(days=1)
KEPT_REPORT = timedelta(days=7)


class Import(models.Model):
    """One file («ajout en nombre»). Only the member who sent it sees it.

    ``headings`` and the cells of ``Block`` are sealed: they hold NIRs and amounts. So is ``source``: people write
    names of clients there.
    """

    class State(models.TextChoices):
        READ = "read", "à vérifier"  # its columns wait to be confirmed
        CHECKING = "checking", "vérification en cours"
        CHECKED = "checked", "vérifié"  # waits for the member to start it
        RUNNING = "running", "ajout en cours"
        DONE = "done", "terminé"

    class Ending(models.TextChoices):
        """Why a run ended before its last line."""

        CANCELLED = "cancelled", "vous l'avez arrêté"
        LIMIT = "limit", "le nombre d'essais permis est atteint"
        RIGHTS = "rights", "vous n'avez plus accès au cabinet"
        FAULT = "fault", "une panne de notre part"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.READ)
    kind = models.CharField(max_length=4)  # "csv", "xlsx" or "ods"
    named = models.BooleanField()  # the file has headings of its own
    headings = models.TextField()  # sealed JSON
    source = models.TextField(blank=True, default="")  # sealed JSON: the names of the file and of the sheet read
    other_sheets = models.PositiveSmallIntegerField(default=0)
    signature = models.BinaryField()  # keyed digest of the headings, to remember their meaning
    columns = models.JSONField(default=list)  # for each column of the file, a ``Column`` or null
    # Stays when that portfolio is removed, and then means nothing (``lines.meaning_of``): a removal that wrote here
    # would wait for the worker at this file, and it for the portfolio.
    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    services = models.BigIntegerField(default=0)  # for the lines that name no model
    notices = models.BigIntegerField(default=0)
    model_name = models.CharField(max_length=60, blank=True)
    rows = models.PositiveIntegerField()
    blocks = models.PositiveIntegerField()
    cursor = models.PositiveIntegerField(default=0)  # the next block to check or to add
    address = models.TextField(blank=True)  # sealed: whose budget the attempts count against, while running
    ending = models.CharField(max_length=9, choices=Ending, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()  # all of it is deleted then
    # The worker that holds it, until when, and how often it was held: what an old holder still does is refused.
    leased_until = models.DateTimeField(null=True)
    lease = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"], name="imports_to_work", condition=Q(state__in=["checking", "running"])
            ),
            models.Index(fields=["expires_at"], name="imports_to_delete"),
            models.Index(fields=["member", "-created_at"], name="imports_of_a_member"),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class Block(models.Model):
    """Two hundred lines: what is checked, and added, in one transaction.

    ``checked`` and ``outcomes`` hold a sign for each line, of ``lines.Check`` and ``lines.Outcome``; ``remarks`` what
    there is to say of some, by place in the block, in sentences that repeat nothing of what was typed.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    cells = models.TextField()  # sealed, compressed JSON: [[line of the file, [cells]], …]
    checked = models.TextField(blank=True)
    remarks = models.JSONField(default=dict)
    outcomes = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="one_block_of_a_number")]

    def __str__(self) -> str:
        return f"{self.of_id} {self.number}"


class Remembered(models.Model):
    """What a firm said that the columns of such a file are: asked once for each sort of file."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+")
    signature = models.BinaryField()
    columns = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "signature"], name="one_meaning_of_headings")]

    def __str__(self) -> str:
        return str(self.pk)
