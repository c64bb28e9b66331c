"""Invitations, requests, rights, roles and portfolios: what each verb does, and what it refuses without a trace."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from portefeuille.audit.models import Event
from portefeuille.firms import joining, portfolios, queries, rights
from portefeuille.firms.access import access_of
from portefeuille.firms.models import Firm, Invitation, JoinRequest, Member, Portfolio
from portefeuille.firms.results import (
    AlreadyInvited,
    AlreadyMember,
    Done,
    Gone,
    Joined,
    LastAdministrator,
    LinkSpent,
    NameTaken,
    NotAllowed,
    TooManyMessages,
)
from portefeuille.firms.rights import Level, Right, RightsChangedMeanwhile
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.people.models import Link, User
from tests.cast import PASSWORD, Cast
from tests.enrolments.test_races import wait_for_somebody_who_waits
from tests.throttling.together import SECONDS, Crew
from tests.web.reading import rows

LEA = "lea@neuf.example"
COLLABORATOR, ADMINISTRATOR = Member.Role.COLLABORATOR, Member.Role.ADMINISTRATOR


def member_of(cast: Cast, who: str) -> Member:
    return Member.objects.get(user=cast.users[who])


def invited(cast: Cast, email: str = LEA, **options: Any) -> str:
    """The token of an invitation by Alice, read from its message."""
    given = {"full_name": "", "role": COLLABORATOR, "rights": {cast.employers.uid: Right(Level.VIEW, 0b10)}, **options}
    assert isinstance(joining.invite(access=cast.access("alice"), email=email, **given), Done)
    return token_of(email)


def token_of(email: str) -> str:
    message = Message.objects.filter(recipient=email).order_by("-pk")[0]
    return str(text_of(message.body, message.secret).split("/invitations/")[1].split("/")[0])


def accept(token: str) -> Any:
    return joining.accept(token=token, full_name="Léa", password=PASSWORD)


# --- invitations --------------------------------------------------------------------------------------------------


def test_a_new_person_joins_with_the_rights_given(cast: Cast) -> None:
    result = accept(invited(cast))
    assert isinstance(result, Joined)
    access = access_of(result.user.pk, cast.firm_a.uid)
    assert access is not None
    (granted,) = access.portfolios
    assert (granted.uid, granted.may_manage, granted.services) == (cast.employers.uid, False, 0b10)
    assert (
        Message.objects.filter(recipient="alice@alder.example", subject="Votre invitation est acceptée").count() == 1
    )
    added = Event.objects.filter(verb="member.added").order_by("-pk")[0]
    assert added.actor == f"person:{result.user.uid}"


def test_a_known_person_joins_with_their_identifier(cast: Cast) -> None:
    zoe = cast.users["zoe"]
    result = joining.accept(token=invited(cast, zoe.email, role=ADMINISTRATOR), user=zoe)
    assert isinstance(result, Joined)
    access = access_of(zoe.pk, cast.firm_a.uid)
    assert access is not None
    assert access.is_administrator
    assert access.lacks_second_factor


def test_an_invitation_is_for_its_address_only(cast: Cast) -> None:
    token = invited(cast)
    before = rows()
    assert isinstance(joining.accept(token=token, user=cast.users["zoe"]), LinkSpent)
    assert rows() == before
    assert isinstance(accept(token), Joined), "the link is its reader's still"


def test_an_invitation_outlives_a_suspension(cast: Cast) -> None:
    token = invited(cast)
    firm = Firm.objects.filter(pk=cast.firm_a.pk)
    firm.update(state=Firm.State.SUSPENDED)
    before = rows()
    assert isinstance(accept(token), LinkSpent)
    assert rows() == before
    firm.update(state=Firm.State.ACTIVE)
    assert isinstance(accept(token), Joined)


def test_a_person_who_changed_address_does_not_join_by_the_old_one(cast: Cast) -> None:
    """The address of the link is what counts: who reads it now may become somebody, who read it before may not."""
    zoe = cast.users["zoe"]
    token = invited(cast, zoe.email)
    User.objects.filter(pk=zoe.pk).update(email="zoe@ailleurs.example")
    zoe.refresh_from_db()
    assert isinstance(joining.accept(token=token, user=zoe), LinkSpent)


def test_who_accepts_what_is_being_cancelled_is_in_or_is_told(committed_cast: Cast) -> None:
    """Both want the link and the invitation: each in the same order."""
    token, uid = invited(committed_cast), Invitation.objects.get().uid
    used = threading.Event()

    def once_it_is_used(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, values, many, context)
        if sql.startswith("UPDATE people_link") and not used.is_set():
            used.set()
            wait_for_somebody_who_waits()
        return answer

    def accept_slowly() -> Any:
        with connection.execute_wrapper(once_it_is_used):
            return accept(token)

    def cancel() -> Any:
        assert used.wait(SECONDS)
        return joining.cancel(access=committed_cast.access("alice"), invitation=uid)

    with Crew(2) as crew:
        accepted, cancelled = crew.together([accept_slowly, cancel])
    assert isinstance(accepted, Joined), accepted
    assert isinstance(cancelled, Gone), cancelled


def spent_ways(cast: Cast) -> dict[str, Callable[[], str]]:
    def used() -> str:
        token = invited(cast)
        assert isinstance(accept(token), Joined)
        return token

    def expired() -> str:
        token = invited(cast)
        Invitation.objects.update(expires_at=timezone.now())
        return token

    def link_expired() -> str:
        token = invited(cast)
        Link.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        return token

    def cancelled() -> str:
        token = invited(cast)
        joining.cancel(access=cast.access("alice"), invitation=Invitation.objects.get().uid)
        return token

    def replaced() -> str:
        token = invited(cast)
        joining.send_again(access=cast.access("alice"), invitation=Invitation.objects.get().uid)
        return token

    def suspended() -> str:
        token = invited(cast)
        Firm.objects.filter(pk=cast.firm_a.pk).update(state=Firm.State.SUSPENDED)
        return token

    return {
        "used": used,
        "expired": expired,
        "link expired": link_expired,
        "cancelled": cancelled,
        "replaced": replaced,
        "suspended": suspended,
        "forged": lambda: "x" * 43,
    }


@pytest.mark.parametrize("way", ["used", "expired", "link expired", "cancelled", "replaced", "suspended", "forged"])
def test_a_link_that_is_spent_opens_nothing(cast: Cast, way: str) -> None:
    token = spent_ways(cast)[way]()
    members = Member.objects.filter(active=True).count()
    people = User.objects.count()
    result = joining.accept(token=token, full_name="Léa", password=PASSWORD)
    assert isinstance(result, LinkSpent), result
    assert (Member.objects.filter(active=True).count(), User.objects.count()) == (members, people)


def test_an_invitation_sent_again_is_good_again(cast: Cast) -> None:
    invited(cast)
    Invitation.objects.update(expires_at=timezone.now())
    uid = Invitation.objects.get().uid
    assert isinstance(joining.send_again(access=cast.access("alice"), invitation=uid), Done)
    assert isinstance(accept(token_of(LEA)), Joined)


def test_one_open_invitation_for_an_address_and_none_for_a_member(cast: Cast) -> None:
    invited(cast)
    known = {"full_name": "", "role": COLLABORATOR, "rights": {}}
    before = Message.objects.count()
    again = joining.invite(access=cast.access("alice"), email=LEA, **known)
    assert again == AlreadyInvited(Invitation.objects.get().uid)
    member = joining.invite(access=cast.access("alice"), email="bob@alder.example", **known)
    assert member == AlreadyMember(member_of(cast, "bob").uid)
    assert Message.objects.count() == before


def test_an_address_is_not_flooded(cast: Cast, settings: Any) -> None:
    settings.INVITATION_BUDGETS = {"invitation_firm": [(9, 3600)], "invitation_email": [(2, 3600)]}
    invited(cast)
    uid = Invitation.objects.get().uid
    assert isinstance(joining.send_again(access=cast.access("alice"), invitation=uid), Done)
    before = rows()
    assert isinstance(joining.send_again(access=cast.access("alice"), invitation=uid), TooManyMessages)
    assert rows() == before


def test_a_portfolio_that_went_meanwhile_is_left_out(cast: Cast) -> None:
    token = invited(cast, rights={cast.employers.uid: Right(Level.VIEW), uuid4(): Right(Level.MANAGE)})
    result = accept(token)
    assert isinstance(result, Joined)
    assert set(rights.rights_of(Member.objects.get(user=result.user).pk)) == {cast.employers.uid}


def test_a_member_who_left_comes_back_with_the_new_rights_only(cast: Cast) -> None:
    bob = member_of(cast, "bob")
    Member.objects.filter(pk=bob.pk).update(active=False, left_at=timezone.now())
    token = invited(cast, "bob@alder.example", rights={cast.independents.uid: Right(Level.VIEW)})
    result = joining.accept(token=token, user=cast.users["bob"])
    assert isinstance(result, Joined)
    assert not result.again
    bob.refresh_from_db()
    assert (bob.active, bob.left_at) == (True, None)
    assert set(rights.rights_of(bob.pk)) == {cast.independents.uid}


# --- requests -----------------------------------------------------------------------------------------------------


def test_a_request_that_is_accepted_makes_a_collaborator_without_portfolio(cast: Cast) -> None:
    asked = JoinRequest.objects.create(firm=cast.firm_a, user=cast.users["zoe"])
    assert isinstance(joining.accept_request(access=cast.access("alice"), request=asked.uid), Done)
    access = cast.access("zoe")
    assert not access.is_administrator
    assert access.portfolios == ()
    assert isinstance(joining.decline_request(access=cast.access("alice"), request=asked.uid), Gone)


def test_a_request_that_is_declined_is_read_as_a_refusal(cast: Cast) -> None:
    asked = JoinRequest.objects.create(firm=cast.firm_a, user=cast.users["zoe"])
    assert isinstance(joining.decline_request(access=cast.access("alice"), request=asked.uid), Done)
    assert [place.state for place in queries.firms_of(cast.users["zoe"].pk)] == ["refused"]
    assert isinstance(joining.accept_request(access=cast.access("alice"), request=asked.uid), Gone)


# --- rights and roles ---------------------------------------------------------------------------------------------


def test_rights_take_effect_at_the_next_look(cast: Cast) -> None:
    bob = member_of(cast, "bob")
    wished = {cast.independents.uid: Right(Level.MANAGE), cast.employers.uid: Right(Level.VIEW, 0b100)}
    seen = rights.rights_of(bob.pk)
    result = rights.set_rights(access=cast.access("alice"), member=bob.uid, rights=wished, seen=seen)
    assert result == Done()
    access = cast.access("bob")
    assert [granted.name for granted in access.managed] == ["Indépendants"]
    assert rights.rights_of(bob.pk) == wished
    again = rights.set_rights(access=cast.access("alice"), member=bob.uid, rights=wished, seen={})
    assert again == Done(nothing_new=True)
    event = Event.objects.get(verb="member.changed")
    assert event.after["portfolios"][str(cast.employers.uid)] == {"level": "view", "services": 4}
    # Told once: the second call changed nothing.
    assert Message.objects.get(subject="Vos droits ont changé").recipient == "bob@alder.example"


def test_rights_that_changed_meanwhile_are_shown_not_overwritten(cast: Cast) -> None:
    bob = member_of(cast, "bob")
    before = rows()
    result = rights.set_rights(access=cast.access("alice"), member=bob.uid, rights={}, seen={})
    assert result == RightsChangedMeanwhile({cast.employers.uid: Right(Level.MANAGE)})
    assert rows() == before


@pytest.mark.parametrize("what", ["foreign", "unfiled"])
def test_a_portfolio_that_is_not_to_give_is_not_given(cast: Cast, what: str) -> None:
    other = {"foreign": cast.portfolio_b, "unfiled": Portfolio(firm=cast.firm_a, name="Sans", unfiled=True)}[what]
    other.save()
    bob = member_of(cast, "bob")
    seen = rights.rights_of(bob.pk)
    rights.set_rights(
        access=cast.access("alice"), member=bob.uid, rights={**seen, other.uid: Right(Level.MANAGE)}, seen=seen
    )
    assert rights.rights_of(bob.pk) == seen


def test_a_new_administrator_sees_all_and_needs_a_second_factor(cast: Cast) -> None:
    bob = member_of(cast, "bob")
    assert rights.set_role(access=cast.access("alice"), member=bob.uid, role=ADMINISTRATOR) == Done()
    assert len(cast.access("bob").managed) == 2
    assert cast.access("bob").lacks_second_factor
    assert rights.set_role(access=cast.access("alice"), member=bob.uid, role=COLLABORATOR) == Done()
    assert [granted.name for granted in cast.access("bob").portfolios] == ["Employeurs"]


def test_the_last_administrator_stays_one(cast: Cast) -> None:
    alice = member_of(cast, "alice")
    before = rows()
    result = rights.set_role(access=cast.access("alice"), member=alice.uid, role=COLLABORATOR)
    assert isinstance(result, LastAdministrator)
    assert rows() == before


def test_an_administrator_whose_identifier_is_closed_administers_nothing(cast: Cast) -> None:
    alice, bob = member_of(cast, "alice"), member_of(cast, "bob")
    rights.set_role(access=cast.access("alice"), member=bob.uid, role=ADMINISTRATOR)
    at_work = cast.access("bob")
    User.objects.filter(pk=bob.user_id).update(is_active=False)
    assert access_of(bob.user_id, cast.firm_a.uid) is None
    access, before = cast.access("alice"), rows()
    assert isinstance(rights.set_role(access=access, member=alice.uid, role=COLLABORATOR), LastAdministrator)
    assert isinstance(rights.set_role(access=at_work, member=alice.uid, role=COLLABORATOR), NotAllowed)
    assert rows() == before
    assert rights.set_role(access=access, member=bob.uid, role=COLLABORATOR) == Done()


def verbs(cast: Cast, who: str, target: Member, portfolio: Portfolio) -> dict[str, Callable[[], Any]]:
    """Every verb on a team, done by ``who`` on a member and a portfolio."""
    access = cast.access(who)
    invitation = Invitation.objects.order_by("pk").values_list("uid", flat=True).first() or uuid4()
    asked = JoinRequest.objects.order_by("pk").values_list("uid", flat=True).first() or uuid4()
    return {
        "invite": lambda: joining.invite(
            access=access, email="x@neuf.example", full_name="", role=ADMINISTRATOR, rights={}
        ),
        "send_again": lambda: joining.send_again(access=access, invitation=invitation),
        "cancel": lambda: joining.cancel(access=access, invitation=invitation),
        "accept_request": lambda: joining.accept_request(access=access, request=asked),
        "decline_request": lambda: joining.decline_request(access=access, request=asked),
        "set_rights": lambda: rights.set_rights(access=access, member=target.uid, rights={}, seen={}),
        "set_role": lambda: rights.set_role(access=access, member=target.uid, role=ADMINISTRATOR),
        "create": lambda: portfolios.create(access=access, name="Nord"),
        "rename": lambda: portfolios.rename(access=access, portfolio=portfolio.uid, name="Nord"),
        "give": lambda: portfolios.give(access=access, portfolio=portfolio.uid, rights={}, seen={}),
    }


def test_a_collaborator_changes_nothing(cast: Cast) -> None:
    invited(cast)
    JoinRequest.objects.create(firm=cast.firm_a, user=cast.users["zoe"])
    for name, verb in verbs(cast, "bob", member_of(cast, "rita"), cast.employers).items():
        before = rows()
        assert isinstance(verb(), NotAllowed), name
        assert rows() == before, name


def test_the_administrator_of_another_firm_changes_nothing(cast: Cast) -> None:
    invited(cast)
    JoinRequest.objects.create(firm=cast.firm_a, user=cast.users["zoe"])
    for name, verb in verbs(cast, "charlie", member_of(cast, "rita"), cast.employers).items():
        if name in ("invite", "create"):
            continue
        before = rows()
        assert isinstance(verb(), Gone), name
        assert rows() == before, name


def test_an_administrator_who_was_one_when_the_page_opened_changes_nothing(cast: Cast) -> None:
    """The access is that of the request; the verb asks again, on locked rows."""
    bob = member_of(cast, "bob")
    rights.set_role(access=cast.access("alice"), member=bob.uid, role=ADMINISTRATOR)
    stale = verbs(cast, "bob", member_of(cast, "rita"), cast.employers)
    rights.set_role(access=cast.access("alice"), member=bob.uid, role=COLLABORATOR)
    for name, verb in stale.items():
        before = rows()
        assert isinstance(verb(), NotAllowed), name
        assert rows() == before, name


# --- portfolios ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Employeurs", "EMPLOYEURS", "Sans portefeuille", "sans PORTEFEUILLE"])
def test_a_name_is_one_portfolio_s(cast: Cast, name: str) -> None:
    before = rows()
    assert isinstance(portfolios.create(access=cast.access("alice"), name=name), NameTaken)
    renamed = portfolios.rename(access=cast.access("alice"), portfolio=cast.independents.uid, name=name)
    assert isinstance(renamed, NameTaken)
    assert rows() == before


def test_a_portfolio_is_given_and_withdrawn(cast: Cast) -> None:
    rita, bob = member_of(cast, "rita"), member_of(cast, "bob")
    seen = portfolios.given_to(cast.employers.uid)
    assert seen[bob.uid] == Right(Level.MANAGE)
    wished = {rita.uid: Right(Level.MANAGE), uuid4(): Right(Level.MANAGE)}
    result = portfolios.give(access=cast.access("alice"), portfolio=cast.employers.uid, rights=wished, seen=seen)
    assert result == Done()
    assert cast.access("bob").portfolios == ()
    assert [granted.name for granted in cast.access("rita").managed] == ["Employeurs"]
    assert Event.objects.filter(verb="member.changed").count() == 3  # Bob, Nina and Rita
    told = Message.objects.filter(subject="Vos droits ont changé").order_by("recipient")
    assert [message.recipient.partition("@")[0] for message in told] == ["bob", "nina", "rita"]
    stale = portfolios.give(access=cast.access("alice"), portfolio=cast.employers.uid, rights={}, seen=seen)
    assert isinstance(stale, RightsChangedMeanwhile)


def test_the_portfolio_of_those_without_one_is_made_once(cast: Cast) -> None:
    made = [portfolios.unfiled_portfolio(firm_id=cast.firm_a.pk, actor="command:tests") for _ in range(2)]
    assert made[0] == made[1]
    assert Event.objects.filter(verb="portfolio.created", after__name=portfolios.UNFILED).count() == 1
    assert portfolios.UNFILED in [granted.name for granted in cast.access("alice").portfolios]
    for who in ("bob", "rita", "nina"):
        assert portfolios.UNFILED not in [granted.name for granted in cast.access(who).portfolios]
    renamed = portfolios.rename(access=cast.access("alice"), portfolio=made[0].uid, name="Autre")
    assert isinstance(renamed, Gone)


# --- what colleagues read -----------------------------------------------------------------------------------------


def test_a_collaborator_reads_the_rights_of_nobody_else(cast: Cast) -> None:
    access = cast.access("rita")
    assert {mate.name for mate in queries.team(access)} == {"Alice Alder", "Bob", "Nina", "Rita"}
    assert {mate.name for mate in queries.team(access) if mate.given} == {"Rita"}
    assert queries.teammate(access, member_of(cast, "bob").uid) is None
    assert queries.teammate(access, access.member_uid) is not None
    assert queries.open_invitations(access) == []
    assert queries.join_requests(access) == []


def test_a_team_is_the_firm_s_own(cast: Cast) -> None:
    access = cast.access("charlie")
    assert [mate.name for mate in queries.team(access)] == ["Charlie Bouleau"]
    assert queries.teammate(access, member_of(cast, "bob").uid) is None
    assert queries.teammate(access, UUID(int=1)) is None
