"""The append-only trail (R11). Rows are written by the SQL function ``audit_append`` only: see ``audit.trail``."""

from django.db import models


class Event(models.Model):
    """One change: who, for which firm, what, before and after, when; chained per firm by SHA-256.

    ``chain`` is the firm's id, or 0 for what concerns no firm. No foreign keys: the trail outlives what it tells.
    """

    chain = models.BigIntegerField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)  # "member:<uid>", "client:<uid>", "command:<name>"…
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)  # "enrolment:<uid>"…
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="audit_chain_without_forks")]
        # A client or an agent asks what was done about one thing, whatever firm's chain it is in.
        indexes = [models.Index(fields=["subject", "id"], name="events_about")]

    def __str__(self) -> str:
        return f"{self.chain}/{self.seq} {self.verb}"


class Chain(models.Model):
    """The head of a chain: how many events it has and the digest of the last."""

    chain = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    digest = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.chain}/{self.seq}"
