"""Uniform answers by the clock: whether the time of a refusal tells why it was refused.

The answers of each group are asked in turn, in an order drawn anew for each round, from the same state: what an answer
wrote is taken back. Welch's t compares the times of each with the first of its group, on all of them and on the
quicker ones (what the machine does meanwhile makes the slow ones), as dudect does; 4.5 is where it says «leak».
"""

import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import fmean, median, variance
from typing import Any

from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from portefeuille.catalogue.selection import catalogue
from portefeuille.people import sessions
from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests.cast import EMPLOYER, MANAGER, REGULATED, STRUCK_OFF, Cast, CastClient

LEAK = 4.5
#: Shares of the quickest times that are compared.
CROPS = (1.0, 0.99, 0.95, 0.9, 0.75, 0.5)
UNKNOWN = "999000000000000017"
WRONG = "17.31"


@dataclass
class Branch:
    """One reason to refuse, and how long each of its answers took (nanoseconds)."""

    group: str
    why: str
    address: str
    form: dict[str, str]
    times: list[int] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Compared:
    """A branch beside the first of its group: ``t`` is the farthest from zero of all crops."""

    group: str
    why: str
    pairs: int
    t: float
    difference: float  # of the medians, microseconds
    median: float  # microseconds


def site(cast: Cast, who: str) -> Client:
    browser = Client()
    browser.handler = ClientHandler(enforce_csrf_checks=False)
    browser.force_login(cast.users[who], backend="allauth.account.auth_backends.AuthenticationBackend")
    _stay(browser)
    return browser


def _stay(browser: Client) -> None:
    """What a request notes of its session is taken back with the rest: without this it would end as idle."""
    session = browser.session
    sessions.start(session)
    session.save()


def branches(cast: Cast, browser: Client) -> list[Branch]:
    """Every reason of a refusal, by page. Of ``REGULATED``, all tries of the firm are spent."""
    portfolio = str(cast.employers.pk)

    def one(group: str, why: str, client: CastClient, account: str, fact: str) -> Branch:
        form = {"fait": fact, "compte": account, "portefeuille": portfolio}
        return Branch(group, why, _address(cast, client, account), form)

    locked = one("locked", "wrong fact", REGULATED, REGULATED.account, WRONG)
    for _ in range(3):
        assert browser.post(locked.address, locked.form).status_code == 200
    return [
        one("employer", "right number, wrong fact", EMPLOYER, EMPLOYER.account, WRONG),
        one("employer", "unknown number, wrong fact", EMPLOYER, UNKNOWN, WRONG),
        one("employer", "another's number, right fact", EMPLOYER, STRUCK_OFF.account, EMPLOYER.amount),
        one("bare number", "right number, wrong fact", MANAGER, MANAGER.account, WRONG),
        one("bare number", "unknown number, wrong fact", MANAGER, UNKNOWN, WRONG),
        locked,
        one("locked", "all right", REGULATED, REGULATED.account, REGULATED.amount),
    ]


def _address(cast: Cast, client: CastClient, account: str) -> str:
    firm = cast.firm_a.uid
    if client.siren:
        return reverse("enrol_siren", kwargs={"firm": firm, "siren": client.siren, "regime": client.regime})
    token = seal(ACCOUNT_IN_ADDRESS, account.encode())
    return reverse("enrol_account", kwargs={"firm": firm, "token": token})


def measure(
    browser: Client, asked: Sequence[Branch], *, pairs: int, seed: int, say: Callable[[str], Any], every: int = 1000
) -> list[Compared]:
    """Ask all of them ``pairs`` times, the order drawn anew each time."""
    chance = random.Random(seed)
    for _ in range(min(pairs, 20)):
        for branch in asked:
            _time_of(browser, branch)
    gc.disable()
    try:
        for done in range(1, pairs + 1):
            for branch in chance.sample(asked, len(asked)):
                branch.times.append(_time_of(browser, branch))
            if done % 100 == 0:
                gc.collect()
                _stay(browser)
            if done % every == 0:
                say(f"{done} pairs: " + ", ".join(f"{found.t:+.1f}" for found in compared(asked)))
    finally:
        gc.enable()
    return compared(asked)


def _time_of(browser: Client, branch: Branch) -> int:
    catalogue()  # read again once a minute, whoever asks
    with transaction.atomic():
        begin = time.perf_counter_ns()
        answer = browser.post(branch.address, branch.form)
        took = time.perf_counter_ns() - begin
        transaction.set_rollback(True)
    assert answer.status_code == 200, branch
    return took


def compared(asked: Sequence[Branch]) -> list[Compared]:
    first: dict[str, Branch] = {}
    found = []
    for branch in asked:
        base = first.setdefault(branch.group, branch)
        if base is not branch:
            difference = (median(branch.times) - median(base.times)) / 1000
            found.append(
                Compared(
                    branch.group,
                    branch.why,
                    len(branch.times),
                    farthest(base.times, branch.times),
                    difference,
                    median(base.times) / 1000,
                )
            )
    return found


def farthest(one: Sequence[float], other: Sequence[float]) -> float:
    """Welch's t of the crop where it is farthest from zero."""
    together = sorted([*one, *other])
    most = (together[max(0, round(share * len(together)) - 1)] for share in CROPS)
    return max((welch([a for a in one if a <= m], [b for b in other if b <= m]) for m in most), key=abs)


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Welch's t of two samples; zero where there is nothing to compare."""
    if len(one) < 2 or len(other) < 2:
        return 0.0
    spread = variance(one) / len(one) + variance(other) / len(other)
    return (fmean(other) - fmean(one)) / sqrt(spread) if spread else 0.0
