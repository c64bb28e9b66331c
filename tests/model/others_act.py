"""What clients say, what agents decide, and what time does."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portefeuille.backoffice.helping import close_person, reopen_person
from portefeuille.enrolments import client_word, telling
from portefeuille.enrolments.client_word import Speaker
from portefeuille.enrolments.models import ClientRule, Decision
from portefeuille.firms import admission
from portefeuille.firms.models import Firm
from tests.model.life import ANYBODY, HOLDERS, PEOPLE, Life
from tests.model.reference import Mandate, holder

Kind = Decision.Kind

#: From which states, to which.
WORDS = {
    Kind.CONFIRMED: (client_word.confirm, ("pending",), "active", "enrolment.confirmed"),
    Kind.REFUSED: (client_word.refuse, ("pending",), "refused", "enrolment.declined"),
    Kind.CONTESTED: (client_word.contest, ("active",), "contested", "enrolment.contested"),
    Kind.WITHDRAWN: (client_word.withdraw_contest, ("contested",), "active", "enrolment.contest_withdrawn"),
    Kind.ENDED: (client_word.end, ("active", "contested"), "terminated", "enrolment.ended"),
}
DECIDED = {
    admission.Decision.ADMIT: ("pending", "active", "firm.admitted", "Votre espace en ligne est ouvert"),
    admission.Decision.REFUSE: ("pending", "refused", "firm.refused", "Votre demande n'est pas acceptée"),
    admission.Decision.SUSPEND: ("active", "suspended", "firm.suspended", "Votre espace en ligne est suspendu"),
    admission.Decision.REINSTATE: ("suspended", "active", "firm.reinstated", "Votre espace en ligne est rétabli"),
}


class OthersAct(Life):
    """Clients, agents, the worker, the clock."""

    # --- clients --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.mandates)
    @rule(data=st.data(), by_link=st.booleans())
    def the_client_says(self, data: Any, by_link: bool) -> None:
        mandate = data.draw(st.sampled_from(self.world.mandates))
        fit = [kind for kind, (_, found, _, _) in WORDS.items() if mandate.state in found]
        kind = data.draw(st.sampled_from([*fit, *fit, *fit, *WORDS]))
        siren, account = data.draw(st.sampled_from([holder(mandate.client)] * 3 + list(HOLDERS)))
        speaker = Speaker(actor="client:space", siren=siren, account_number=account)
        if by_link:
            speaker = client_word.by_link(data.draw(st.sampled_from([mandate, mandate, *self.world.mandates])).uid)
        theirs = speaker.only == mandate.uid if by_link else (siren, account) == holder(mandate.client)
        verb, found, becomes, event = WORDS[kind]
        answer = verb(speaker=speaker, enrolment=mandate.uid)
        too_late = mandate.state == "pending" and mandate.until and mandate.until <= timezone.now()
        if not theirs:
            assert answer == client_word.NotTheirs()
        elif mandate.state not in found or too_late:
            again = mandate.state == becomes
            assert answer == (client_word.Done(again=True) if again else client_word.TooLate(mandate.state))
        else:
            assert answer == client_word.Done()
            self._decided(mandate, kind, event, speaker.actor)
            mandate.state = becomes
            mandate.was_contested = kind is Kind.CONTESTED or (mandate.was_contested and kind is not Kind.WITHDRAWN)
            if kind is Kind.CONFIRMED:
                mandate.confirmed = self.world.step
            if not mandate.live:
                mandate.ended, mandate.ended_by = self.world.step, "client"

    def _decided(self, mandate: Mandate, kind: Kind, event: str, actor: str) -> None:
        self.world.decisions.append((mandate.uid, str(kind)))
        self.line(mandate.firm.id, actor, event, f"enrolment:{mandate.uid}")
        for member in self.world.seers(mandate):
            if member.email not in self.world.closed:
                self.mail(member.email, telling.DECIDED[kind][0])

    @rule(of=st.sampled_from(HOLDERS), said=st.sampled_from([*ClientRule.Rule, ClientRule.Rule.ASK]))
    def the_client_rules(self, of: tuple[str, str], said: ClientRule.Rule) -> None:
        self._rules(of, said)

    # --- time -----------------------------------------------------------------------------------------------------

    @rule(
        time=st.sampled_from(
            [timedelta(minutes=10), timedelta(days=1), timedelta(days=8), timedelta(days=20), timedelta(days=20)]
        )
    )
    def time_passes(self, time: timedelta) -> None:
        self.world.passes(time)
        with connection.cursor() as cursor:
            for table, column in (
                ("enrolments_enrolment", "ended_at"),
                ("enrolments_enrolment", "asked_until"),
                ("enrolments_decision", "at"),
                ("firms_invitation", "expires_at"),
                ("people_link", "expires_at"),
            ):
                cursor.execute(f"UPDATE {table} SET {column} = {column} - %s", [time])

    @rule()
    def the_worker_closes_old_requests(self) -> None:
        now = timezone.now()
        due = [m for m in self.world.mandates if m.state == "pending" and m.until and m.until <= now]
        assert client_word.expire_due() == len(due)
        for mandate in due:
            self._decided(mandate, Kind.EXPIRED, "enrolment.expired", "worker:expiry")
            self.mail(mandate.client.email, telling.SUBJECTS[telling.Act.EXPIRED])
            mandate.state, mandate.ended_by, mandate.ended = "refused", "delay", self.world.step

    # --- agents ---------------------------------------------------------------------------------------------------

    @rule(place=ANYBODY, decision=st.sampled_from([*admission.Decision, admission.Decision.REINSTATE]))
    def the_body_decides(self, place: int, decision: admission.Decision) -> None:
        firm = self.some_firm(place)
        before, after, event, subject = DECIDED[decision]
        result = admission.decide(actor=self.agent.actor, firm=firm.uid, decision=decision, reason="Vérification")
        if firm.state != before:
            assert result == admission.NotNow(Firm.State(firm.state))
            return
        assert result == admission.Decided(firm.name)
        firm.state = after
        self.line(firm.id, self.agent.actor, event, f"firm:{firm.uid}")
        self.mail_administrators(firm, subject)
        for request in firm.requests if after == "refused" else ():
            if request.open:
                request.open = False
                self.line(firm.id, self.agent.actor, "firm.join_declined", f"join_request:{request.uid}")
                self.mail(request.email, "Votre demande n'est pas acceptée")

    @rule(email=st.sampled_from(PEOPLE), reopen=st.sampled_from([False, True, True]))
    def an_agent_closes_an_identifier(self, email: str, reopen: bool) -> None:
        act = reopen_person if reopen else close_person
        act(agent=self.agent, person=self.users[email].uid, reason="Perdu")
        if (email in self.world.closed) != reopen:
            return
        (self.world.closed.remove if reopen else self.world.closed.add)(email)
        event = f"person.{'reopened' if reopen else 'closed'}"
        self.line(0, self.agent.actor, event, f"person:{self.users[email].uid}")
        self.mail(email, "Votre identifiant est rouvert" if reopen else "Votre identifiant est fermé")
