"""Firms (tiers déclarants), their members, their portfolios, and who was given which portfolio."""

import uuid

from django.db import models


class Firm(models.Model):
    """A tiers déclarant: the organisation that acts for others."""

    class State(models.TextChoices):
        ACTIVE = "active", "actif"
        SUSPENDED = "suspended", "suspendu"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=160)
    siren = models.CharField(max_length=9, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Portfolio(models.Model):
    """A named set of clients inside a firm. Every firm starts with one."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="portfolios")
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "name"], name="portfolio_name_unique_in_its_firm")]

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
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["firm", "user"], name="one_membership_per_person_and_firm")]

    def __str__(self) -> str:
        return str(self.user)


class PortfolioGrant(models.Model):
    """What a collaborator was given. Administrators have every portfolio of their firm without a grant."""

    class Level(models.TextChoices):
        VIEW = "view", "consulter"
        MANAGE = "manage", "gérer"

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="grants")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="grants")
    level = models.CharField(max_length=6, choices=Level, default=Level.MANAGE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "portfolio"], name="one_grant_per_member_and_portfolio")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.level} {self.portfolio_id}"
