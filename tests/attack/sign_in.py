"""Guessing passwords at the door: 10 000 attempts on one identifier, and one on each of 10 000.

``python -m tests.attack.sign_in`` prints the figures of docs/security/authentication.md. Every attempt is a POST of
the sign-in page in this process, on a PostgreSQL of its own: views, limits and hashing are those of a deployment.
"""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from math import ceil
from typing import Any

from tests.throttling.together import Crew

VICTIM = "alice@alder.example"
#: Where the owner comes from: nobody attacks from there.
HOME = "203.0.113.7"
SITE = "/connexion/"
#: At the door at once.
CROWD = 64


@dataclass(frozen=True, slots=True)
class Guess:
    identifier: str
    password: str
    address: str


@dataclass(slots=True)
class Figures:
    """``judged``: answered by the verdict on what was typed; ``refused``: whatever was typed. CPU of this process."""

    attack: str
    judged: int = 0
    refused: int = 0
    entered: int = 0
    owner: int = 0
    owner_stopped: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def attempts(self) -> int:
        return self.judged + self.refused + self.entered

    def windows(self, seconds: int) -> int:
        """How many sliding windows of that length the attack can have filled."""
        return int(self.seconds // seconds) + 1

    def __str__(self) -> str:
        each = 1000 * self.cpu / max(self.attempts, 1)
        return (
            f"{self.attack}: {self.attempts} attempts, {self.judged} judged, {self.refused} refused,"
            f" {self.entered} entered; the owner came in {self.owner} times of {self.owner + self.owner_stopped};"
            f" {self.seconds:.0f} s, {self.cpu:.0f} s of CPU ({each:.1f} ms each)"
        )


def post(guess: Guess) -> str:
    """What the door answers: «judged», «refused» or «entered»."""
    from django.test import Client

    from portefeuille.people.adapter import TOO_MANY

    answer = Client(REMOTE_ADDR=guess.address).post(SITE, {"login": guess.identifier, "password": guess.password})
    if answer.status_code == 302:
        return "entered"
    assert answer.status_code == 200, answer.status_code
    return "refused" if TOO_MANY.split(".")[0].encode() in answer.content.replace(b"&#39;", b"'") else "judged"


def attack(name: str, guesses: Iterable[Guess], *, owner: Guess, visits: int = 10, of: int = 10_000) -> Figures:
    """One after the other; the owner comes ``visits`` times meanwhile, ``of`` being how many guesses there are."""
    found = Figures(name)
    begin, cpu = time.monotonic(), time.process_time()
    for number, guess in enumerate(guesses, 1):
        answer = post(guess)
        setattr(found, answer, getattr(found, answer) + 1)
        if number % max(of // visits, 1) == 0:
            if post(owner) == "entered":
                found.owner += 1
            else:
                found.owner_stopped += 1
    found.seconds, found.cpu = time.monotonic() - begin, time.process_time() - cpu
    return found


def at_once(name: str, crew: Crew, guesses: Sequence[Guess], *, owner: Guess) -> Figures:
    """``CROWD`` at a time, each by a connection of its own; the owner comes with the last of each crowd."""
    found = Figures(name)
    begin, cpu = time.monotonic(), time.process_time()
    for start in range(0, len(guesses), CROWD - 1):
        here = [*guesses[start : start + CROWD - 1], owner]
        *answers, mine = crew.together([lambda guess=guess: post(guess) for guess in here])
        for answer in answers:
            assert isinstance(answer, str), answer
            setattr(found, answer, getattr(found, answer) + 1)
        found.owner += mine == "entered"
        found.owner_stopped += mine != "entered"
    found.seconds, found.cpu = time.monotonic() - begin, time.process_time() - cpu
    return found


def addresses(number: int) -> Iterator[str]:
    return (str(IPv4Address("10.0.0.1") + place) for place in range(number))


def on_one(attempts: int, origins: int) -> list[Guess]:
    """Guesses on one identifier, whose addresses take turns."""
    places = list(addresses(origins))
    return [Guess(VICTIM, f"devinette-numero-{n}", places[n % origins]) for n in range(attempts)]


def on_each(identifiers: int, origins: int, known: Sequence[str]) -> list[Guess]:
    """One guess on each identifier, the known ones first."""
    places = list(addresses(origins))
    names = [*known, *(f"personne{n}@nulle-part.example" for n in range(identifiers - len(known)))][:identifiers]
    return [Guess(name, "la-meme-pour-tous-24", places[n % origins]) for n, name in enumerate(names)]


def run(owner: Guess, known: Sequence[str], attempts: int) -> Iterator[tuple[Figures, int]]:
    """Each attack with the most that it may have had judged. Budgets are emptied between them."""
    from django.conf import settings

    from portefeuille.throttling.models import Budget

    ((pair, pair_seconds),) = settings.SIGN_IN_BUDGETS["sign_in_from"]
    (burst, burst_seconds), (hourly, hour) = settings.SIGN_IN_BUDGETS["sign_in_address"]

    def from_each(found: Figures, origins: int) -> int:
        """What one identifier can meet from so many addresses."""
        return origins * pair * found.windows(pair_seconds)

    def from_one(found: Figures) -> int:
        """What one address can meet, whomever it guesses at."""
        return min(burst * found.windows(burst_seconds), hourly * found.windows(hour))

    def begin() -> None:
        Budget.objects.all().delete()

    def one(name: str, origins: int) -> tuple[Figures, int]:
        begin()
        found = attack(name, on_one(attempts, origins), owner=owner, of=attempts)
        return found, from_each(found, origins)

    yield one("one identifier, one address", 1)
    yield one("one identifier, 100 addresses", 100)
    begin()
    found = attack("each of many, one address", on_each(attempts, 1, known), owner=owner, of=attempts)
    yield found, from_one(found)
    begin()
    with Crew(CROWD) as crew:
        found = at_once("one identifier, one address, 64 at once", crew, on_one(attempts, 1), owner=owner)
        yield found, from_each(found, 1)
        begin()
        guesses = on_each(attempts, 1, known)
        found = at_once("each of many, one address, 64 at once", crew, guesses, owner=owner)
        yield found, from_one(found)
    # Each from an address of its own: no limit is met, and each guess costs the hashing of one password.
    begin()
    few = ceil(attempts / 50)
    found = attack("each of many, each from its own address", on_each(few, few, known), owner=owner, of=few)
    yield found, few


def check(found: Figures, most: int) -> None:
    assert found.judged <= most, f"{found}: more than {most}"
    assert found.entered == 0, found
    assert found.owner > 0, found
    assert found.owner_stopped == 0, found


def main() -> int:
    from tests import surroundings

    try:
        _main()
    finally:
        surroundings.pytest_unconfigure()
    return 0


def _main() -> None:
    import logging

    import django
    from django.db import connection
    from django.test.runner import DiscoverRunner
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    logging.disable(logging.INFO)
    from django.conf import settings

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    DiscoverRunner(verbosity=0, interactive=False).setup_databases()
    from tests import cast

    people: Any = cast.assemble().users
    owner = Guess(VICTIM, cast.PASSWORD, HOME)
    begin = time.process_time()
    post(owner)
    print(
        f"one password hashed by Argon2id and a session opened: {1000 * (time.process_time() - begin):.0f} ms of CPU"
    )
    known = [user.email for user in people.values()]
    for found, most in run(owner, known, 10_000):
        check(found, most)
        print(f"{found}; at most {most}", flush=True)
    connection.close()


if __name__ == "__main__":
    sys.exit(main())
