"""What a firm does to many clients at once, and the clients that it adds by the code of a letter."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.enrolments import actions, bulk, telling
from portefeuille.enrolments.bulk_report import report_of
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.enrolments.letters import CodeAsked, ask_code
from portefeuille.enrolments.models import BulkAct, Enrolment
from portefeuille.enrolments.proving import CodeProof
from portefeuille.enrolments.queries import Filters
from portefeuille.enrolments.results import AlreadyEnrolled, Closed, Enrolled, NotAllowed, NotProved
from portefeuille.firms.access import Access
from portefeuille.firms.rights import Level
from portefeuille.identifiers import nir as nirs
from portefeuille.imports import actions as imports
from portefeuille.imports import queries as reports
from portefeuille.imports.headings import Column, proposed
from portefeuille.imports.models import Import
from portefeuille.imports.opening import About
from portefeuille.imports.results import Done
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.posted_codes.requests import answer_due
from tests.cast import CastClient
from tests.imports.journey import HEAD, row, work_to_the_end
from tests.model.firms_act import FirmsAct
from tests.model.life import ANYBODY, CLIENTS, FIRST, PLACE, SOME_SELECTION
from tests.model.reference import Cabinet, Draft, Mandate, Member, Posted, covered, entire

LETTER = "Un code pour votre cabinet"
#: Of many at once, those matter most whose rights have limits.
LIMITED = st.sampled_from([0, 1, 2, 3, 3, 3, 4, 5, 6])


class NumbersAct(FirmsAct):
    """Change or end many, add a file of clients, ask for codes and use them."""

    # --- many at once ---------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.mandates)
    @rule(place=FIRST, who=LIMITED, data=st.data(), on=SOME_SELECTION, off=SOME_SELECTION, at_once=st.booleans(),
          kind=st.sampled_from(["services", "portfolio", "both", "end", "end"]))  # fmt: skip
    def somebody_looks_at_what_many_would_become(
        self, place: int, who: int, data: Any, on: Selection, off: Selection, at_once: bool, kind: str
    ) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        everywhere = [uid for one in self.world.firms for uid in one.portfolios]
        to = data.draw(st.sampled_from(firm.portfolios * 3 + everywhere)) if kind in ("portfolio", "both") else None
        if kind in ("portfolio", "end"):
            on = off = Selection()
        wish = bulk.Wish(on, off, None if to is None else self._portfolio_id(to), kind == "end")
        named = None
        if data.draw(st.booleans()):
            named = data.draw(st.lists(st.sampled_from(self._some(member)), max_size=4, unique_by=id))
            drawn = bulk.draw_up(access=access, wish=wish, enrolments=[mandate.uid for mandate in named])
        else:
            drawn = bulk.draw_up(access=access, wish=wish, filters=Filters())
        seen = list(self.world.visible(member))
        held = seen if named is None else [mandate for mandate in named if mandate in seen]
        assert drawn.total == len(held)
        draft = Draft(drawn.uid, firm, member.uid, held, on, off, to, kind == "end")
        self.world.drafts.append(draft)
        if at_once:
            self._confirm(access, member, draft)
        else:
            self._foreseen(access, member, draft)

    def _foreseen(self, access: Access, member: Member, draft: Draft) -> None:
        told = report_of(access, draft.uid)
        if draft.by != member.uid:
            assert told is None
            return
        assert told is not None
        assert (told.state is BulkAct.State.DRAFT) == draft.open
        if draft.open:
            becomes = [self._becomes(member, draft, mandate) for mandate in draft.mandates]
            changed = [one for one in becomes if one is not None]
            assert (told.ended, told.changed) == (len(changed), 0) if draft.ends else (0, len(changed))

    def _becomes(self, member: Member, draft: Draft, mandate: Mandate) -> tuple[Selection, UUID] | None:
        """What a client of a draft is turned into, by what the member may now; None where nothing changes."""
        right, present = self.world.right(member, mandate), mandate.selection
        if right is None or not mandate.live or right.level != Level.MANAGE:
            return None
        if draft.ends:
            return (present, mandate.portfolio) if entire(right) else None
        offered = catalogue().offered(mandate.client.regime, draft.on)
        wished = Selection(
            (present.services | offered.services) & ~draft.off.services,
            (present.notices | offered.notices) & ~draft.off.notices,
        )
        if right.services is not None:
            kept = present.services & ~right.services
            wished = Selection(kept | (wished.services & right.services), present.notices)
        portfolio = mandate.portfolio
        if draft.to is not None and entire(right) and entire(draft.firm.rights_of(member).get(draft.to)):
            portfolio = draft.to
        return None if (wished, portfolio) == (present, mandate.portfolio) else (wished, portfolio)

    @precondition(lambda self: self.world.drafts)
    @rule(place=FIRST, who=ANYBODY, data=st.data(), by_another=st.sampled_from([False, False, False, True]))
    def somebody_confirms_it(self, place: int, who: int, data: Any, by_another: bool) -> None:
        """Whoever looked, most often."""
        waiting = [draft for draft in self.world.drafts if draft.open]
        draft = data.draw(st.sampled_from([*waiting, *waiting, *waiting[-1:] * 3, *self.world.drafts]))
        firm = self.some_firm(place) if by_another else draft.firm
        at_work = self.actor(firm, who) if by_another else self.at_work(firm, draft.by)
        if at_work is None:
            return
        self._confirm(*at_work, draft)

    def _confirm(self, access: Access, member: Member, draft: Draft) -> None:
        self._foreseen(access, member, draft)
        confirmed = bulk.confirm(access=access, uid=draft.uid)
        assert confirmed == (draft.open and draft.by == member.uid)
        if not confirmed:
            return
        draft.open = False
        for mandate in draft.mandates:
            becomes = self._becomes(member, draft, mandate)
            if becomes is not None:
                self._carried_out(access, draft, mandate, *becomes)
        told = report_of(access, draft.uid)
        assert told is not None
        assert told.state is BulkAct.State.DONE

    def _carried_out(
        self, access: Access, draft: Draft, mandate: Mandate, selection: Selection, portfolio: UUID
    ) -> None:
        about = f"enrolment:{mandate.uid}"
        if draft.ends:
            mandate.ended_from, mandate.state, mandate.ended_by = mandate.state, "terminated", "firm"
            mandate.ended, mandate.ended_at, mandate.ending = self.world.step, timezone.now(), draft.uid
            self.line(mandate.firm.id, access.actor, "enrolment.terminated", about)
            self.mail(mandate.client.email, telling.SUBJECTS[telling.Act.TERMINATED])
            return
        if selection != mandate.selection:
            mandate.selection = selection
            self.line(mandate.firm.id, access.actor, "enrolment.changed", about)
            self.mail(mandate.client.email, telling.SUBJECTS[telling.Act.CHANGED])
        if portfolio != mandate.portfolio:
            mandate.portfolio = portfolio
            self.line(mandate.firm.id, access.actor, "enrolment.moved", about)

    # --- a file ---------------------------------------------------------------------------------------------------

    @rule(place=FIRST, who=PLACE, data=st.data(), wish=SOME_SELECTION,
          rows=st.lists(st.tuples(st.sampled_from(CLIENTS), st.sampled_from([True, True, False])), min_size=1,
                        max_size=3, unique_by=lambda one: one[0].account))  # fmt: skip
    def add_in_numbers(
        self, place: int, who: int, data: Any, wish: Selection, rows: list[tuple[CastClient, bool]]
    ) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        mine = [one.uid for one in access.managed if not one.unfiled]
        if not mine:
            return
        into = data.draw(st.sampled_from(mine))
        of = self._file(access, [row(client, **self._wrong(client, right)) for client, right in rows])
        columns = [Column(name) if name else None for name in of.columns]
        said = imports.check(
            access=access, uid=of.uid, columns=columns, portfolio_id=self._portfolio_id(into), selection=wish
        )
        assert said == Done()
        work_to_the_end()
        assert imports.start(access=access, uid=of.uid, address="192.0.2.1") == Done()
        work_to_the_end()
        of.refresh_from_db()
        assert of.state == Import.State.DONE, list(reports.report(of))
        self.mail(member.email, "Votre ajout en nombre est terminé")
        for client, right in rows:
            self._line_became(access, member, firm, client, into, wish, right)

    def _wrong(self, client: CastClient, right: bool) -> dict[str, str]:
        if right:
            return {}
        return {"nir": nirs.parse("1850575123456")} if client.nir else {"amount": "17.31"}

    def _file(self, access: Access, rows: list[list[str]]) -> Import:
        """As ``receive`` keeps it, without the process that reads it."""
        about = About("csv", "", (), "utf-8", ";", True, tuple(HEAD), tuple(proposed(HEAD, [])))
        of = imports._make(access, about)
        imports._block(of, 0, [(number, cells) for number, cells in enumerate(rows, 2)]).save()
        of.rows, of.blocks = len(rows), 1
        of.save()
        return of

    def _line_became(
        self,
        access: Access,
        member: Member,
        firm: Cabinet,
        client: CastClient,
        into: UUID,
        wish: Selection,
        right: bool,
    ) -> None:
        if self.world.standing(firm, client):  # nothing was tried
            return
        word = self.world.word(firm, client)
        if not right or word == "closed":
            subject = client_in_trail(siren=client.siren, account_number=client.subject.account_number)
            self.line(firm.id, access.actor, "enrolment.refused", subject)
            return
        uid = self._newest(firm, client)
        offered = catalogue().offered(client.regime, wish)
        given = covered(firm.rights_of(member)[into], offered)
        self._is_added(access, firm, client, into, given, uid, asks=word == "ask")

    def _newest(self, firm: Cabinet, client: CastClient) -> UUID:
        known = [mandate.uid for mandate in self.world.mandates]
        added = Enrolment.objects.exclude(uid__in=known).get(
            firm_id=firm.id,
            regime=client.regime,
            siren=client.siren,
            account_number=client.subject.account_number,
        )
        return added.uid

    # --- a letter -------------------------------------------------------------------------------------------------

    @rule(place=FIRST, who=PLACE, data=st.data())
    def ask_for_a_code(self, place: int, who: int, data: Any) -> None:
        firm = self.some_firm(place)
        lacking = [client for client in CLIENTS if not self.world.standing(firm, client)]
        client = data.draw(st.sampled_from([*lacking * 3, *CLIENTS]))
        at_work = self.actor(firm, who)
        if at_work is None or not at_work[0].managed:
            return
        self._ask(firm, at_work[0], client)

    def _ask(self, firm: Cabinet, access: Access, client: CastClient) -> None:
        assert ask_code(access=access, subject=client.subject) == CodeAsked()
        assert answer_due() == 1
        subject = client_in_trail(siren=client.siren, account_number=client.subject.account_number)
        self.line(firm.id, access.actor, "enrolment.code_asked", subject)
        if (firm.uid, client.account) not in self.world.codes:  # another one would be on its way
            letter = Message.objects.filter(channel="letter", subject=LETTER).order_by("-pk")[0]
            code = text_of(letter.body, letter.secret).split("\n\n")[2].strip()
            self.world.codes[firm.uid, client.account] = Posted(code)
            self.mail("", LETTER)

    @rule(place=FIRST, who=PLACE, data=st.data(), wish=SOME_SELECTION, right_code=st.sampled_from([True, True, False]))
    def add_by_code(self, place: int, who: int, data: Any, wish: Selection, right_code: bool) -> None:
        firm = self.some_firm(place)
        at_work = self.actor(firm, who)
        if at_work is None:
            return
        access, member = at_work
        if not access.managed:
            return
        lacking = [client for client in CLIENTS if not self.world.standing(firm, client)]
        if lacking and data.draw(st.booleans()):
            self._ask(firm, access, data.draw(st.sampled_from(lacking)))
        if not self.world.codes:
            return
        # Of this firm or of another one, which it is worth nothing to.
        own = [key for key in self.world.codes if key[0] == firm.uid]
        of, account = data.draw(st.sampled_from([*own[-1:] * 4, *own, *self.world.codes]))
        posted = self.world.codes[of, account]
        client = next(one for one in CLIENTS if one.account == account)
        mine = [one.uid for one in access.managed if not one.unfiled]
        everywhere = [uid for one in self.world.firms for uid in one.portfolios]
        into = data.draw(st.sampled_from(mine * 4 + everywhere))
        result = actions.enrol(
            access=access,
            portfolio_id=self._portfolio_id(into),
            subject=client.subject,
            proof=CodeProof(client.account, posted.code if right_code else "AAAAA-AAAAA"),
            selection=wish,
            address="192.0.2.1",
        )
        right = firm.rights_of(member).get(into)
        if right is None or right.level != Level.MANAGE:
            assert result == NotAllowed()
            return
        subject = client_in_trail(siren=client.siren, account_number=client.subject.account_number)
        if not right_code or of != firm.uid:
            assert isinstance(result, NotProved)
            self.line(firm.id, access.actor, "enrolment.refused", subject)
            self._a_try_less(firm, account)
            return
        del self.world.codes[of, account]
        standing, word = self.world.standing(firm, client), self.world.word(firm, client)
        if standing:
            assert result == AlreadyEnrolled(standing.uid, visible=self.world.right(member, standing) is not None)
        elif word == "closed":
            assert result == Closed()
            self.line(firm.id, access.actor, "enrolment.refused", subject)
        else:  # the client who gave the code said yes
            assert isinstance(result, Enrolled)
            self._is_added(access, firm, client, into, covered(right, wish), result.uid, asks=False)

    def _a_try_less(self, firm: Cabinet, account: str) -> None:
        """Of the firm's own code, whatever was typed."""
        own = self.world.codes.get((firm.uid, account))
        if own is not None:
            own.tries -= 1
            if not own.tries:
                del self.world.codes[firm.uid, account]
