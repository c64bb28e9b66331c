"""What a firm does with its clients."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import actions, sharing, telling
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.enrolments.models import ClientRule
from portefeuille.enrolments.proving import Proof
from portefeuille.enrolments.results import (
    AlreadyEnrolled,
    Asked,
    Changed,
    ChangedMeanwhile,
    Closed,
    Enrolled,
    Gone,
    NotAllowed,
    NotProved,
    NotRestored,
    Restored,
)
from portefeuille.enrolments.working_days import answer_until
from portefeuille.firms.access import Access
from portefeuille.firms.rights import Level
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, CastClient
from tests.model.life import CLIENTS, FIRST, PLACE, SOME_SELECTION, Life
from tests.model.reference import Cabinet, Mandate, Member, covered, entire, holder

UNDO = timedelta(minutes=15)


class FirmsAct(Life):
    """Add, change, end, bring back, reserve, move."""

    @rule(place=FIRST, who=PLACE, data=st.data(), client=st.sampled_from(CLIENTS), wish=SOME_SELECTION,
          right_proof=st.sampled_from([True, True, True, True, False]))  # fmt: skip
    def add_a_client(
        self, place: int, who: int, data: Any, client: CastClient, wish: Selection, right_proof: bool
    ) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        mine = [one.uid for one in access.managed if not one.unfiled]
        everywhere = [uid for one in self.world.firms for uid in one.portfolios]
        self._add(firm, access, member, data.draw(st.sampled_from(mine * 4 + everywhere)), client, wish, right_proof)

    def _some(self, member: Member) -> list[Mandate]:
        """Of all enrolments, those that the member sees more often than the others."""
        return [*list(self.world.visible(member)) * 3, *self.world.mandates]

    def plant(self) -> None:
        """A life begins with clients, or most of it would pass without."""
        alder, bouleau = self.world.firms
        self._rules(holder(MANAGER), ClientRule.Rule.ASK)
        planted = [
            (alder, 0, EMPLOYER),
            (alder, 0, INDEPENDENT),
            (alder, 1, LIBERAL_SAME_SIREN),
            (bouleau, 0, EMPLOYER),
            (alder, 0, MANAGER),  # who wants to say yes first
        ]
        for firm, place, client in planted:
            at_work = self.actor(firm, 0)
            assert at_work is not None
            self._add(firm, *at_work, firm.portfolios[place], client, Selection(0b111, 0b1), True)
        at_work = self.actor(alder, 0)
        assert at_work is not None
        independent = next(mandate for mandate in self.world.mandates if mandate.client is INDEPENDENT)
        self._reserve(*at_work, independent, {alder.members[1].uid})

    def _add(
        self,
        firm: Cabinet,
        access: Access,
        member: Member,
        uid: UUID,
        client: CastClient,
        wish: Selection,
        right_proof: bool,
    ) -> None:
        result = actions.enrol(
            access=access,
            portfolio_id=self._portfolio_id(uid),
            subject=client.subject,
            proof=client.proof if right_proof else Proof(client.account, "185057512345611" if client.nir else "17.31"),
            selection=wish,
            address="192.0.2.1",
        )
        right = firm.rights_of(member).get(uid)
        subject = client_in_trail(siren=client.siren, account_number=client.subject.account_number)
        if right is None or right.level != Level.MANAGE:
            assert result == NotAllowed()
            return
        if not right_proof:
            assert isinstance(result, NotProved)
            self.line(firm.id, access.actor, "enrolment.refused", subject)
            return
        standing, word = self.world.standing(firm, client), self.world.word(firm, client)
        if standing:
            assert result == AlreadyEnrolled(standing.uid, visible=self.world.right(member, standing) is not None)
        elif word == "closed":
            assert result == Closed()
            self.line(firm.id, access.actor, "enrolment.refused", subject)
        else:
            assert isinstance(result, Asked if word == "ask" else Enrolled)
            assert isinstance(result, Asked | Enrolled)
            self._is_added(access, firm, client, uid, covered(right, wish), result.uid, asks=word == "ask")

    def _is_added(
        self,
        access: Access,
        firm: Cabinet,
        client: CastClient,
        into: UUID,
        chosen: Selection,
        uid: UUID,
        *,
        asks: bool,
    ) -> None:
        self.world.mandates.append(
            Mandate(
                uid, firm, client, into, chosen, "pending" if asks else "active",
                until=answer_until(timezone.now()) if asks else None,
            )
        )  # fmt: skip
        self.line(firm.id, access.actor, f"enrolment.{'asked' if asks else 'added'}", f"enrolment:{uid}")
        self.mail(client.email, telling.SUBJECTS[telling.Act.ASKED if asks else telling.Act.ADDED])

    def _portfolio_id(self, uid: UUID) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM firms_portfolio WHERE uid = %s", [uid])
            found = cursor.fetchone()
        assert found is not None
        return int(found[0])

    @precondition(lambda self: self.world.mandates)
    @rule(place=FIRST, who=PLACE, data=st.data(), wish=SOME_SELECTION, stale=st.sampled_from([False, False, True]))
    def change_services(self, place: int, who: int, data: Any, wish: Selection, stale: bool) -> None:
        at_work = self.actor(self.some_firm(place), who)
        if at_work is None:
            return
        access, member = at_work
        mandate = data.draw(st.sampled_from(self._some(member)))
        right = self.world.right(member, mandate)
        shown = covered(right, mandate.selection) if right else Selection(0, 0)
        seen = Selection(shown.services ^ 0b10, shown.notices) if stale else shown
        result = actions.change(access=access, enrolment=mandate.uid, selection=wish, seen=seen)
        if right is None or right.level != Level.MANAGE or not mandate.live:
            assert result == Gone()
            return
        present = mandate.selection
        becomes = wish
        if right.services is not None:
            kept = present.services & ~right.services
            becomes = Selection(kept | (wish.services & right.services), present.notices)
        if becomes == present:
            assert result == Changed(nothing_new=True)
        elif covered(right, seen) != shown:
            assert result == ChangedMeanwhile(shown)
        else:
            assert result == Changed()
            mandate.selection = becomes
            self.line(mandate.firm.id, access.actor, "enrolment.changed", f"enrolment:{mandate.uid}")
            self.mail(mandate.client.email, telling.SUBJECTS[telling.Act.CHANGED])

    @precondition(lambda self: self.world.mandates)
    @rule(place=FIRST, who=PLACE, data=st.data())
    def terminate_some(self, place: int, who: int, data: Any) -> None:
        at_work = self.actor(self.some_firm(place), who)
        if at_work is None:
            return
        access, member = at_work
        chosen = data.draw(st.lists(st.sampled_from(self._some(member)), min_size=1, max_size=3, unique_by=id))
        result = actions.terminate(access=access, enrolments=[mandate.uid for mandate in chosen])
        ended = [mandate for mandate in chosen if mandate.live and entire(self.world.right(member, mandate))]
        assert set(result.uids) == {mandate.uid for mandate in ended}
        for mandate in ended:
            mandate.ended_from, mandate.state, mandate.ended_by = mandate.state, "terminated", "firm"
            mandate.ended, mandate.ended_at, mandate.ending = self.world.step, timezone.now(), result.ending
            self.line(mandate.firm.id, access.actor, "enrolment.terminated", f"enrolment:{mandate.uid}")
            self.mail(mandate.client.email, telling.SUBJECTS[telling.Act.TERMINATED])

    @precondition(lambda self: any(mandate.ending for mandate in self.world.mandates))
    @rule(place=FIRST, who=PLACE, data=st.data())
    def undo(self, place: int, who: int, data: Any) -> None:
        at_work = self.actor(self.some_firm(place), who)
        if at_work is None:
            return
        access, member = at_work
        ending = data.draw(st.sampled_from([m.ending for m in self.world.mandates if m.ending]))
        result = actions.undo_termination(access=access, ending=ending)
        mine = [m for m in self.world.mandates if m.ending == ending and entire(self.world.right(member, m))]
        in_time = [m for m in mine if m.ended_at and m.ended_at > timezone.now() - UNDO]
        back = [m for m in in_time if not self.world.standing(m.firm, m.client)]
        if not back:
            assert result == NotRestored(too_late=bool(mine) and not in_time)
            return
        assert isinstance(result, Restored)
        assert set(result.uids) == {mandate.uid for mandate in back}
        for mandate in back:
            mandate.state, mandate.ended_by, mandate.ending, mandate.ended_at = mandate.ended_from, "", None, None
            self.line(mandate.firm.id, access.actor, "enrolment.restored", f"enrolment:{mandate.uid}")
            self.mail(mandate.client.email, telling.SUBJECTS[telling.Act.RESTORED])

    @precondition(lambda self: self.world.mandates)
    @rule(place=FIRST, who=PLACE, data=st.data(), everybody=st.sampled_from([False, False, True]))
    def reserve(self, place: int, who: int, data: Any, everybody: bool) -> None:
        at_work = self.actor(self.some_firm(place), who)
        if at_work is None:
            return
        access, member = at_work
        mandate = data.draw(st.sampled_from(self._some(member)))
        known = [*mandate.firm.members * 2, *(one for firm in self.world.firms for one in firm.members)]
        named = st.lists(st.sampled_from(known).map(lambda one: one.uid), max_size=2, unique=True)
        self._reserve(access, member, mandate, None if everybody else set(data.draw(named)))

    def _reserve(self, access: Access, member: Member, mandate: Mandate, wished: set[UUID] | None) -> None:
        if wished is None:
            result = sharing.open_to_all(access=access, enrolment=mandate.uid)
        else:
            result = sharing.restrict(access=access, enrolment=mandate.uid, members=wished)
        if not (member.administrator and mandate.live and self.world.right(member, mandate)):
            assert result == Gone()
        elif wished is not None and not wished <= {one.uid for one in mandate.firm.team}:
            assert result == sharing.UnknownMember()
        elif mandate.only_for == wished:
            assert result == sharing.Restricted(nothing_new=True)
        else:
            assert result == sharing.Restricted()
            mandate.only_for = wished
            self.line(mandate.firm.id, access.actor, "enrolment.restricted", f"enrolment:{mandate.uid}")

    @precondition(lambda self: self.world.mandates)
    @rule(place=FIRST, who=PLACE, data=st.data())
    def move(self, place: int, who: int, data: Any) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        chosen = data.draw(st.lists(st.sampled_from(self._some(member)), min_size=1, max_size=2, unique_by=id))
        to = data.draw(st.sampled_from([None, *(uid for one in self.world.firms for uid in one.portfolios)]))
        result = sharing.move(access=access, enrolments=[mandate.uid for mandate in chosen], to=to)
        allowed = member.administrator if to is None else entire(firm.rights_of(member).get(to))
        if not allowed:
            assert result == sharing.NoSuchPortfolio()
            return
        assert isinstance(result, sharing.Moved)
        if to is None:
            to = self._unfiled(firm, access.actor)
        moved = [m for m in chosen if m.live and entire(self.world.right(member, m)) and m.portfolio != to]
        assert set(result.uids) == {mandate.uid for mandate in moved}
        for mandate in moved:
            mandate.portfolio = to
            self.line(firm.id, access.actor, "enrolment.moved", f"enrolment:{mandate.uid}")

    def _unfiled(self, firm: Cabinet, actor: str) -> UUID:
        if firm.unfiled is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT uid FROM firms_portfolio WHERE firm_id = %s AND unfiled", [firm.id])
                found = cursor.fetchone()
            assert found is not None
            firm.unfiled = found[0]
            self.line(firm.id, actor, "portfolio.created", f"portfolio:{firm.unfiled}")
        return firm.unfiled
