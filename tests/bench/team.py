"""Members whose rights have limits, and a team of fifty with twenty portfolios."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portefeuille.firms.models import Firm, Portfolio

MEMBERS, PORTFOLIOS = 50, 20
RESERVED = 100  # one client in so many
_SERVICES = 0b10110101  # what a narrowed right covers


@dataclass(frozen=True)
class Team:
    """A firm of ``MEMBERS`` with ``PORTFOLIOS``: who asks for its pages, and whom and which portfolio they show."""

    firm: "Firm"
    administrator: Any
    collaborator: Any
    member: str
    portfolio: str


def tenth(firm: "Firm") -> Any:
    """A member who sees a tenth of the firm, whichever it is, in a portfolio of its own."""
    from portefeuille.enrolments.models import Enrolment
    from portefeuille.firms.actions import create_portfolio

    portfolio = create_portfolio(actor="command:bench", firm=firm, name="Un dixième")
    Enrolment.objects.filter(firm=firm, pk__in=_every(firm, 10)).update(portfolio=portfolio)
    return _member(firm, "dixieme", [portfolio]).user


def narrowed(firm: "Firm") -> Any:
    """A member who sees everything but the reserved clients, each portfolio for some services only."""
    member = _member(firm, "restreint", firm.portfolios.order_by("pk"))
    member.grants.update(services=_SERVICES)
    return member.user


def reserving(firm: "Firm") -> Any:
    """Reserves one client in a hundred; the member who sees half of these beside all others."""
    from portefeuille.enrolments.models import Enrolment, OnlyFor

    member = _member(firm, "choisi", firm.portfolios.order_by("pk"))
    reserved = _every(firm, RESERVED)
    Enrolment.objects.filter(pk__in=reserved).update(restricted=True)
    OnlyFor.objects.bulk_create(OnlyFor(enrolment_id=pk, member=member) for pk in reserved[::2])
    return member.user


def fifty(firm: "Firm") -> Team:
    """The firm's own administrator, another, and collaborators who were each given every portfolio, half of them
    narrowed; the firm's clients are dealt out to all of these portfolios."""
    from portefeuille.enrolments.models import Enrolment
    from portefeuille.firms.models import Member, Portfolio, PortfolioGrant
    from portefeuille.people.models import User

    present = firm.portfolios.count()
    Portfolio.objects.bulk_create(Portfolio(firm=firm, name=f"Portefeuille {n}") for n in range(PORTFOLIOS - present))
    portfolios = list(firm.portfolios.order_by("pk"))
    for place, portfolio in enumerate(portfolios):
        Enrolment.objects.filter(pk__in=_every(firm, PORTFOLIOS, place)).update(portfolio=portfolio)
    users = User.objects.bulk_create(
        User(email=f"equipe-{n}@bench.example", full_name=f"Collègue {n}", password="!") for n in range(MEMBERS - 1)
    )
    members = Member.objects.bulk_create(Member(firm=firm, user=user, role=Member.Role.COLLABORATOR) for user in users)
    PortfolioGrant.objects.bulk_create(
        PortfolioGrant(member=member, portfolio=portfolio, services=_SERVICES if place % 2 else None)
        for member in members
        for place, portfolio in enumerate(portfolios)
    )
    administrator = Member.objects.get(firm=firm, role=Member.Role.ADMINISTRATOR).user
    return Team(firm, administrator, members[0].user, str(members[0].uid), str(portfolios[0].uid))


def _every(firm: "Firm", step: int, first: int = 0) -> list[int]:
    """Every so many of the clients, which were added in no order of names."""
    from portefeuille.enrolments.models import Enrolment

    return list(Enrolment.objects.filter(firm=firm).order_by("pk").values_list("pk", flat=True))[first::step]


def _member(firm: "Firm", name: str, portfolios: "Any | list[Portfolio]") -> Any:
    from portefeuille.firms.actions import add_member
    from portefeuille.firms.models import Member, PortfolioGrant
    from tests.bench.ground import PASSWORD

    return add_member(
        actor="command:bench",
        firm=firm,
        email=f"{name}@bench.example",
        password=PASSWORD,
        full_name=f"Dominique {name.capitalize()}",
        role=Member.Role.COLLABORATOR,
        grants=dict.fromkeys(portfolios, PortfolioGrant.Level.MANAGE),
    )
