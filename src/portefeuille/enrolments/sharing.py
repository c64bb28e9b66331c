"""The verbs by which a firm arranges its clients among its members: reserve, open to all, move.

The client is not told: how a firm arranges its work is its own business, and none of it changes who acts or for what.
Locks: the portfolio moved to, enrolments, chain.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.enrolments.locking import lock
from portefeuille.enrolments.models import OnlyFor
from portefeuille.enrolments.results import Gone
from portefeuille.firms.access import Access
from portefeuille.firms.models import Member
from portefeuille.firms.portfolios import unfiled_portfolio


@dataclass(frozen=True, slots=True)
class Restricted:
    """The client is shown to those who were wished; ``nothing_new`` when it was so before."""

    nothing_new: bool = False


@dataclass(frozen=True, slots=True)
class UnknownMember:
    """Somebody named is not, or not any more, a member of the firm; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What went to the portfolio: those already there, ended meanwhile, or not this member's are left out."""

    uids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class NoSuchPortfolio:
    """The portfolio is not one to which this member may move clients; nothing was moved."""


def restrict(*, access: Access, enrolment: UUID, members: Collection[UUID]) -> Restricted | UnknownMember | Gone:
    """Reserve a client for some members of the firm; for its administrators alone where none is named.

    Only an administrator may: for anybody else the client is ``Gone``. Being named gives no portfolio.
    """
    return _show_to(access, enrolment, set(members))


def open_to_all(*, access: Access, enrolment: UUID) -> Restricted | UnknownMember | Gone:
    """Show a reserved client again to all who have its portfolio. Only an administrator may."""
    return _show_to(access, enrolment, None)


def _show_to(access: Access, enrolment: UUID, wished: set[UUID] | None) -> Restricted | UnknownMember | Gone:
    if not access.is_administrator:
        return Gone()
    with transaction.atomic(), connection.cursor() as cursor:
        found = lock(access, [enrolment], access.entire_ids)
        if not found:
            return Gone()
        (live,) = found
        members = Member.objects.filter(firm=access.firm_id, active=True, uid__in=wished or ())
        named = dict(members.order_by("pk").values_list("uid", "pk"))
        if len(named) != len(wished or ()):
            return UnknownMember()
        cursor.execute("SELECT restricted FROM enrolments_enrolment WHERE id = %s", [live.id])
        (restricted,) = cursor.fetchone() or (False,)
        present = set(OnlyFor.objects.filter(enrolment=live.id).values_list("member__uid", flat=True))
        if restricted == (wished is not None) and present == set(named):
            return Restricted(nothing_new=True)
        cursor.execute("UPDATE enrolments_enrolment SET restricted = %s WHERE id = %s", [wished is not None, live.id])
        OnlyFor.objects.filter(enrolment=live.id).exclude(member__in=named.values()).delete()
        OnlyFor.objects.bulk_create(
            (OnlyFor(enrolment_id=live.id, member_id=pk) for uid, pk in named.items() if uid not in present)
        )
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.ENROLMENT_RESTRICTED,
            subject=f"enrolment:{live.uid}",
            before={"only_for": sorted(map(str, present)) if restricted else None},
            after={"only_for": None if wished is None else sorted(map(str, named))},
        )
    return Restricted()


def move(*, access: Access, enrolments: Sequence[UUID], to: UUID | None) -> Moved | NoSuchPortfolio:
    """Put clients into another portfolio, or into none («Sans portefeuille») where ``to`` is None.

    Who moves must hold both ends entirely; only administrators move to and from «Sans portefeuille».
    """
    target = next((right for right in access.portfolios if right.uid == to and right.entire), None)
    if target is None and not (to is None and access.is_administrator):
        return NoSuchPortfolio()
    with transaction.atomic(), connection.cursor() as cursor:
        if target is not None:
            # Whoever removes a portfolio takes hold of it first: it is gone now, or stays until this is done.
            cursor.execute(
                "SELECT id FROM firms_portfolio WHERE id = %s AND firm_id = %s FOR SHARE", [target.id, access.firm_id]
            )
            if cursor.fetchone() is None:
                return NoSuchPortfolio()
        found = lock(access, enrolments, access.entire_ids)
        if target is not None:
            target_id, target_uid = target.id, target.uid
        else:
            unfiled = unfiled_portfolio(firm_id=access.firm_id, actor=access.actor)
            target_id, target_uid = unfiled.pk, unfiled.uid
        moved = [live for live in found if live.portfolio_id != target_id]
        cursor.execute(
            "UPDATE enrolments_enrolment SET portfolio_id = %s WHERE id = ANY(%s)",
            [target_id, [live.id for live in moved]],
        )
        uid_of = {right.id: right.uid for right in access.portfolios}
        for live in moved:
            trail.record(
                chain=access.firm_id,
                actor=access.actor,
                verb=Verb.ENROLMENT_MOVED,
                subject=f"enrolment:{live.uid}",
                before={"portfolio": str(uid_of[live.portfolio_id])},
                after={"portfolio": str(target_uid)},
            )
    return Moved(tuple(live.uid for live in moved))
