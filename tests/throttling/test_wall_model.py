"""The wall's budgets against a reference kept in memory: the same attempts, the same answers, whatever the order."""

from collections import defaultdict
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from portefeuille.enrolments.proving import Proof, judge, remaining_tries
from portefeuille.firms.access import Access
from tests.cast import EMPLOYER, INDEPENDENT, MANAGER, Cast, CastClient

HOUR, DAY = 3600, 86400
# Small enough that a short sequence meets each of them, long windows as well as short ones.
BUDGETS: dict[str, list[tuple[int, int]]] = {
    "pair": [(2, DAY), (3, 30 * DAY)],
    "account": [(3, DAY), (4, 30 * DAY), (6, 365 * DAY)],
    "nir": [(2, DAY), (3, 30 * DAY)],
    "member": [(3, HOUR), (5, DAY)],
    "firm": [(5, DAY), (9, 30 * DAY)],
    "address": [(4, HOUR), (7, DAY)],
}
CLIENTS = (EMPLOYER, INDEPENDENT, MANAGER)
NOBODYS_NUMBER = "999000000000000007"
SOME_NIR = "255081416802538"


class Reference:
    """What docs say of the budgets, without a database: a list of failure times for each key."""

    def __init__(self) -> None:
        self.now = 0
        self.failures: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)

    def attempt(self, keys: dict[str, tuple[object, ...]], *, right: bool) -> tuple[bool, int]:
        """Whether the attempt is judged, and what the firm is told it has left."""
        left = {name: self.left(name, key) for name, key in keys.items()}
        judged = all(number > 0 for number in left.values())
        told = ("pair", "member", "firm")
        # Refused for what the firm is not told: its own budgets count as for any failure, or it would learn why.
        unlucky = not judged and all(left[name] > 0 for name in told)
        for name, key in keys.items():
            if (judged and not right) or (unlucky and name in told):
                self.failures[name, *key].append(self.now)
                left[name] -= 1
        return judged, max(0, min(left[name] for name in ("pair", "member", "firm")))

    def left(self, name: str, key: tuple[object, ...]) -> int:
        times = self.failures[name, *key]
        # A failure is as old as the jumps since it and a moment more: at the edge of a window it is out.
        return min(most - sum(at > self.now - seconds for at in times) for most, seconds in BUDGETS[name.split()[-1]])


class Wall(RuleBasedStateMachine):
    cast: ClassVar[Cast]

    @initialize()
    def forget_everything(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM throttling_budget")
        self.reference = Reference()

    @rule(
        firm=st.sampled_from([1, 2]),
        member=st.sampled_from([1, 2]),
        address=st.sampled_from(["192.0.2.1", "2001:db8::"]),
        client=st.sampled_from(CLIENTS),
        number=st.sampled_from(["its own", "another's", "nobody's"]),
        right_fact=st.booleans(),
        times=st.integers(1, 4),
    )
    def attempt(
        self, firm: int, member: int, address: str, client: CastClient, number: str, right_fact: bool, times: int
    ) -> None:
        other = CLIENTS[CLIENTS.index(client) - 1]
        account = {"its own": client.account, "another's": other.account, "nobody's": NOBODYS_NUMBER}[number]
        wrong = SOME_NIR if client is INDEPENDENT else "0.01"
        fact = client.fact if right_fact else wrong
        keys: dict[str, tuple[object, ...]] = {
            "pair": (firm, client.name),
            "member": (firm, member),
            "firm": (firm,),
            "address": (address,),
            # A number that is not the client's counts under a name of its own, never against the account that has it.
            **({"account": (account,)} if number == "its own" else {"no account": (client.name, account)}),
        }
        if client is INDEPENDENT:
            keys["nir"] = (fact,)
        right = right_fact and number == "its own"
        access = _access(firm, member)
        for _ in range(times):
            judged, remaining = self.reference.attempt(keys, right=right)
            found = judge(access=access, subject=client.subject, proof=Proof(account, fact), address=address)
            assert (found.accepted, found.locked, found.remaining) == (judged and right, not judged, remaining)
            assert remaining_tries(access=access, subject=client.subject) == remaining

    @rule(seconds=st.sampled_from([600, HOUR, 5 * HOUR, DAY, 8 * DAY, 30 * DAY, 200 * DAY]))
    def time_passes(self, seconds: int) -> None:
        self.reference.now += seconds
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE throttling_budget"
                " SET failures = ARRAY(SELECT at - make_interval(secs => %s) FROM unnest(failures) at)",
                [seconds],
            )


def _access(firm: int, member: int) -> Access:
    nobody = UUID(int=0)
    return Access(
        firm_id=firm, firm_uid=nobody, firm_name="", member_id=10 * firm + member, member_uid=nobody, user_id=0,
        person="", is_administrator=False, portfolios=(),
    )  # fmt: skip


@pytest.mark.slow
def test_the_wall_admits_exactly_what_the_reference_admits(cast: Cast, settings: Any) -> None:
    settings.PROOF_BUDGETS = BUDGETS
    run_state_machine_as_test(Wall, settings=_QUICK)


_QUICK = settings(
    max_examples=150, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
