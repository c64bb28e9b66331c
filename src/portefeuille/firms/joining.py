"""How a person comes into a team: by an invitation, or by a request that an administrator accepts."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.firms.access import Access
from portefeuille.firms.models import Firm, Invitation, JoinRequest, Member
from portefeuille.firms.policies import lock_administrators
from portefeuille.firms.results import (
    AddressTaken,
    AlreadyInvited,
    AlreadyMember,
    Done,
    Gone,
    Joined,
    LinkSpent,
    NotAllowed,
    TooManyMessages,
)
from portefeuille.firms.rights import Rights, as_json, for_trail, from_json, put_rights
from portefeuille.firms.telling import tell
from portefeuille.people import links
from portefeuille.people.actions import open_person
from portefeuille.people.models import Link, User
from portefeuille.throttling import budgets

#: As long as its link.
GOOD_FOR: timedelta = links.GOOD_FOR[Link.Purpose.INVITATION]


def invite(
    *, access: Access, email: str, full_name: str, role: Member.Role, rights: Rights
) -> Done | NotAllowed | AlreadyMember | AlreadyInvited | TooManyMessages:
    """Ask the person of an address to join the firm. ``email`` is as ``people.emails`` keeps it.

    What the firm is told does not depend on whether the address is known elsewhere.
    """
    with transaction.atomic():
        if access.member_id not in lock_administrators(access.firm_id):
            return NotAllowed()
        member = Member.objects.filter(firm=access.firm_id, active=True, user__email__iexact=email).order_by("pk")
        if (known := member.first()) is not None:
            return AlreadyMember(known.uid)
        if not _may_send(access.firm_id, email):
            return TooManyMessages()
        try:
            with transaction.atomic():
                invitation = Invitation.objects.create(
                    firm_id=access.firm_id,
                    email=email,
                    full_name=full_name,
                    role=role,
                    grants=as_json(rights if role == Member.Role.COLLABORATOR else {}),
                    invited_by_id=access.member_id,
                    sent_at=timezone.now(),
                    expires_at=timezone.now() + GOOD_FOR,
                )
        except IntegrityError:
            open_one = Invitation.objects.filter(
                firm=access.firm_id, email__iexact=email, accepted_at=None, cancelled_at=None
            )
            return AlreadyInvited(open_one.order_by("pk").values_list("uid", flat=True)[0])
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.MEMBER_INVITED,
            subject=f"invitation:{invitation.uid}",
            after={"role": str(role), "portfolios": for_trail(from_json(invitation.grants))},
        )
        _send(access, invitation)
    return Done(uid=invitation.uid)


def send_again(*, access: Access, invitation: UUID) -> Done | NotAllowed | Gone | TooManyMessages:
    """A new link for seven more days; the one before opens nothing any more."""
    with transaction.atomic():
        if access.member_id not in lock_administrators(access.firm_id):
            return NotAllowed()
        kept = _open_ones(access.firm_id, invitation).first()
        if kept is None:
            return Gone()
        if not _may_send(access.firm_id, kept.email):
            return TooManyMessages()
        kept = _take_back(access.firm_id, invitation)
        if kept is None:
            return Gone()
        kept.sent_at, kept.expires_at = timezone.now(), timezone.now() + GOOD_FOR
        kept.save(update_fields=["sent_at", "expires_at"])
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.INVITATION_SENT_AGAIN,
            subject=f"invitation:{kept.uid}",
        )
        _send(access, kept)
    return Done()


def cancel(*, access: Access, invitation: UUID) -> Done | NotAllowed | Gone:
    """The invitation opens nothing any more."""
    with transaction.atomic():
        if access.member_id not in lock_administrators(access.firm_id):
            return NotAllowed()
        kept = _take_back(access.firm_id, invitation)
        if kept is None:
            return Gone()
        kept.cancelled_at = timezone.now()
        kept.save(update_fields=["cancelled_at"])
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.INVITATION_CANCELLED,
            subject=f"invitation:{kept.uid}",
        )
    return Done()


def accept(
    *, token: str, user: User | None = None, full_name: str = "", password: str = ""
) -> Joined | LinkSpent | AddressTaken:
    """Use an invitation's link up and join the firm, as ``user`` (whose address it must be) or as a new person."""
    try:
        with transaction.atomic():
            proven = links.use(Link.Purpose.INVITATION, token)
            if proven is None or (user is not None and user.email != proven.email):
                transaction.set_rollback(True)  # somebody else's hands use nothing up
                return LinkSpent()
            invitation = _take(UUID(str(proven.payload["invitation"])))
            if invitation is None:
                transaction.set_rollback(True)  # a firm that is suspended may be back before the link expires
                return LinkSpent()
            person = user or open_person(email=proven.email, full_name=full_name, password=password)
            member, again = _come_in(
                actor=f"person:{person.uid}",
                firm_id=invitation.firm_id,
                user=person,
                role=Member.Role(invitation.role),
                rights=from_json(invitation.grants),
                extra={"invitation": str(invitation.uid)},
            )
            Invitation.objects.filter(pk=invitation.pk).update(accepted_by=member)
            if not again and invitation.invited_by.active:
                tell(
                    invitation.invited_by.user.email,
                    "Votre invitation est acceptée",
                    "invitation_accepted",
                    path=f"/cabinets/{invitation.firm.uid}/equipe/{member.uid}/",
                )
    except IntegrityError:  # somebody opened an identifier with this address in the same instant
        if user is not None:
            raise
        return AddressTaken()
    return Joined(invitation.firm.uid, person, again)


