"""Firms (tiers déclarants), their members, their portfolios, and who was given which portfolio."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Firm(models.Model):
    """A tiers déclarant: the organisation that acts for others."""

    class State(models.TextChoices):
        PENDING = "pending", "en attente d'admission"
        ACTIVE = "active", "actif"
        SUSPENDED = "suspended", "suspendu"
        REFUSED = "refused", "refusé"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=160)
    siren = models.CharField(max_length=9, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    state_since = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=500, blank=True)  # why the body refused or suspended it, as the firm reads it
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["siren"], name="one_space_per_siren", condition=~Q(siren="") & ~Q(state="refused")
            )
        ]

    def __str__(self) -> str:
        return self.name


class Portfolio(models.Model):
    """A named set of clients inside a firm. Every firm starts with one.

    ``unfiled`` marks «Sans portefeuille», which only administrators see: it is made when first needed, holds the
    clients that no portfolio holds, and cannot be renamed, given or removed.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="portfolios")
    name = models.CharField(max_length=80)
    unfiled = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("firm", Lower("name"), name="portfolio_name_unique_in_its_firm"),
            models.UniqueConstraint(fields=["firm"], name="one_unfiled_portfolio", condition=Q(unfiled=True)),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person in a firm. Left members are deactivated, never deleted: the trail still names them."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", "administrateur"
        COLLABORATOR = "collaborator", "collaborateur"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=13, choices=Role)
    active = models.BooleanField(default=True)
    # Until when an administrator may work without a second factor; null: it is asked for at once.
    second_factor_by = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "user"], name="one_membership_per_person_and_firm")]

    def __str__(self) -> str:
        return str(self.user)


class PortfolioGrant(models.Model):
    """What a collaborator was given. Administrators have every portfolio of their firm without a grant.

    ``services`` narrows the right to some services of the catalogue, as a bit mask (ADR 0004); null is all of them.
    """

    class Level(models.TextChoices):
        VIEW = "view", "consulter"
        MANAGE = "manage", "gérer"

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="grants")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="grants")
    level = models.CharField(max_length=6, choices=Level, default=Level.MANAGE)
    services = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "portfolio"], name="one_grant_per_member_and_portfolio")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.level} {self.portfolio_id}"


class Invitation(models.Model):
    """A person asked to join a firm. The link that they get is a ``people.Link`` whose payload names the invitation.

    ``grants``: what the member will be given, as ``[{"portfolio": uid, "level": "view", "services": null}]``.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=13, choices=Member.Role)
    grants = models.JSONField(default=list)
    invited_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "firm",
                Lower("email"),
                name="one_open_invitation_per_address",
                condition=Q(accepted_at=None, cancelled_at=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)


class JoinRequest(models.Model):
    """A person who asked to open a space for a firm that has one: its administrators say yes or no."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="join_requests")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="join_requests")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    accepted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "user"], name="one_open_request_per_person_and_firm", condition=Q(decided_at=None)
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)
