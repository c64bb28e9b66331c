"""What somebody or something had goes to somebody: members who leave, portfolios that are removed.

Locks are taken in one order: administrators, portfolios and members, enrolments (with their tallies), chain.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.enrolments.models import Enrolment, OnlyFor
from portefeuille.firms.access import Access
from portefeuille.firms.models import Member, Portfolio
from portefeuille.firms.policies import lock_administrators
from portefeuille.firms.portfolios import lock_portfolio, unfiled_portfolio
from portefeuille.firms.results import Done, Gone, LastAdministrator, NotAllowed
from portefeuille.firms.rights import for_trail, put_rights, replace_rights, rights_of
from portefeuille.firms.telling import tell, tell_administrators


@dataclass(frozen=True, slots=True)
class NoSuccessor:
    """Who was to take over is not of the team, any more perhaps; nothing was changed."""


@dataclass(frozen=True, slots=True)
class LastPortfolio:
    """A firm keeps one portfolio at least: its next client has to go somewhere."""


def remove_member(
    *, access: Access, member: UUID, successor: UUID | None
) -> Done | NotAllowed | Gone | LastAdministrator | NoSuccessor:
    """End a membership at once: an administrator removes somebody, or a member leaves.

    ``successor`` gets their portfolios, with the higher of both rights, and is named for the restricted clients that
    they were named for. None leaves both to the administrators, who see everything.
    """
    leaves = member == access.member_uid
    with transaction.atomic():
        administrators = lock_administrators(access.firm_id)
        if not leaves and access.member_id not in administrators:
            return NotAllowed()
        members = _lock_members(access.firm_id, [uid for uid in (member, successor) if uid is not None])
        if member not in members:
            return Gone()
        if successor is not None and (successor == member or successor not in members):
            return NoSuccessor()
        going = members[member]
        if administrators == [going.pk]:
            return LastAdministrator()
        heir = members[successor] if successor is not None else None
        before = {"role": str(going.role), "portfolios": for_trail(rights_of(going.pk))}
        named = _hand_over(access, going, heir)
        Member.objects.filter(pk=going.pk).update(active=False, left_at=timezone.now(), second_factor_by=None)
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.MEMBER_LEFT if leaves else Verb.MEMBER_REMOVED,
            subject=f"member:{going.uid}",
            before=before,
            after={"to": f"member:{heir.uid}" if heir else "administrators", "restricted": named},
        )
        if leaves:
            tell_administrators(
                access.firm_id,
                "Une personne a quitté votre cabinet",
                "member_left",
                but=going.pk,
                path=f"/cabinets/{access.firm_uid}/equipe/",
            )
        else:
            tell(going.user.email, "Vous ne faites plus partie d'un cabinet", "member_removed", firm=access.firm_name)
    return Done()


def _hand_over(access: Access, going: Member, heir: Member | None) -> int:
    """The grants and the restricted clients of a member go to another one; how many clients that were named."""
    before_of = _named_on(going)
    with connection.cursor() as cursor:
        if heir is not None:
            cursor.execute(
                "INSERT INTO enrolments_onlyfor (enrolment_id, member_id)"
                " SELECT enrolment_id, %s FROM enrolments_onlyfor WHERE member_id = %s ON CONFLICT DO NOTHING",
                [heir.pk, going.pk],
            )
        cursor.execute("DELETE FROM enrolments_onlyfor WHERE member_id = %s", [going.pk])
    for enrolment, before_names in before_of.items():
        after_names = (before_names - {str(going.uid)}) | ({str(heir.uid)} if heir else set())
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.ENROLMENT_RESTRICTED,
            subject=f"enrolment:{enrolment}",
            before={"only_for": sorted(before_names)},
            after={"only_for": sorted(after_names)},
        )
    given = rights_of(going.pk)
    put_rights(firm_id=access.firm_id, member_id=going.pk, rights={})
    if heir is not None and given and heir.role == Member.Role.COLLABORATOR:
        before = rights_of(heir.pk)
        after = {**before, **{uid: right | before.get(uid, right) for uid, right in given.items()}}
        if after != before:
            replace_rights(access=access, member=heir, before=before, after=after)
    return len(before_of)


def _named_on(member: Member) -> dict[UUID, set[str]]:
    """The live restricted clients that a member is named for, each with all who are; locked in the order of ids."""
    found = Enrolment.objects.select_for_update(no_key=True, of=("self",)).filter(
        only_for__member=member, ended_at=None, restricted=True
    )
    clients = dict(found.order_by("pk").values_list("pk", "uid"))
    names: dict[UUID, set[str]] = {uid: set() for uid in clients.values()}
    for pk, name in (
        OnlyFor.objects.filter(enrolment__in=clients).order_by("pk").values_list("enrolment", "member__uid")
    ):
        names[clients[pk]].add(str(name))
    return names


def _lock_members(firm_id: int, uids: list[UUID]) -> dict[UUID, Member]:
    """Those active members of the firm, in the order of their ids, locked until the transaction ends."""
    found = (
        Member.objects.select_related("user")
        .select_for_update(of=("self",), no_key=True)
        .filter(firm=firm_id, uid__in=uids, active=True)
        .order_by("pk")
    )
    return {member.uid: member for member in found}


def remove_portfolio(
    *, access: Access, portfolio: UUID, destination: UUID | None
) -> Done | NotAllowed | Gone | LastPortfolio:
    """Remove a portfolio; its clients, those that ended included, go to another one, or to «Sans portefeuille».

    A client that somebody adds to it in the same instant goes with the others: the removal waits for it, or it meets
    the other portfolio's constraint and the removal is made again.
    """
    for _ in range(_TRIES):
        try:
            return _remove_portfolio(access, portfolio, destination)
        except IntegrityError:  # a client came into it after its clients had gone
            continue
    return Gone()


_TRIES = 5


def _hold_clients(portfolio: Portfolio) -> bool:
    """Lock the clients of a portfolio in the order of their ids, as everywhere. Whether there are any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM enrolments_enrolment WHERE firm_id = %s AND portfolio_id = %s"
            " ORDER BY id FOR NO KEY UPDATE) held",
            [portfolio.firm_id, portfolio.pk],
        )
        (number,) = cursor.fetchone() or (0,)
        return bool(number)