def invitation_of(uid: UUID) -> Invitation | None:
    """An invitation that can still be accepted, with its firm and who invited."""
    return (
        Invitation.objects.select_related("firm", "invited_by__user")
        .filter(
            uid=uid,
            accepted_at=None,
            cancelled_at=None,
            expires_at__gt=timezone.now(),
            firm__state=Firm.State.ACTIVE,
        )
        .order_by("pk")
        .first()
    )


def accept_request(*, access: Access, request: UUID) -> Done | NotAllowed | Gone:
    """Let a person who asked to join come in, as a collaborator without any portfolio yet. ``uid``: the member's."""
    with transaction.atomic():
        if access.member_id not in lock_administrators(access.firm_id):
            return NotAllowed()
        asked = _decide(access, request, accepted=True)
        if asked is None:
            return Gone()
        member, _ = _come_in(
            actor=access.actor,
            firm_id=access.firm_id,
            user=asked.user,
            role=Member.Role.COLLABORATOR,
            rights={},
            extra={"join_request": str(asked.uid)},
        )
        tell(
            asked.user.email,
            "Votre demande est acceptée",
            "join_accepted",
            firm=access.firm_name,
            path=f"/cabinets/{access.firm_uid}/",
        )
    return Done(uid=member.uid)


def decline_request(*, access: Access, request: UUID) -> Done | NotAllowed | Gone:
    """Say no to a person who asked to join. They read that their request was not accepted, and no more."""
    with transaction.atomic():
        if access.member_id not in lock_administrators(access.firm_id):
            return NotAllowed()
        asked = _decide(access, request, accepted=False)
        if asked is None:
            return Gone()
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.JOIN_DECLINED,
            subject=f"join_request:{asked.uid}",
        )
        tell(asked.user.email, "Votre demande n'est pas acceptée", "join_declined", path="/mon-espace/")
    return Done()


def _come_in(
    *, actor: str, firm_id: int, user: User, role: Member.Role, rights: Rights, extra: dict[str, str]
) -> tuple[Member, bool]:
    """The person as a member, who left perhaps and comes back; True when they were one: nothing is changed then."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO firms_member (uid, firm_id, user_id, role, active, created_at)
            VALUES (gen_random_uuid(), %s, %s, %s, true, clock_timestamp())
            ON CONFLICT (firm_id, user_id) DO UPDATE
            SET active = true, role = excluded.role, left_at = NULL, second_factor_by = NULL
            WHERE NOT firms_member.active
            RETURNING id
            """,
            [firm_id, user.pk, str(role)],
        )
        row = cursor.fetchone()
    if row is None:
        return Member.objects.get(firm=firm_id, user=user), True
    member = Member.objects.get(pk=row[0])
    put_rights(firm_id=firm_id, member_id=member.pk, rights=rights)
    trail.record(
        chain=firm_id,
        actor=actor,
        verb=Verb.MEMBER_ADDED,
        subject=f"member:{member.uid}",
        after={"role": str(role), "portfolios": for_trail(rights), **extra},
    )
    return member, False


def _take(uid: UUID) -> Invitation | None:
    """Mark an open invitation as accepted; None when it is not open any more."""
    taken = (
        Invitation.objects.filter(
            uid=uid,
            accepted_at=None,
            cancelled_at=None,
            expires_at__gt=timezone.now(),
            firm__state=Firm.State.ACTIVE,
        )
    ).update(accepted_at=timezone.now())
    if not taken:
        return None
    return Invitation.objects.select_related("firm", "invited_by__user").get(uid=uid)


def _decide(access: Access, request: UUID, *, accepted: bool) -> JoinRequest | None:
    decided = JoinRequest.objects.filter(uid=request, firm=access.firm_id, decided_at=None).update(
        decided_at=timezone.now(), decided_by=access.member_id, accepted=accepted
    )
    return JoinRequest.objects.select_related("user").get(uid=request) if decided else None


def _open_ones(firm_id: int, invitation: UUID) -> QuerySet[Invitation]:
    """An invitation of the firm that nobody has accepted nor cancelled, expired perhaps."""
    found = Invitation.objects.filter(firm=firm_id, uid=invitation, accepted_at=None, cancelled_at=None)
    return found.order_by("pk")


def _take_back(firm_id: int, invitation: UUID) -> Invitation | None:
    """The same, whose links open nothing any more, locked until the transaction ends.

    The links first, as who accepts it takes them: else each could wait for the other.
    """
    found = _open_ones(firm_id, invitation)
    if not found.exists():
        return None
    links.withdraw(Link.Purpose.INVITATION, invitation=str(invitation))
    return found.select_for_update().first()


def _may_send(firm_id: int, email: str) -> bool:
    """Count one message of the firm to the address; False when it is one too many."""
    limits = settings.INVITATION_BUDGETS
    spending = {
        "firm": (budgets.key_of("invitation_firm", firm_id), limits["invitation_firm"]),
        "email": (budgets.key_of("invitation_email", firm_id, email), limits["invitation_email"]),
    }
    return budgets.attempt(spending, failed=True).admitted


def _send(access: Access, invitation: Invitation) -> None:
    token = links.issue(Link.Purpose.INVITATION, email=invitation.email, payload={"invitation": str(invitation.uid)})
    tell(
        invitation.email,
        "Un cabinet vous invite dans son espace en ligne",
        "invitation",
        firm=access.firm_name,
        path="/invitations/",
        token=token,
    )
