"""The verbs of portfolios: create, rename, give to members. What moves clients stands with the enrolments."""

from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.firms.access import Access
from portefeuille.firms.models import Member, Portfolio
from portefeuille.firms.policies import lock_administrators
from portefeuille.firms.results import Done, Gone, NameTaken, NotAllowed
from portefeuille.firms.rights import (
    Level,
    Right,
    Rights,
    RightsChangedMeanwhile,
    replace_rights,
    rights_of,
)

#: The name of the portfolio of clients that are in no portfolio: nobody gives it to another one.
UNFILED = "Sans portefeuille"


def create(*, access: Access, name: str) -> Done | NotAllowed | NameTaken:
    """A new portfolio, empty and given to nobody; ``uid`` is its own. ``name`` is as ``people.names`` keeps it."""
    if name.casefold() == UNFILED.casefold():
        return NameTaken()
    try:
        with transaction.atomic():
            if access.member_id not in lock_administrators(access.firm_id):
                return NotAllowed()
            portfolio = Portfolio.objects.create(firm_id=access.firm_id, name=name)
            trail.record(
                chain=access.firm_id,
                actor=access.actor,
                verb=Verb.PORTFOLIO_CREATED,
                subject=f"portfolio:{portfolio.uid}",
                after={"name": name},
            )
    except IntegrityError:
        return NameTaken()
    return Done(uid=portfolio.uid)


def rename(*, access: Access, portfolio: UUID, name: str) -> Done | NotAllowed | Gone | NameTaken:
    """Another name for a portfolio; «Sans portefeuille» keeps its own."""
    if name.casefold() == UNFILED.casefold():
        return NameTaken()
    try:
        with transaction.atomic():
            if access.member_id not in lock_administrators(access.firm_id):
                return NotAllowed()
            kept = lock_portfolio(access.firm_id, portfolio)
            if kept is None:
                return Gone()
            if kept.name == name:
                return Done(nothing_new=True)
            before, kept.name = kept.name, name
            kept.save(update_fields=["name"])
            trail.record(
                chain=access.firm_id,
                actor=access.actor,
                verb=Verb.PORTFOLIO_RENAMED,
                subject=f"portfolio:{kept.uid}",
                before={"name": before},
                after={"name": name},
            )
    except IntegrityError:
        return NameTaken()
    return Done()


def given_to(portfolio: UUID) -> dict[UUID, Right]:
    """The right of each collaborator on a portfolio, by the uid of the member."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.uid, g.level, g.services FROM firms_portfoliogrant g"
            " JOIN firms_portfolio p ON p.id = g.portfolio_id JOIN firms_member m ON m.id = g.member_id"
            " WHERE p.uid = %s AND m.active AND m.role = 'collaborator' ORDER BY m.id",
            [portfolio],
        )
        return {uid: Right(Level(level), services) for uid, level, services in cursor.fetchall()}


def give(
    *, access: Access, portfolio: UUID, rights: Rights, seen: Rights
) -> Done | NotAllowed | Gone | RightsChangedMeanwhile:
    """Give a portfolio to these collaborators and to no other; both mappings are by the uid of the member.

    ``seen``: what the page showed. Each member whose right changed has their own line in the trail, and is told.
    """
    with transaction.atomic():
        if access.member_id not in lock_administrators(access.firm_id):
            return NotAllowed()
        kept = lock_portfolio(access.firm_id, portfolio)
        if kept is None:
            return Gone()
        members = _lock_collaborators(access.firm_id)
        present = given_to(kept.uid)
        wished = {uid: right for uid, right in rights.items() if uid in members}
        if present == wished:
            return Done(nothing_new=True)
        if present != dict(seen):
            return RightsChangedMeanwhile(present)
        for uid, member in members.items():
            if present.get(uid) == wished.get(uid):
                continue
            before = rights_of(member.pk)
            after = {place: right for place, right in before.items() if place != kept.uid}
            if uid in wished:
                after[kept.uid] = wished[uid]
            replace_rights(access=access, member=member, before=before, after=after)
    return Done()


def unfiled_portfolio(*, firm_id: int, actor: str) -> Portfolio:
    """«Sans portefeuille» of a firm, made when first needed, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO firms_portfolio (uid, firm_id, name, unfiled) VALUES (gen_random_uuid(), %s, %s, true)"
            " ON CONFLICT DO NOTHING RETURNING id",
            [firm_id, UNFILED],
        )
        row = cursor.fetchone()
    portfolio = Portfolio.objects.get(firm=firm_id, unfiled=True)
    if row is not None:
        trail.record(
            chain=firm_id,
            actor=actor,
            verb=Verb.PORTFOLIO_CREATED,
            subject=f"portfolio:{portfolio.uid}",
            after={"name": UNFILED},
        )
    return portfolio


def lock_portfolio(firm_id: int, portfolio: UUID) -> Portfolio | None:
    """A portfolio of the firm that can be changed, locked until the transaction ends; None for «Sans portefeuille»."""
    return (
        Portfolio.objects.select_for_update(no_key=True)
        .filter(firm=firm_id, uid=portfolio, unfiled=False)
        .order_by("pk")
        .first()
    )


def _lock_collaborators(firm_id: int) -> Mapping[UUID, Member]:
    members = (
        Member.objects.select_related("user")
        .select_for_update(of=("self",), no_key=True)
        .filter(firm=firm_id, active=True, role=Member.Role.COLLABORATOR)
    )
    return {member.uid: member for member in members.order_by("pk")}
