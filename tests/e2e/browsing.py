"""A browser whose every page is watched: nothing may fail, be refused or come from elsewhere unnoticed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_WAIT_MS = 15_000
# Chromium says again what the statuses say; htmx, each answer that it dropped since typing went on.
_REPEATED = ("Failed to load resource", "htmx:afterRequest", "htmx:sendAbort")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or that of ``CHROMIUM``."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What went wrong on the pages of a context. ``expected``: statuses that a test provokes."""

    home: str
    #: Other sites that a page may lead to, as their own pages are on the way.
    elsewhere: set[str] = field(default_factory=set)
    expected: set[int] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"error: {error.error}"))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        known = {self.home, *self.elsewhere}
        if parts.scheme not in ("data", "blob", "about") and f"{parts.scheme}://{parts.netloc}" not in known:
            self.troubles.append(f"request to somebody else: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.troubles.append(f"{response.status} for {response.request.method} {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_REPEATED):
            self.troubles.append(f"console: {message.text}")


def open_context(browser: Browser, address: str, **options: Any) -> tuple[BrowserContext, Watch]:
    """A context at ``address`` and its watch."""
    options.setdefault("viewport", {"width": 1280, "height": 800})
    context = browser.new_context(base_url=address, locale="fr-FR", timezone_id="Europe/Paris", **options)
    context.set_default_timeout(_WAIT_MS)
    watch = Watch(address)
    watch.follow(context)
    return context, watch


def sign_in(page: Page, identifier: str, password: str) -> None:
    """From the sign-in page that is open."""
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("main").get_by_role("button", name="Se connecter", exact=True).click()
