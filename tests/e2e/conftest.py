"""One demonstration for the whole run, one browser for each module, a fresh context for each visit."""

import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import browsing, demonstration
from tests.e2e.browsing import Watch
from tests.e2e.demonstration import Demonstration, Person
from tests.e2e.provable import Provable

# Slow machines are slow, not wrong.
expect.set_options(timeout=15_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests in one worker (with ``--dist loadgroup``): they share the demonstration."""
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("e2e"))
    # They share one demonstration, as people share a day: in the order in which they are written.
    journeys = iter(sorted((item for item in items if "tests/e2e/" in item.path.as_posix()), key=_written))
    items[:] = [next(journeys) if "tests/e2e/" in item.path.as_posix() else item for item in items]


def _written(item: pytest.Item) -> tuple[str, int]:
    return item.path.as_posix(), item.location[1] or 0


@pytest.fixture(scope="session")
def demo() -> Iterator[Demonstration]:
    with demonstration.running() as started:
        yield started


@pytest.fixture(scope="session")
def provable(demo: Demonstration) -> Provable:
    return Provable(demo)


@pytest.fixture(scope="session")
def newcomer(demo: Demonstration) -> str:
    """The administrator of a firm without a client, admitted by the command; a name for ``visit``."""
    person = Person("Nadia Neuve", "nadia@cabinet-neuf.example", "quatre-mots-de-passe-17")
    command = [sys.executable, "-m", "portefeuille.cli", "firm", "create", "--name=Cabinet Neuf", "--password-stdin"]
    command += [f"--admin-email={person.identifier}", f"--admin-name={person.name}", f"--data={demo.folder}"]
    subprocess.run(command, input=person.password, text=True, check=True, capture_output=True)
    demo.people["nadia"] = person
    return "nadia"


# Not for the session: while Playwright runs, Django refuses to query in the same thread, and other tests do.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.chromium() as started:
        yield started


@pytest.fixture(scope="session")
def signed_in() -> dict[str, Any]:
    """The cookies of who signed in already."""
    return {}


#: In seconds: a dangerous act asks who it is after fifteen minutes, and a test takes a few of them at most.
_FRESH_FOR = 600
_stale_at: dict[str, float] = {}


class Visits:
    """Opens pages, as somebody or as a stranger, and says in the end what went wrong on any of them."""

    def __init__(self, browser: Browser, demo: Demonstration, signed_in: dict[str, Any]) -> None:
        self.demo = demo
        self._browser = browser
        self._signed_in = signed_in
        self._opened: list[tuple[BrowserContext, Watch]] = []

    def __call__(self, who: str = "", *, expected: set[int] | None = None, **options: Any) -> Page:
        """A page on the firm's dashboard of ``who``, or on the home page. ``expected``: statuses to be provoked."""
        if who and (who not in self._signed_in or time.monotonic() > _stale_at.get(who, math.inf)):
            self._signed_in[who] = self._cookies(who)
            _stale_at[who] = time.monotonic() + _FRESH_FOR
        if who:
            options["storage_state"] = self._signed_in[who]
        context, watch = browsing.open_context(self._browser, self.demo.address, **options)
        watch.expected |= expected or set()
        self._opened.append((context, watch))
        page = context.new_page()
        page.goto("/mon-espace/" if who else "/")
        return page

    def _cookies(self, who: str) -> Any:
        context, watch = browsing.open_context(self._browser, self.demo.address)
        page = context.new_page()
        page.goto("/connexion/")
        person = self.demo.people[who]
        browsing.sign_in(page, person.identifier, person.password)
        expect(page.get_by_role("heading", level=1)).to_have_text("Tableau de bord tiers déclarant")
        cookies = context.storage_state()
        context.close()
        assert watch.troubles == []
        return cookies

    def close(self) -> None:
        troubles = []
        for context, watch in self._opened:
            context.close()
            troubles += watch.troubles
        assert troubles == []


@pytest.fixture
def visit(browser: Browser, demo: Demonstration, signed_in: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    visits = Visits(browser, demo, signed_in)
    yield visits
    visits.close()
