"""What the list weighs over the wire, in Chromium: a first visit, then a second."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.bench.ground import PORT, Ground
from tests.bench.report import Section, Verdict
from tests.bench.server import serving
from tests.bench.tools import chromium

FIRST, SECOND = 60, 15  # KB


@dataclass
class Visit:
    """Bytes as the browser's network counted them, headers included, by name of file."""

    received: dict[str, int] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def kilobytes(self) -> float:
        return sum(self.received.values()) / 1000


def sections(ground: Ground, rounds: int) -> list[Section]:
    browser_path = chromium()
    head = ["", *("first visit KB", "second visit KB")]
    if browser_path is None:
        unknown = "there is no Chromium on this machine"
        return [Section("weight", head, [], [Verdict("60 KB, then 15 KB", None, unknown)])]
    from playwright.sync_api import sync_playwright

    largest = max(ground.firms)
    with serving(ground), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        context = browser.new_context()
        cookie: Any = {"name": "session", "value": ground.sessions[largest], "url": f"http://localhost:{PORT}"}
        context.add_cookies([cookie])
        visits = [_visit(context, ground.address(largest)) for _ in range(2)]
        browser.close()
    first, second = visits
    rows = [
        [name, f"{first.received.get(name, 0) / 1000:.1f}", f"{second.received.get(name, 0) / 1000:.1f}"]
        for name in first.received
    ]
    rows.append(["together", f"{first.kilobytes:.1f}", f"{second.kilobytes:.1f}"])
    strangers = sorted({*first.elsewhere, *second.elsewhere})
    return [
        Section(
            "weight",
            head,
            rows,
            [
                Verdict(f"{FIRST} KB at most on a first visit", first.kilobytes <= FIRST, f"{first.kilobytes:.1f} KB"),
                Verdict(f"{SECOND} KB at most after", second.kilobytes <= SECOND, f"{second.kilobytes:.1f} KB"),
                Verdict("no request to anybody else", not strangers, ", ".join(strangers) or "none"),
            ],
        )
    ]


def _visit(context: Any, address: str) -> Visit:
    visit, names = Visit(), {}
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")

    def sent(event: Any) -> None:
        url = urlsplit(event["request"]["url"])
        names[event["requestId"]] = "the page" if url.path == address else _plain(url.path)
        if url.scheme in ("http", "https") and url.netloc != f"localhost:{PORT}":
            visit.elsewhere.append(url.netloc)

    def received(event: Any) -> None:
        name = names.get(event["requestId"], "?")
        visit.received[name] = visit.received.get(name, 0) + int(event["encodedDataLength"])

    protocol.on("Network.requestWillBeSent", sent)
    protocol.on("Network.loadingFinished", received)
    page.goto(f"http://localhost:{PORT}{address}", wait_until="networkidle")
    page.close()
    return visit


def _plain(path: str) -> str:
    """«portefeuille.css» of «/static/portefeuille.0a1b2c3d.css»."""
    words = path.rsplit("/", 1)[-1].split(".")
    return ".".join([*words[:-2], words[-1]]) if len(words) > 2 else ".".join(words)
