"""How teams come to be and change: spaces asked for, invitations, rights, roles, departures, portfolios."""

import re
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portefeuille.enrolments import taking_over
from portefeuille.firms import joining, opening, portfolios, rights
from portefeuille.firms import results as team
from portefeuille.firms.models import Firm, Invitation, JoinRequest
from portefeuille.firms.models import Member as MemberRow
from portefeuille.firms.rights import Level, Right
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.people import links
from portefeuille.people.models import Link
from tests.model.life import ANYBODY, FIRST, PEOPLE, PLACE, SIRENS, SOME_RIGHT, Life, Role
from tests.model.reference import Cabinet, Invited, Member, Request


class TeamsAct(Life):
    """By an administrator, or refused."""

    @rule(email=st.sampled_from(PEOPLE), siren=st.sampled_from(SIRENS))
    def somebody_asks_for_a_space(self, email: str, siren: str) -> None:
        if email in self.world.closed:
            return
        person = self.users[email]
        token = links.issue(Link.Purpose.OPEN_FIRM, email=email, payload={"siren": siren})
        result = opening.apply(token=token, company="Cabinet Neuf", user=person)
        assert result == team.Applied(person)
        actor = f"person:{person.uid}"
        firm = next((one for one in self.world.firms if one.siren == siren and one.state != "refused"), None)
        if firm is None:
            firm = self._meet(Firm.objects.exclude(state="refused").get(siren=siren))
            assert firm.state == "pending"
            (member,) = firm.members
            assert (member.email, member.administrator, len(firm.portfolios)) == (email, True, 1)
            self.line(firm.id, actor, "firm.applied", f"firm:{firm.uid}")
            self.line(firm.id, actor, "member.added", f"member:{member.uid}")
            self.line(firm.id, actor, "portfolio.created", f"portfolio:{firm.portfolios[0]}")
        elif firm.member(email):
            return
        elif not any(request.open and request.email == email for request in firm.requests):
            row = JoinRequest.objects.get(firm=firm.id, user=person, decided_at=None)
            firm.requests.append(Request(row.uid, email))
            self.line(firm.id, actor, "firm.join_asked", f"join_request:{row.uid}")
            self.mail_administrators(firm, "Une personne demande à rejoindre votre cabinet")
        self.mail(email, "Votre demande est enregistrée")

    @precondition(lambda self: any(firm.requests for firm in self.world.firms))
    @rule(who=PLACE, data=st.data(), yes=st.booleans())
    def a_request_is_answered(self, who: int, data: Any, yes: bool) -> None:
        firm, request = data.draw(st.sampled_from([(f, r) for f in self.world.firms for r in f.requests]))
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        answer = joining.accept_request if yes else joining.decline_request
        result = answer(access=access, request=request.uid)
        if not member.administrator:
            assert result == team.NotAllowed()
        elif not request.open:
            assert result == team.Gone()
        else:
            request.open = False
            assert isinstance(result, team.Done)
            self.mail(request.email, "Votre demande est acceptée" if yes else "Votre demande n'est pas acceptée")
            if yes:
                self._comes_in(firm, request.email, access.actor, administrator=False, given={})
            else:
                self.line(firm.id, access.actor, "firm.join_declined", f"join_request:{request.uid}")

    def _comes_in(
        self, firm: Cabinet, email: str, actor: str, *, administrator: bool, given: dict[UUID, Right]
    ) -> Member | None:
        """None for who was there already: nothing changes."""
        if firm.member(email):
            return None
        member = next((one for one in firm.members if one.email == email), None)
        if member is None:
            uid = MemberRow.objects.get(firm=firm.id, user=self.users[email]).uid
            member = Member(uid, email, administrator)
            firm.members.append(member)
        member.active, member.administrator = True, administrator
        member.rights = {uid: right for uid, right in given.items() if uid in firm.portfolios}
        self.line(firm.id, actor, "member.added", f"member:{member.uid}")
        return member

    @rule(place=FIRST, who=PLACE, data=st.data(), email=st.sampled_from(PEOPLE), administrator=st.booleans())
    def invite(self, place: int, who: int, data: Any, email: str, administrator: bool) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        given = self._some_rights(data, firm)
        role = Role.ADMINISTRATOR if administrator else Role.COLLABORATOR
        result = joining.invite(access=access, email=email, full_name="", role=role, rights=given)
        waits = [one for one in firm.invitations if one.open and one.email == email]
        known = firm.member(email)
        if not member.administrator:
            assert result == team.NotAllowed()
        elif known:
            assert result == team.AlreadyMember(known.uid)
        elif waits:
            assert result == team.AlreadyInvited(waits[0].uid)
        else:
            assert isinstance(result, team.Done)
            assert result.uid is not None
            expires = Invitation.objects.get(uid=result.uid).expires_at
            kept = {} if administrator else given
            invited = Invited(result.uid, email, administrator, kept, member, expires, self._token(email))
            firm.invitations.append(invited)
            self.line(firm.id, access.actor, "member.invited", f"invitation:{result.uid}")
            self.mail(email, "Un cabinet vous invite dans son espace en ligne")

    def _some_rights(self, data: Any, firm: Cabinet) -> dict[UUID, Right]:
        """On portfolios of the firm, and of others, which give nothing."""
        everywhere = [*firm.portfolios, *firm.portfolios, *(uid for one in self.world.firms for uid in one.portfolios)]
        return dict(data.draw(st.dictionaries(st.sampled_from(everywhere), SOME_RIGHT, max_size=2)))

    def _token(self, email: str) -> str:
        message = Message.objects.filter(recipient=email).order_by("-pk")[0]
        found = re.search(r"/invitations/([^/\s]+)/", text_of(message.body, message.secret))
        assert found is not None
        return found[1]

    @precondition(lambda self: any(firm.invitations for firm in self.world.firms))
    @rule(data=st.data(), somebody_else=st.sampled_from([None, None, None, *PEOPLE]))
    def accept_an_invitation(self, data: Any, somebody_else: str | None) -> None:
        firm, invited = data.draw(st.sampled_from([(f, i) for f in self.world.firms for i in f.invitations]))
        email = somebody_else or invited.email
        if email in self.world.closed:
            return
        result = joining.accept(token=invited.token, user=self.users[email])
        good = invited.open and invited.expires > timezone.now() and firm.works and email == invited.email
        if not good:
            assert result == team.LinkSpent()
            return
        invited.open = False
        actor = f"person:{self.users[email].uid}"
        came = self._comes_in(firm, email, actor, administrator=invited.administrator, given=invited.rights)
        assert result == team.Joined(firm.uid, self.users[email], again=came is None)
        if came and invited.by.active:
            self.mail(invited.by.email, "Votre invitation est acceptée")

    @precondition(lambda self: any(firm.invitations for firm in self.world.firms))
    @rule(who=PLACE, data=st.data(), again=st.booleans())
    def cancel_or_send_again(self, who: int, data: Any, again: bool) -> None:
        firm, invited = data.draw(st.sampled_from([(f, i) for f in self.world.firms for i in f.invitations]))
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        act = joining.send_again if again else joining.cancel
        result = act(access=access, invitation=invited.uid)
        if not member.administrator:
            assert result == team.NotAllowed()
        elif not invited.open:
            assert result == team.Gone()
        elif again:
            assert result == team.Done()
            invited.expires = Invitation.objects.get(uid=invited.uid).expires_at
            before, invited.token = invited.token, self._token(invited.email)
            assert links.look(Link.Purpose.INVITATION, before) is None
            self.line(firm.id, access.actor, "invitation.sent_again", f"invitation:{invited.uid}")
            self.mail(invited.email, "Un cabinet vous invite dans son espace en ligne")
        else:
            assert result == team.Done()
            invited.open = False
            self.line(firm.id, access.actor, "invitation.cancelled", f"invitation:{invited.uid}")

    @rule(place=FIRST, who=PLACE, whom=ANYBODY, data=st.data())
    def give_rights(self, place: int, who: int, whom: int, data: Any) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        target = firm.members[whom % len(firm.members)]
        wished = self._some_rights(data, firm)
        present = target.rights
        result = rights.set_rights(access=access, member=target.uid, rights=wished, seen=present)
        if not member.administrator:
            assert result == team.NotAllowed()
        elif not target.active or target.administrator:
            assert result == team.Gone()
        else:
            target.rights = {uid: right for uid, right in wished.items() if uid in firm.portfolios}
            assert result == team.Done(nothing_new=target.rights == present)
            if target.rights != present:
                self.line(firm.id, access.actor, "member.changed", f"member:{target.uid}")
                self.mail(target.email, "Vos droits ont changé")

    @rule(place=FIRST, who=PLACE, whom=ANYBODY, administrator=st.booleans())
    def change_a_role(self, place: int, who: int, whom: int, administrator: bool) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        target = firm.members[whom % len(firm.members)]
        role = Role.ADMINISTRATOR if administrator else Role.COLLABORATOR
        result = rights.set_role(access=access, member=target.uid, role=role)
        if not member.administrator:
            assert result == team.NotAllowed()
        elif not target.active:
            assert result == team.Gone()
        elif target.administrator == administrator:
            assert result == team.Done(nothing_new=True)
        elif self._the_only_one(firm, target):
            assert result == team.LastAdministrator()
        else:
            assert result == team.Done()
            target.administrator = administrator
            self.line(firm.id, access.actor, "member.changed", f"member:{target.uid}")
            self.mail(target.email, "Votre rôle a changé")

    def _the_only_one(self, firm: Cabinet, member: Member) -> bool:
        """Whether nobody else who can sign in administers the firm."""
        able = [one for one in firm.administrators if one.email not in self.world.closed]
        return able == [member]

    @rule(place=FIRST, who=PLACE, whom=ANYBODY, heir=st.sampled_from([None, *range(7)]))
    def somebody_goes(self, place: int, who: int, whom: int, heir: int | None) -> None:
        """Removed by another, or leaving of their own will."""
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        going = firm.members[whom % len(firm.members)]
        takes = None if heir is None else firm.members[heir % len(firm.members)]
        result = taking_over.remove_member(access=access, member=going.uid, successor=takes.uid if takes else None)
        leaves = going is member
        if not leaves and not member.administrator:
            assert result == team.NotAllowed()
        elif not going.active:
            assert result == team.Gone()
        elif takes is not None and (takes is going or not takes.active):
            assert result == taking_over.NoSuccessor()
        elif self._the_only_one(firm, going):
            assert result == team.LastAdministrator()
        else:
            assert result == team.Done()
            self._hand_over(firm, going, takes, access.actor)
            going.active, going.rights = False, {}
            event = "member.left" if leaves else "member.removed"
            self.line(firm.id, access.actor, event, f"member:{going.uid}")
            if leaves:
                self.mail_administrators(firm, "Une personne a quitté votre cabinet", but=going)
            else:
                self.mail(going.email, "Vous ne faites plus partie d'un cabinet")

    def _hand_over(self, firm: Cabinet, going: Member, heir: Member | None, actor: str) -> None:
        for mandate in self.world.mandates:
            if mandate.only_for and going.uid in mandate.only_for:
                mandate.only_for = (mandate.only_for - {going.uid}) | ({heir.uid} if heir else set())
                if mandate.live:
                    self.line(firm.id, actor, "enrolment.restricted", f"enrolment:{mandate.uid}")
        if heir is None or heir.administrator:
            return
        after = dict(heir.rights)
        for uid, right in going.rights.items():
            mine = after.get(uid, right)
            level = Level.MANAGE if Level.MANAGE in (mine.level, right.level) else Level.VIEW
            limits = (mine.services, right.services)
            after[uid] = Right(level, None if None in limits else (limits[0] or 0) | (limits[1] or 0))
        if after != heir.rights:
            heir.rights = after
            self.line(firm.id, actor, "member.changed", f"member:{heir.uid}")
            self.mail(heir.email, "Vos droits ont changé")

    @rule(place=FIRST, who=PLACE)
    def create_a_portfolio(self, place: int, who: int) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None or len(firm.portfolios) > 3:
            return
        access, member = at_work
        result = portfolios.create(access=access, name=f"Dossiers {uuid4()}")
        if not member.administrator:
            assert result == team.NotAllowed()
            return
        assert isinstance(result, team.Done)
        assert result.uid is not None
        firm.portfolios.append(result.uid)
        self.line(firm.id, access.actor, "portfolio.created", f"portfolio:{result.uid}")

    @rule(place=FIRST, who=PLACE, which=ANYBODY, data=st.data())
    def give_a_portfolio(self, place: int, who: int, which: int, data: Any) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        uid = firm.portfolios[which % len(firm.portfolios)]
        people = st.sampled_from([one.uid for one in firm.members])
        wished = data.draw(st.dictionaries(people, SOME_RIGHT, max_size=2))
        team_of = [one for one in firm.team if not one.administrator]
        present = {one.uid: one.rights[uid] for one in team_of if uid in one.rights}
        result = portfolios.give(access=access, portfolio=uid, rights=wished, seen=present)
        if not member.administrator:
            assert result == team.NotAllowed()
            return
        wished = {who: right for who, right in wished.items() if who in {one.uid for one in team_of}}
        assert result == team.Done(nothing_new=present == wished)
        for one in team_of:
            if present.get(one.uid) == wished.get(one.uid):
                continue
            one.rights = {place: right for place, right in one.rights.items() if place != uid}
            if one.uid in wished:
                one.rights[uid] = wished[one.uid]
            self.line(firm.id, access.actor, "member.changed", f"member:{one.uid}")
            self.mail(one.email, "Vos droits ont changé")

    @rule(place=FIRST, who=PLACE, which=ANYBODY, data=st.data())
    def remove_a_portfolio(self, place: int, who: int, which: int, data: Any) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        uid = firm.portfolios[which % len(firm.portfolios)]
        to = data.draw(st.sampled_from([None, *(one for firm in self.world.firms for one in firm.portfolios)]))
        result = taking_over.remove_portfolio(access=access, portfolio=uid, destination=to)
        if not member.administrator:
            assert result == team.NotAllowed()
        elif to is not None and (to == uid or to not in firm.portfolios):
            assert result == team.Gone()
        elif firm.portfolios == [uid]:
            assert result == taking_over.LastPortfolio()
        else:
            assert result == team.Done()
            held = [mandate for mandate in self.world.mandates if mandate.portfolio == uid]
            if held:
                to = to or self._unfiled(firm, access.actor)
            for mandate in held:
                assert to is not None
                mandate.portfolio = to
                if mandate.live:
                    self.line(firm.id, access.actor, "enrolment.moved", f"enrolment:{mandate.uid}")
            for one in firm.members:
                if one.rights.pop(uid, None):
                    self.line(firm.id, access.actor, "member.changed", f"member:{one.uid}")
                    if not one.administrator:
                        self.mail(one.email, "Vos droits ont changé")
            firm.portfolios.remove(uid)
            self.line(firm.id, access.actor, "portfolio.removed", f"portfolio:{uid}")
