"""One life of the state machine: how it begins and ends, who is at work, and what an act must leave behind."""

from collections import Counter
from typing import ClassVar
from uuid import UUID

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from portefeuille.backoffice.access import agent_access_of
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import client_word
from portefeuille.enrolments.client_word import Speaker
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.enrolments.models import ClientRule
from portefeuille.firms import rights
from portefeuille.firms.access import Access, access_of
from portefeuille.firms.models import Firm
from portefeuille.firms.models import Member as MemberRow
from portefeuille.firms.rights import Level, Right
from portefeuille.people.models import User
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, Cast
from tests.model.reference import Cabinet, Member, World, holder

CLIENTS = (EMPLOYER, LIBERAL_SAME_SIREN, INDEPENDENT, MANAGER)
HOLDERS = tuple(dict.fromkeys(holder(client) for client in CLIENTS))
PEOPLE = (
    *(f"{who}@alder.example" for who in ("alice", "bob", "rita", "nina")),
    "charlie@bouleau.example",
    "zoe@nowhere.example",
    "carl@oeuvrard.example",
)
#: Of the firm A, and of one that opens its space.
SIRENS = ("130025265", "552100554")
Role = MemberRow.Role

SOME_RIGHT = st.builds(Right, st.sampled_from(Level), st.sampled_from([None, None, 0b1, 0b101]))
SOME_SELECTION = st.builds(Selection, st.sampled_from([0, 0b1, 0b110, 0b1111]), st.sampled_from([0, 0b1]))
FIRST = st.sampled_from([0, 0, 0, 1])
#: Whoever acts is most often somebody who may: the first of a firm is an administrator.
PLACE = st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4, 5, 6])
ANYBODY = st.integers(0, 6)


class Life(RuleBasedStateMachine):
    """Each life is a savepoint of the test's transaction. Lists keep the order in which things came to be."""

    cast: ClassVar[Cast]

    @initialize()
    def begin(self) -> None:
        self.life = transaction.atomic()
        self.life.__enter__()
        Firm.objects.filter(pk=self.cast.firm_a.pk).update(siren=SIRENS[0])
        self.users = {user.email: user for user in User.objects.order_by("pk")}
        agent = agent_access_of(self.cast.users["ada"].pk)
        assert agent is not None
        self.agent = agent
        self.world = World()
        for row in Firm.objects.order_by("pk"):
            self._meet(row)
        self.world.rules = dict.fromkeys([holder(EMPLOYER)], "open")
        self.lines: Counter[tuple[int, str, str, str]] = Counter()
        self.mails: Counter[tuple[str, str]] = Counter()
        self.said = self._last()
        self.plant()

    def plant(self) -> None:
        """What there is at the beginning, beside the cast."""

    def _meet(self, row: Firm) -> Cabinet:
        """A firm that there is already, read once."""
        firm = Cabinet(row.pk, row.uid, row.name, row.siren, row.state, [])
        firm.portfolios = list(row.portfolios.order_by("pk").values_list("uid", flat=True))
        for member in row.members.select_related("user").order_by("pk"):
            given = rights.rights_of(member.pk)
            firm.members.append(Member(member.uid, member.user.email, member.role == Role.ADMINISTRATOR, given))
        self.world.firms.append(firm)
        return firm

    def teardown(self) -> None:
        if hasattr(self, "life"):
            transaction.set_rollback(True)
            self.life.__exit__(None, None, None)

    # --- what an act leaves behind --------------------------------------------------------------------------------

    def line(self, chain: int, actor: str, verb: str, subject: str) -> None:
        self.lines[chain, actor, verb, subject] += 1

    def mail(self, recipient: str, subject: str) -> None:
        """An e-mail; a letter where there is no recipient."""
        self.mails[recipient, subject] += 1

    def mail_administrators(self, firm: Cabinet, subject: str, but: Member | None = None) -> None:
        for member in firm.administrators:
            if member is not but and member.email not in self.world.closed:
                self.mail(member.email, subject)

    def _last(self) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce((SELECT max(id) FROM audit_event), 0),"
                " coalesce((SELECT max(id) FROM outbox_message), 0)"
            )
            found = cursor.fetchone()
        assert found is not None
        return found[0], found[1]

    # --- who acts -------------------------------------------------------------------------------------------------

    def actor(self, firm: Cabinet, place: int) -> tuple[Access, Member] | None:
        """Somebody of the firm at work: administrators come first in the order. None where nobody may come in."""
        known = sorted(firm.members, key=lambda member: not (member.active and member.administrator))
        if not known:
            return None
        return self.at_work(firm, known[place % len(known)].uid)

    def at_work(self, firm: Cabinet, uid: UUID) -> tuple[Access, Member] | None:
        """One person of the firm, if they may come in."""
        member = next(one for one in firm.members if one.uid == uid)
        if member.email in self.world.closed:  # their sessions ended, and they cannot sign in
            return None
        access = access_of(self.users[member.email].pk, firm.uid)
        assert (access is not None) == (firm.works and member.active), "a suspended firm, and who left, see nothing"
        return (access, member) if access else None

    def some_firm(self, place: int) -> Cabinet:
        return self.world.firms[place % len(self.world.firms)]

    def _rules(self, of: tuple[str, str], said: ClientRule.Rule) -> None:
        """A client says what becomes of new firms."""
        speaker = Speaker(actor="client:space", siren=of[0], account_number=of[1])
        changed = client_word.set_rule(speaker=speaker, rule=said)
        assert changed == (self.world.rules.get(of, "open") != said)
        self.world.rules[of] = str(said)
        if changed:
            subject = client_in_trail(siren=of[0], account_number=of[1])
            self.line(0, speaker.actor, "client.rule_changed", subject)