# One statement, whatever the number.
_MOVE = """
WITH held AS MATERIALIZED (
    SELECT id FROM enrolments_enrolment WHERE firm_id = %(firm)s AND portfolio_id = %(from)s
    ORDER BY id FOR NO KEY UPDATE
), moved AS (
    UPDATE enrolments_enrolment e SET portfolio_id = %(to)s FROM held WHERE e.id = held.id
    RETURNING e.id, e.uid, e.ended_at
)
SELECT uid FROM moved WHERE ended_at IS NULL ORDER BY id
"""


def _remove_portfolio(
    access: Access, portfolio: UUID, destination: UUID | None
) -> Done | NotAllowed | Gone | LastPortfolio:
    with transaction.atomic():
        if access.member_id not in lock_administrators(access.firm_id):
            return NotAllowed()
        others = list(
            Portfolio.objects.select_for_update()
            .filter(firm=access.firm_id, unfiled=False)
            .order_by("pk")
            .values_list("uid", flat=True)
        )
        kept = lock_portfolio(access.firm_id, portfolio)
        if kept is None or (destination is not None and (destination == portfolio or destination not in others)):
            return Gone()
        if others == [kept.uid]:
            return LastPortfolio()
        place = None
        # Before «Sans portefeuille» may be made, whose event takes hold of the chain.
        if _hold_clients(kept):
            place = (
                Portfolio.objects.get(firm=access.firm_id, uid=destination)
                if destination is not None
                else unfiled_portfolio(firm_id=access.firm_id, actor=access.actor)
            )
            with connection.cursor() as cursor:
                cursor.execute(_MOVE, {"firm": access.firm_id, "from": kept.pk, "to": place.pk})
                moved = [row[0] for row in cursor.fetchall()]
            was, now = {"portfolio": str(kept.uid)}, {"portfolio": str(place.uid)}
            trail.record_many(
                chain=access.firm_id,
                actor=access.actor,
                entries=[trail.Entry(Verb.ENROLMENT_MOVED, f"enrolment:{uid}", was, now) for uid in moved],
            )
        for grant in kept.grants.select_related("member__user").order_by("member_id"):
            before = rights_of(grant.member_id)
            after = {place_uid: right for place_uid, right in before.items() if place_uid != kept.uid}
            replace_rights(access=access, member=grant.member, before=before, after=after)
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.PORTFOLIO_REMOVED,
            subject=f"portfolio:{kept.uid}",
            before={"name": kept.name},
            after={"to": str(place.uid)} if place else None,
        )
        kept.delete()
    return Done()
