"""The exported list when it comes back changed: which wish each row is, and what is wrong with the others.

A row is known by its reference; its client must be that reference's, since a spreadsheet that sorts one column alone
would change one client in place of another. An empty cell wishes nothing, nor does one that says what it said when the
file left: a file of last week undoes nothing of what others changed since.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.enrolments import export, queries
from portefeuille.enrolments.bulk import Wish
from portefeuille.enrolments.export import ACCOUNT, END, PORTFOLIO, REFERENCE, REGIME, SIREN
from portefeuille.enrolments.folding import by_name, fold, written
from portefeuille.enrolments.queries import Client
from portefeuille.firms.access import Access

_YES = frozenset(("oui", "o", "x", "1", "vrai"))
_NO = frozenset(("non", "n", "0", "faux"))

NO_REFERENCE = "Cette ligne n'a pas de référence. Pour un nouveau client, utilisez «\u00a0Ajouter en nombre\u00a0»."
BAD_REFERENCE = "La référence du client n'en est pas une. Recopiez celle de l'export."
TWICE = "Cette référence figure déjà plus haut dans le fichier."
AGAIN = "Cette référence revient plus bas avec d'autres cellules. Gardez une seule des deux lignes."
NOT_THERE = "Ce client n'est pas, ou n'est plus, parmi ceux que vous voyez."
OTHER_CLIENT = "La référence et le client de cette ligne ne vont pas ensemble. Triez toutes les colonnes à la fois."
NO_PORTFOLIO = "Vous n'avez aucun portefeuille de ce nom pour y déplacer des clients."


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be used: its line in the file, and what to do."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a file wishes. ``same``: how many of its rows say what is so already."""

    wishes: list[tuple[UUID, Wish]]
    faults: list[Fault]
    same: int


@dataclass(frozen=True, slots=True)
class NotAnExport:
    """The file lacks the column of references, or any column that can be changed."""


def changes_of(
    access: Access, headings: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]
) -> Changes | NotAnExport:
    """Read the rows of a file, as (line, cells)."""
    places = {fold(heading): place for place, heading in reversed(list(enumerate(headings)))}
    reference, apart = places.get(fold(REFERENCE)), [places.get(fold(name)) for name in (SIREN, REGIME, ACCOUNT)]
    entries = catalogue()
    services = [(1 << one.bit, export.service_column(one), 0) for one in entries.services]
    notices = [(1 << one.bit, export.notice_column(one), 1) for one in entries.notices]
    boxes = [(places[fold(name)], name, bit, kind) for bit, name, kind in services + notices if fold(name) in places]
    portfolio, end = places.get(fold(PORTFOLIO)), places.get(fold(END))
    if reference is None or not (boxes or portfolio is not None or end is not None):
        return NotAnExport()

    def cell(cells: Sequence[str], place: int | None) -> str:
        return cells[place].strip() if place is not None and place < len(cells) else ""

    used = [REFERENCE, SIREN, REGIME, ACCOUNT, PORTFOLIO, END, *(name for _, name, _ in services + notices)]
    faults = [Fault(1, why) for why in _wrong_headings(headings, {fold(name) for name in used})]
    contradicted: set[UUID] = set()
    said: dict[UUID, tuple[int, Sequence[str], _Left | None]] = {}
    for line, cells in rows:
        uid, left = _referred(cell(cells, reference))
        if uid is None:
            faults.append(Fault(line, BAD_REFERENCE if cell(cells, reference) else NO_REFERENCE))
        elif uid in said:
            faults.append(Fault(line, TWICE))
            if list(cells) != list(said[uid][1]):
                contradicted.add(uid)
        else:
            said[uid] = line, cells, left
    clients = {client.uid: client for client in queries.clients_by_uid(access, list(said))}
    ours = by_name((right.name, right.id) for right in access.portfolios if right.entire)
    wishes: list[tuple[UUID, Wish]] = []
    same = 0
    for uid, (line, cells, left) in said.items():
        if uid in contradicted:
            faults.append(Fault(line, AGAIN))
            continue
        client = clients.get(uid)
        if client is None:
            faults.append(Fault(line, NOT_THERE))
            continue
        if not _goes_with(client, *(None if place is None else cell(cells, place) for place in apart)):
            faults.append(Fault(line, OTHER_CLIENT))
            continue
        on, off, wrong = [0, 0], [0, 0], ""
        for place, name, bit, kind in boxes:
            answer = fold(said_there := cell(cells, place))
            if answer in _YES:
                on[kind] |= bit & ~left.ticked[kind] if left else bit
            elif answer in _NO:
                off[kind] |= bit & left.ticked[kind] if left else bit
            elif said_there:
                wrong = f"Colonne « {name} » : écrivez oui ou non."
        target = None
        wanted = cell(cells, portfolio)
        as_is = written(wanted) in ("", written(client.portfolio.name))
        if not as_is and not (left and left.portfolio == export.named(wanted)):
            target = ours(wanted)
            wrong = wrong or ("" if target else NO_PORTFOLIO)
            target = None if target == client.portfolio.id else target
        ends = fold(cell(cells, end))
        if cell(cells, end) and ends not in _YES | _NO:
            wrong = wrong or f"Colonne « {END} » : écrivez oui, ou laissez vide."
        if wrong:
            faults.append(Fault(line, wrong))
            continue
        wish = _needed(client, Selection(*on), Selection(*off), target, ends=ends in _YES)
        if wish is None:
            same += 1
        else:
            wishes.append((uid, wish))
    return Changes(wishes, sorted(faults, key=lambda fault: fault.line), same)


