"""The list, the search while typing and the pages of a team, against a view that does nothing."""

from collections.abc import Callable

from tests.bench.ground import BARE_PORT, TRIVIAL, Ground, session_of_user
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
#: The members of the largest firm whose rights have limits.
LIMITED = {
    "a tenth": "a member who sees a tenth of the largest",
    "narrowed": "a member with both portfolios of the largest, narrowed to some services",
    "named": "a member named for half of the clients that are reserved, 1 % of the largest",
}
#: Pages of a team of fifty with twenty portfolios: what is asked for, by whom, and how many statements it may send.
TEAM_PAGES = (
    ("list", "clients/", "administrator", 4),
    ("list", "clients/", "collaborator", 4),
    ("team", "equipe/", "administrator", 6),
    ("team", "equipe/", "collaborator", 6),
    ("a member", "equipe/{member}/", "administrator", 6),
    ("the rights of a member", "equipe/{member}/droits/", "administrator", 6),
    ("portfolios", "portefeuilles/", "administrator", 6),
    ("a portfolio", "portefeuilles/{portfolio}/", "administrator", 6),
)
_TYPING = {"HX-Request": "true"}


def sections(ground: Ground, rounds: int) -> list[Section]:
    """All tables, from the same rounds of the same server."""
    largest = max(ground.firms)
    base = ground.address(largest)
    typist = Browser(ground.sessions[largest])
    variants = [Variant("trivial", _asking(Browser(), TRIVIAL), 1500)]
    variants.append(Variant("bare", _asking(Browser(port=BARE_PORT), TRIVIAL), 1000))
    for size, session in ground.sessions.items():
        variants.append(Variant(f"list {size}", _asking(Browser(session), ground.address(size)), 100))
    for limit, session in ground.limited.items():
        variants.append(Variant(f"list {limit}", _asking(Browser(session), base), 100))
    for name, session, address, _queries in _team_pages(ground):
        variants.append(Variant(name, _asking(Browser(session), address), 60))
    for text, _why in SOUGHT:
        address = f"{base}?q={text.replace(' ', '%20')}"
        variants.append(Variant(f"part {text}", _asking(typist, address, _TYPING), 40))
        variants.append(Variant(f"page {text}", _asking(typist, address), 40))
    with serving_twice(ground) as counters:
        found = measure(counters, variants, rounds)
    return [_list_section(ground, found), _search_section(ground, found), _team_section(ground, found)]


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
    counts_limited = {
        limit: queries_of(session, ground.address(max(sizes))) for limit, session in ground.limited.items()
    }
    rows += [
        _row(f"50 rows, {said}", found[f"list {limit}"], counts_limited[limit]) for limit, said in LIMITED.items()
    ]
    most = max(*counts.values(), *counts_limited.values())
    totals = [found[f"list {size}"].total for size in sizes]
    spread = max(totals) / min(totals) - 1
    worst = max(found[f"list {which}"].ratio for which in (*sizes, *LIMITED))
    return Section(
        "list",
        _HEAD,
        rows,
        [
            Verdict(f"{BUDGET} × the trivial view at most", worst <= BUDGET, f"{worst:.1f} ×"),
            Verdict(f"{QUERIES} queries at most", most <= QUERIES, f"{most}"),
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


def _team_pages(ground: Ground) -> list[tuple[str, str, str, int]]:
    """Name, session, address and budget of statements of each page of the large team."""
    team = ground.team
    if team is None:
        return []
    sessions = {who: session_of_user(getattr(team, who)) for who in ("administrator", "collaborator")}
    pages = []
    for said, path, who, queries in TEAM_PAGES:
        path = path.format(member=team.member, portfolio=team.portfolio)
        pages.append((f"{said}, {who}", sessions[who], f"/cabinets/{team.firm.uid}/{path}", queries))
    return pages


def _team_section(ground: Ground, found: "dict[str, Figures]") -> Section:
    pages = [(name, queries_of(session, address), budget) for name, session, address, budget in _team_pages(ground)]
    over = [name for name, queries, budget in pages if queries > budget]
    worst = max(queries for _, queries, _ in pages)
    return Section(
        "team",
        _HEAD,
        [_row(name, found[name], queries) for name, queries, _ in pages],
        [Verdict("the statements of each page within its budget", not over, ", ".join(over) or f"{worst} at most")],
    )
