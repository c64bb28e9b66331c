"""The body's register: companies, establishments, accounts, and the keyed digests of the facts that prove a client.

Rows come from feeds only (docs/feeds/). The rest of the program asks through ``registry.queries``.
"""

from django.db import models
from django.db.models.functions import Now


class Regime(models.TextChoices):
    """The regimes under which an account is held; the values are those of the feeds."""

    GENERAL = "RG", "Régime Général"
    CRAFT_TRADE = "AC", "Artisan Commerçant"
    LIBERAL = "PL", "Profession Libérale"
    REGULATED_LIBERAL = "PLR", "Profession Libérale réglementée"
    MAJORITY_MANAGER = "GM", "Gérant majoritaire sans Siret"


class AccountState(models.TextChoices):
    """The values are those of the feeds."""

    ACTIVE = "actif", "Actif"
    SUSPENDED = "suspendu", "Suspendu"
    STRUCK_OFF = "radie", "Radié"


class FactKind(models.TextChoices):
    """What a fact says; the values are those of the feeds."""

    DECLARED_AMOUNT = "montant_declaration", "montant de la dernière déclaration"
    FIRST_INSTALMENT = "montant_premiere_echeance", "montant de la première échéance de l'année"
    NIR = "nir", "numéro de sécurité sociale"


class Company(models.Model):
    siren = models.CharField(primary_key=True, max_length=9)
    name = models.CharField(max_length=250)
    legal_category = models.CharField(max_length=4, blank=True)
    naf = models.CharField(max_length=6, blank=True)
    created_on = models.DateField(null=True)
    ceased_on = models.DateField(null=True)
    email = models.CharField(max_length=254, blank=True, db_default="")  # the body's own: INSEE's files bring none

    def __str__(self) -> str:
        return self.name


class Establishment(models.Model):
    """A place of business. No foreign key to the company: feeds may bring either first."""

    siret = models.CharField(primary_key=True, max_length=14)
    siren = models.CharField(max_length=9)
    sign = models.CharField(max_length=250, blank=True)
    address = models.CharField(max_length=250, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    town = models.CharField(max_length=120, blank=True)
    naf = models.CharField(max_length=6, blank=True)
    is_head_office = models.BooleanField(default=False)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        # Declared here rather than by db_index, which adds a second index for LIKE that nothing uses.
        indexes = [models.Index(fields=["siren"], name="establishments_of_a_siren")]

    def __str__(self) -> str:
        return self.siret


class Account(models.Model):
    """An account held with the body.

    ``number`` is the canonical account number (no blanks, no padding zeros: R1); ``shown_number`` is it as the feed
    writes it. ``siren`` and ``siret`` are empty strings where the account has none (gérant majoritaire).
    """

    number = models.CharField(max_length=18)
    shown_number = models.CharField(max_length=18)
    regime = models.CharField(max_length=3, choices=Regime)
    organisation = models.CharField(max_length=3)
    siren = models.CharField(max_length=9, blank=True)
    siret = models.CharField(max_length=14, blank=True)
    holder = models.CharField(max_length=250)
    postcode = models.CharField(max_length=10, blank=True)
    town = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=AccountState, default=AccountState.ACTIVE)
    state_since = models.DateField(null=True)
    email = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="one_account_of_a_number")]
        indexes = [
            models.Index(fields=["siren"], name="accounts_of_a_siren"),
            models.Index(fields=["siret"], name="accounts_of_a_siret"),
        ]

    def __str__(self) -> str:
        return f"{self.regime} {self.pk}"


class ProofFact(models.Model):
    """The HMAC-SHA-256 of one fact about one account (R4). The value itself is stored nowhere.

    Facts that anybody could guess (zero, flat rates: R3) are not kept at all.
    """

    # Only feeds write here, and they take the account from the register: a key that PostgreSQL checks again for each
    # of tens of millions of rows would be most of a load. The unique constraint below is the index on the account.
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="facts", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=25, choices=FactKind)
    due_date = models.DateField(null=True)
    digest = models.BinaryField()
    key_id = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "due_date"],
                name="one_fact_per_account_kind_and_due_date",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"


class Touched(models.Model):
    """A client of whom a feed changed what the register says, to be followed (``registry.touched``).

    It is a Siren, or the number of an account that has none; the other is an empty string.
    """

    siren = models.CharField(max_length=9, blank=True)
    account_number = models.CharField(max_length=18, blank=True)
    noted_at = models.DateTimeField(db_default=Now())
    followed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}"


class FlatRateAmount(models.Model):
    """A published flat-rate amount: everybody knows it, so it proves nothing (R3). The deployer's data."""

    amount = models.DecimalField(max_digits=12, decimal_places=2, unique=True)
    label = models.CharField(max_length=120, blank=True)
    applied_at = models.DateTimeField(null=True)  # when the facts loaded before were gone through

    def __str__(self) -> str:
        return self.label