def _wrong_headings(headings: Sequence[str], used: Collection[str]) -> Iterator[str]:
    """Columns whose cells would be passed over without a word: those that come twice, or nearly name a service."""
    prefixes = (fold(export.SERVICE), fold(export.NOTICE))
    times = Counter(map(fold, headings))
    for name in dict.fromkeys(headings):
        if fold(name) in used and times[fold(name)] > 1:
            yield f"La colonne « {name} » figure deux fois. Gardez-en une."
        elif fold(name) not in used and fold(name).startswith(prefixes):
            yield f"La colonne « {name[:80]} » n'est pas connue. Remettez le nom qu'elle a dans l'export."


def _needed(client: Client, on: Selection, off: Selection, target: int | None, *, ends: bool) -> Wish | None:
    """The wish without what is so already; None when nothing is left of it."""
    if ends:
        return Wish(ends=True)
    on = catalogue().offered(client.regime, on)
    on = Selection(on.services & ~client.selection.services, on.notices & ~client.selection.notices)
    off = Selection(off.services & client.selection.services, off.notices & client.selection.notices)
    wish = Wish(on=on, off=off, portfolio_id=target)
    return None if wish == Wish() else wish


def _goes_with(client: Client, siren: str | None, regime: str | None, number: str | None) -> bool:
    """Whether the cells that tell clients apart are those of the reference's; None for a column that the file lacks.

    A Siren may have lost its zeros; an account number that a spreadsheet made «1,17E+17» of says nothing.
    """
    digits = "".join(character for character in siren or "" if character.isascii() and character.isdigit())
    if siren is not None and (digits and digits.zfill(9)) != client.siren:
        return False
    if regime and fold(regime) != fold(str(client.regime.label)):
        return False
    number = "".join((number or "").split())
    return not (number.isascii() and number.isdigit()) or number.lstrip("0") == client.account_number.lstrip("0")


@dataclass(frozen=True, slots=True)
class _Left:
    """What a row said when the file left: masks of the services and of the notices, and the portfolio."""

    ticked: tuple[int, int]
    portfolio: str


_LEFT = re.compile(r"([0-9a-f]{1,16})\.([0-9a-f]{1,16})\.([0-9a-f]{8})", re.ASCII)


def _referred(text: str) -> tuple[UUID | None, _Left | None]:
    """What ``export.reference`` made; the second is None for a reference without it, of which every cell counts."""
    name, _, rest = text.partition("/")
    try:
        uid = UUID(name)
    except ValueError:
        return None, None
    found = _LEFT.fullmatch(rest)
    return uid, _Left((int(found[1], 16), int(found[2], 16)), found[3]) if found else None
