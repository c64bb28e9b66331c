"""The online services and e-mail notices that a firm can choose for a client: data, not code (R5)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portefeuille.firms.models import Firm
from portefeuille.registry.models import Regime


class CatalogueEntry(models.Model):
    """One box of the two columns.

    ``bit`` is the place of the entry in the bit mask that an enrolment stores; it never changes and is never used
    again for another entry.
    """

    code = models.SlugField(primary_key=True, max_length=40)
    label = models.CharField(max_length=120)
    bit = models.PositiveSmallIntegerField(unique=True)
    position = models.PositiveSmallIntegerField()
    regimes = ArrayField(models.CharField(max_length=3, choices=Regime))

    class Meta:
        abstract = True
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label


class Service(CatalogueEntry):
    """A «service en ligne». Entries with the same ``group`` are ticked together by the group's own box."""

    group = models.CharField(max_length=80, blank=True)


class Notice(CatalogueEntry):
    """A «service de communication par courriel»."""


class SelectionTemplate(models.Model):
    """A «modèle»: a selection that a firm named, to tick the boxes of the next client with it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="selection_templates")
    name = models.CharField(max_length=60)
    services = models.BigIntegerField()
    notices = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "name"], name="template_name_unique_in_its_firm")]

    def __str__(self) -> str:
        return self.name


class DefaultTemplate(models.Model):
    """The template whose boxes are ticked at first for the next client of a regime."""

    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="+")
    regime = models.CharField(max_length=3, choices=Regime)
    template = models.ForeignKey(SelectionTemplate, on_delete=models.CASCADE, related_name="defaults")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "regime"], name="one_default_template_per_regime")]

    def __str__(self) -> str:
        return f"{self.regime} {self.template_id}"
