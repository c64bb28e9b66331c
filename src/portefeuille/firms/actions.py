"""The verbs of firms and their members. Sign-up and invitations are not here yet: these serve commands."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.firms.models import Firm, Member, Portfolio, PortfolioGrant
from portefeuille.people.models import User

#: The name of the portfolio that every firm starts with.
FIRST_PORTFOLIO = "Portefeuille principal"


def create_firm(
    *,
    actor: str,
    name: str,
    admin_email: str,
    admin_password: str,
    admin_name: str = "",
    siren: str = "",
    first_portfolio: str = FIRST_PORTFOLIO,
) -> Firm:
    """A firm with its administrator, who can sign in at once, and its first portfolio.

    The administrator has ``SECOND_FACTOR_GRACE`` to set up a second factor, so that a script can make a firm work.
    The caller has checked the e-mail and the password. Raises IntegrityError when the e-mail is somebody's already.
    """
    with transaction.atomic():
        firm = Firm.objects.create(name=name, siren=siren)
        trail.record(
            chain=firm.pk, actor=actor, verb=Verb.FIRM_CREATED, subject=f"firm:{firm.uid}", after={"name": name}
        )
        create_portfolio(actor=actor, firm=firm, name=first_portfolio)
        administrator = add_member(
            actor=actor,
            firm=firm,
            email=admin_email,
            password=admin_password,
            full_name=admin_name,
            role=Member.Role.ADMINISTRATOR,
            grants={},
        )
        administrator.second_factor_by = timezone.now() + settings.SECOND_FACTOR_GRACE
        administrator.save(update_fields=["second_factor_by"])
    return firm


def create_portfolio(*, actor: str, firm: Firm, name: str) -> Portfolio:
    """A new portfolio. Raises IntegrityError when the firm has one of that name."""
    with transaction.atomic():
        portfolio = Portfolio.objects.create(firm=firm, name=name)
        trail.record(
            chain=firm.pk,
            actor=actor,
            verb=Verb.PORTFOLIO_CREATED,
            subject=f"portfolio:{portfolio.uid}",
            after={"name": name},
        )
    return portfolio


def add_member(
    *,
    actor: str,
    firm: Firm,
    email: str,
    password: str,
    full_name: str,
    role: Member.Role,
    grants: Mapping[Portfolio, PortfolioGrant.Level],
) -> Member:
    """A new person in the firm, with the portfolios given (administrators need none)."""
    with transaction.atomic():
        user = User.objects.create_user(email=email, password=password, full_name=full_name)
        member = Member.objects.create(firm=firm, user=user, role=role)
        PortfolioGrant.objects.bulk_create(
            PortfolioGrant(member=member, portfolio=portfolio, level=level) for portfolio, level in grants.items()
        )
        trail.record(
            chain=firm.pk,
            actor=actor,
            verb=Verb.MEMBER_ADDED,
            subject=f"member:{member.uid}",
            after={
                "role": str(role),
                "portfolios": {str(portfolio.uid): str(level) for portfolio, level in grants.items()},
            },
        )
    return member
