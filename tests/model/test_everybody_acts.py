"""Firms, clients and agents act in any order, by the real verbs; after each act the database says what the world of
``reference`` says: who sees what, that every right has an owner, and that each act left its line in the trail and its
messages, no more and no less.

``PORTEFEUILLE_MODEL=thorough`` tries many more lives, and makes a short one of what it finds.
"""

import os
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from portefeuille.audit.verification import breaks_of
from portefeuille.enrolments import for_client, queries
from portefeuille.enrolments.client_word import Speaker
from portefeuille.enrolments.decisions import decisions
from portefeuille.enrolments.holding import clients_of_portfolios
from portefeuille.enrolments.seeing import who_sees
from portefeuille.firms.access import Access, access_of
from portefeuille.firms.rights import Level
from tests.cast import Cast
from tests.model.life import HOLDERS
from tests.model.numbers_act import NumbersAct
from tests.model.others_act import OthersAct
from tests.model.reference import Cabinet, Member, covered, entire, holder
from tests.model.teams_act import TeamsAct


class Everybody(NumbersAct, TeamsAct, OthersAct):
    """What is true after each act."""

    @invariant()
    def each_act_left_its_lines_and_its_messages(self) -> None:
        event, message = self.said
        with connection.cursor() as cursor:
            cursor.execute("SELECT chain, actor, verb, subject FROM audit_event WHERE id > %s", [event])
            assert Counter(cursor.fetchall()) == self.lines
            cursor.execute(
                "SELECT recipient, subject FROM outbox_message"
                " WHERE id > %s AND channel = CASE recipient WHEN '' THEN 'letter' ELSE 'email' END",
                [message],
            )
            assert Counter(cursor.fetchall()) == self.mails
            assert breaks_of(cursor, (0, [], 0)) == []
        self.lines.clear()
        self.mails.clear()
        self.said = self._last()
        self.world.step += 1

    @invariant()
    def everybody_sees_what_is_theirs(self) -> None:
        every = [mandate.uid for mandate in self.world.mandates]
        for firm in self.world.firms:
            for email, user in self.users.items():
                access = access_of(user.pk, firm.uid)
                member = firm.member(email)
                if access is None or member is None or not firm.works or email in self.world.closed:
                    assert access is None
                    assert member is None or not firm.works or email in self.world.closed
                    continue
                self._sees(access, member, firm, every)

    def _sees(self, access: Access, member: Member, firm: Cabinet, every: list[UUID]) -> None:
        given = firm.rights_of(member)
        assert access.is_administrator == member.administrator
        assert {one.uid: (one.may_manage, one.services) for one in access.portfolios} == {
            uid: (right.level == Level.MANAGE, right.services) for uid, right in given.items()
        }
        mine = {mandate.uid: mandate for mandate in self.world.visible(member)}
        page = queries.clients(access, queries.Filters())
        of_portfolio = {one.id: one.uid for one in access.portfolios}
        assert {row.uid: (row.state, row.restricted, of_portfolio[row.portfolio_id]) for row in page.rows} == {
            uid: (mandate.state, mandate.only_for is not None, mandate.portfolio) for uid, mandate in mine.items()
        }
        assert page.total == len(mine)
        counts = queries.situation(access)
        states = Counter(mandate.state for mandate in mine.values())
        assert (counts.clients, counts.contested, counts.pending) == (
            len(mine), states["contested"], states["pending"]
        )  # fmt: skip
        opened = {client.uid: client for client in queries.clients_by_uid(access, every)}
        assert opened.keys() == mine.keys()
        for uid, client in opened.items():
            right = given[mine[uid].portfolio]
            assert client.shown == covered(right, mine[uid].selection)
            assert (client.may_manage, client.may_end) == (right.level == Level.MANAGE, entire(right))
            assert client.state == mine[uid].state
        told = Counter((one.enrolment, one.kind) for one in decisions(access))
        assert told == Counter(
            (mandate.uid, kind)
            for of, kind in self.world.decisions
            for mandate in self.world.mandates
            if mandate.uid == of and self.world.right(member, mandate)
        )
        if member.administrator:
            held = Counter(mandate.portfolio for mandate in mine.values())
            assert {of_portfolio[pk]: n for pk, n in clients_of_portfolios(access).items()} == held
            for client in list(opened.values())[:1]:
                seers = {seer.uid for seer in who_sees(access, client) if seer.sees}
                assert seers == {one.uid for one in self.world.seers(mine[client.uid])}

    @invariant()
    def the_client_sees_who_acts(self) -> None:
        for siren, account in HOLDERS:
            speaker = Speaker(actor="client:space", siren=siren, account_number=account)
            assert {(one.uid, one.state) for one in for_client.firms_acting(speaker)} == {
                (m.uid, m.state) for m in self.world.mandates if holder(m.client) == (siren, account)
            }

    @invariant()
    def no_right_is_without_an_owner(self) -> None:
        for firm in self.world.firms:
            able = [one for one in firm.administrators if one.email not in self.world.closed]
            # An agent may close the last one's identifier, and opens it again: nobody of the firm can get there.
            assert able or any(one.email in self.world.closed for one in firm.administrators)
            reachable = {*firm.portfolios, firm.unfiled}
            assert all(m.portfolio in reachable for m in self.world.mandates if m.firm is firm)
        with connection.cursor() as cursor:
            cursor.execute(_ORPHANS)
            assert cursor.fetchall() == []


_ORPHANS = """
SELECT 'a right of somebody who left, or elsewhere', g.id FROM firms_portfoliogrant g
JOIN firms_member m ON m.id = g.member_id JOIN firms_portfolio p ON p.id = g.portfolio_id
WHERE NOT m.active OR p.unfiled OR p.firm_id <> m.firm_id
UNION ALL
SELECT 'a name on a client that is not reserved, or of another firm, or of somebody who left', o.id
FROM enrolments_onlyfor o JOIN enrolments_enrolment e ON e.id = o.enrolment_id
JOIN firms_member m ON m.id = o.member_id
WHERE NOT e.restricted OR NOT m.active OR m.firm_id <> e.firm_id
UNION ALL
SELECT 'a client in the portfolio of another firm', e.id
FROM enrolments_enrolment e JOIN firms_portfolio p ON p.id = e.portfolio_id WHERE p.firm_id <> e.firm_id
UNION ALL
SELECT 'two live enrolments of one client in a firm', min(e.id) FROM enrolments_enrolment e WHERE e.ended_at IS NULL
GROUP BY e.firm_id, e.siren, e.account_number, e.regime HAVING count(*) > 1
"""
_THOROUGH = os.environ.get("PORTEFEUILLE_MODEL") == "thorough"
LIVES = settings(
    max_examples=2000 if _THOROUGH else 30,
    stateful_step_count=80 if _THOROUGH else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate, Phase.shrink] if _THOROUGH else [Phase.generate],
)


@pytest.mark.slow
def test_whatever_everybody_does_the_world_stays_right(cast: Cast, settings: Any) -> None:
    for name in ("PROOF_BUDGETS", "INVITATION_BUDGETS", "CODE_BUDGETS"):
        setattr(settings, name, {key: [(10**6, 60)] for key in getattr(settings, name)})
    Everybody.cast = cast
    run_state_machine_as_test(Everybody, settings=LIVES)
