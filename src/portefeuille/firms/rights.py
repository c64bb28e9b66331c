"""Rights of members on portfolios: what a right is, how it is kept, and the verbs that change rights and roles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.firms.access import Access
from portefeuille.firms.models import Member, PortfolioGrant
from portefeuille.firms.policies import lock_administrators
from portefeuille.firms.results import Done, Gone, LastAdministrator, NotAllowed
from portefeuille.firms.telling import tell

Level = PortfolioGrant.Level


@dataclass(frozen=True, slots=True)
class Right:
    """What a member may do in a portfolio. ``services``: the mask the right is narrowed to; None is all of them."""

    level: Level
    services: int | None = None

    def __or__(self, other: "Right") -> "Right":
        """What both rights give together, never less than either."""
        level = Level.MANAGE if Level.MANAGE in (self.level, other.level) else Level.VIEW
        if self.services is None or other.services is None:
            return Right(level)
        return Right(level, self.services | other.services)


#: By the uid of the portfolio.
Rights = Mapping[UUID, Right]


@dataclass(frozen=True, slots=True)
class RightsChangedMeanwhile:
    """Somebody changed them after the page was made; nothing was changed now."""

    present: Rights


def rights_of(member_id: int) -> dict[UUID, Right]:
    """The rights of a member that stand as grants: those of an administrator wait for the day they are one no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.uid, g.level, g.services FROM firms_portfoliogrant g"
            " JOIN firms_portfolio p ON p.id = g.portfolio_id WHERE g.member_id = %s ORDER BY p.name, p.id",
            [member_id],
        )
        return {uid: Right(Level(level), services) for uid, level, services in cursor.fetchall()}


def as_json(rights: Rights) -> list[dict[str, Any]]:
    """As an invitation keeps them."""
    return [
        {"portfolio": str(uid), "level": str(right.level), "services": right.services}
        for uid, right in sorted(rights.items())
    ]


def from_json(kept: Iterable[Mapping[str, Any]]) -> dict[UUID, Right]:
    return {UUID(right["portfolio"]): Right(Level(right["level"]), right["services"]) for right in kept}


def for_trail(rights: Rights) -> dict[str, Any]:
    """As the trail tells them: a level for each portfolio, with the mask where the right is narrowed."""
    return {
        str(uid): str(right.level)
        if right.services is None
        else {"level": str(right.level), "services": right.services}
        for uid, right in rights.items()
    }


def put_rights(*, firm_id: int, member_id: int, rights: Rights) -> None:
    """Make them a member's rights, in the caller's transaction. Portfolios of others, or gone, are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM firms_portfoliogrant g USING firms_portfolio p"
            " WHERE p.id = g.portfolio_id AND g.member_id = %s AND NOT p.uid = ANY(%s)",
            [member_id, list(rights)],
        )
        cursor.execute(
            """
            INSERT INTO firms_portfoliogrant (member_id, portfolio_id, level, services)
            SELECT %s, p.id, w.level, w.services
            FROM unnest(%s::uuid[], %s::text[], %s::bigint[]) AS w (uid, level, services)
            JOIN firms_portfolio p ON p.uid = w.uid AND p.firm_id = %s AND NOT p.unfiled
            ON CONFLICT (member_id, portfolio_id)
            DO UPDATE SET level = excluded.level, services = excluded.services
            """,
            [
                member_id,
                list(rights),
                [str(right.level) for right in rights.values()],
                [right.services for right in rights.values()],
                firm_id,
            ],
        )


def set_rights(
    *, access: Access, member: UUID, rights: Rights, seen: Rights
) -> Done | NotAllowed | Gone | RightsChangedMeanwhile:
    """Give a collaborator these rights in place of those they have. ``seen``: what the page showed."""
    with transaction.atomic():
        if access.member_id not in lock_administrators(access.firm_id):
            return NotAllowed()
        target = _lock(access.firm_id, member)
        if target is None or target.role == Member.Role.ADMINISTRATOR:
            return Gone()
        present = rights_of(target.pk)
        if present == dict(rights):
            return Done(nothing_new=True)
        if present != dict(seen):
            return RightsChangedMeanwhile(present)
        return Done(nothing_new=not replace_rights(access=access, member=target, before=present, after=rights))


def replace_rights(*, access: Access, member: Member, before: Rights, after: Rights) -> bool:
    """Put them in place of those the member had, with the line of the trail and, to a collaborator, the e-mail.

    In the caller's transaction. False when nothing changed: only portfolios that are gone, or not the firm's, were
    wished besides. The grants of an administrator wait unused, so that there is nothing to tell.
    """
    put_rights(firm_id=access.firm_id, member_id=member.pk, rights=after)
    put = rights_of(member.pk)
    if put == dict(before):
        return False
    trail.record(
        chain=access.firm_id,
        actor=access.actor,
        verb=Verb.MEMBER_CHANGED,
        subject=f"member:{member.uid}",
        before={"portfolios": for_trail(before)},
        after={"portfolios": for_trail(put)},
    )
    if member.role == Member.Role.COLLABORATOR:
        tell(
            member.user.email,
            "Vos droits ont changé",
            "rights_changed",
            firm=access.firm_name,
            path=f"/cabinets/{access.firm_uid}/",
        )
    return True


def set_role(*, access: Access, member: UUID, role: Member.Role) -> Done | NotAllowed | Gone | LastAdministrator:
    """Make a member administrator or collaborator. The last administrator stays one.

    Of a new administrator a second factor is asked at once. Who is one no more has the portfolios given before.
    """
    with transaction.atomic():
        administrators = lock_administrators(access.firm_id)
        if access.member_id not in administrators:
            return NotAllowed()
        target = _lock(access.firm_id, member)
        if target is None:
            return Gone()
        if target.role == role:
            return Done(nothing_new=True)
        if administrators == [target.pk]:
            return LastAdministrator()
        before, target.role, target.second_factor_by = target.role, role, None
        target.save(update_fields=["role", "second_factor_by"])
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.MEMBER_CHANGED,
            subject=f"member:{target.uid}",
            before={"role": str(before)},
            after={"role": str(role)},
        )
        tell(
            target.user.email,
            "Votre rôle a changé",
            "role_changed",
            firm=access.firm_name,
            administrator=role == Member.Role.ADMINISTRATOR,
            path=f"/cabinets/{access.firm_uid}/",
        )
    return Done()


def _lock(firm_id: int, member: UUID) -> Member | None:
    """An active member of the firm, whose row stays locked until the transaction ends."""
    return (
        Member.objects.select_related("user")
        .select_for_update(of=("self",), no_key=True)
        .filter(firm_id=firm_id, uid=member, active=True)
        .order_by("pk")
        .first()
    )
