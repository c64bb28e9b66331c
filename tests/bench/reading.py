"""The list and the search while typing, against a view that does nothing."""

from collections.abc import Callable

from tests.bench.ground import BARE_PORT, TRIVIAL, Ground
from tests.bench.report import Section, Verdict
from tests.bench.rounds import Figures, Variant, measure
from tests.bench.server import Browser, serving_twice

BUDGET = 25  # times the trivial view
FLAT = 0.20
QUERIES = 4
#: What is typed, and why.
SOUGHT = (
    ("ma", "2 letters"),
    ("de", "2 letters, in most names"),
    ("zk", "2 letters, hardly anywhere"),
    ("bou", "3 letters"),
    ("boul", "4 letters"),
    ("boulange", "8 letters"),
    ("menuiserie", "a common word"),
    ("garage d", "a word and the beginning of the next"),
    ("732829", "part of a Siren"),
    ("zzqx", "nothing found"),
)
_TYPING = {"HX-Request": "true"}


def sections(ground: Ground, rounds: int) -> list[Section]:
    """Both tables, from the same rounds of the same server."""
    largest = max(ground.firms)
    base = ground.address(largest)
    typist = Browser(ground.sessions[largest])
    variants = [Variant("trivial", _asking(Browser(), TRIVIAL), 1500)]
    variants.append(Variant("bare", _asking(Browser(port=BARE_PORT), TRIVIAL), 1000))
    for size, session in ground.sessions.items():
        variants.append(Variant(f"list {size}", _asking(Browser(session), ground.address(size)), 100))
    variants.append(Variant("list of a tenth", _asking(Browser(ground.restricted_session), base), 100))
    for text, _why in SOUGHT:
        address = f"{base}?q={text.replace(' ', '%20')}"
        variants.append(Variant(f"part {text}", _asking(typist, address, _TYPING), 40))
        variants.append(Variant(f"page {text}", _asking(typist, address), 40))
    with serving_twice(ground) as counters:
        found = measure(counters, variants, rounds)
    return [_list_section(ground, found), _search_section(ground, found)]


def _asking(browser: Browser, address: str, headers: dict[str, str] | None = None) -> Callable[[], None]:
    def ask() -> None:
        answer = browser.get(address, headers)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {address}")

    return ask


def queries_of(session: str, address: str, *, typing: bool = False) -> int:
    """How many statements a page sends, asked in this process (Django's own check of the connection is one more)."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    client.cookies["session"] = session
    counts = []
    for _ in range(3):  # once a minute a page also notes in its session that somebody is there
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address, headers={"hx-request": "true"} if typing else {})
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} {address}")
        counts.append(len(captured))
    return min(counts)


def _row(name: str, figures: Figures, queries: int) -> list[str]:
    return [
        name,
        f"{figures.web:.2f}",
        f"{figures.postgresql:.2f}",
        f"{figures.total:.2f}",
        f"{figures.ratio:.1f}",
        str(queries),
    ]


_HEAD = ["page", "web ms", "PostgreSQL ms", "together", "× trivial", "queries"]


def _list_section(ground: Ground, found: "dict[str, Figures]") -> Section:
    rows = [
        _row("trivial view", found["trivial"], 0),
        _row("trivial view, no middleware at all", found["bare"], 0),
    ]
    sizes = list(ground.sessions)
    counts = {size: queries_of(ground.sessions[size], ground.address(size)) for size in sizes}
    rows += [_row(f"50 rows of {size:,}".replace(",", " "), found[f"list {size}"], counts[size]) for size in sizes]
    tenth = queries_of(ground.restricted_session, ground.address(max(sizes)))
    rows.append(_row("50 rows, a member who sees a tenth of the largest", found["list of a tenth"], tenth))
    totals = [found[f"list {size}"].total for size in sizes]
    spread = max(totals) / min(totals) - 1
    worst = max(found[f"list {size}"].ratio for size in sizes)
    return Section(
        "list",
        _HEAD,
        rows,
        [
            Verdict(f"{BUDGET} × the trivial view at most", worst <= BUDGET, f"{worst:.1f} ×"),
            Verdict(
                f"{QUERIES} queries at most",
                max(*counts.values(), tenth) <= QUERIES,
                f"{max(*counts.values(), tenth)}",
            ),
            Verdict("the same at every size, within 20 %", spread <= FLAT, f"{spread:.0%} apart"),
        ],
        [
            "Against the trivial view without any middleware, the list of the largest firm costs"
            f" {found[f'list {max(sizes)}'].total / found['bare'].total:.0f} times."
        ],
    )


def _search_section(ground: Ground, found: "dict[str, Figures]") -> Section:
    largest = max(ground.firms)
    base, session = ground.address(largest), ground.sessions[largest]
    rows = []
    for text, why in SOUGHT:
        address = f"{base}?q={text.replace(' ', '%20')}"
        for kind, said in (("part", "what changes"), ("page", "whole page")):
            queries = queries_of(session, address, typing=kind == "part")
            rows.append(_row(f"«{text}» ({why}), {said}", found[f"{kind} {text}"], queries))
    worst = max(found[f"{kind} {text}"].ratio for text, _ in SOUGHT for kind in ("part", "page"))
    return Section(
        "search",
        _HEAD,
        rows,
        [Verdict(f"{BUDGET} × the trivial view at most", worst <= BUDGET, f"{worst:.1f} × at worst")],
    )
