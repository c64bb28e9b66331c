"""Gérer les établissements: the list (screen 6)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from markupsafe import Markup, escape

from portefeuille.enrolments import queries
from portefeuille.enrolments.models import Enrolment
from portefeuille.enrolments.queries import Filters
from portefeuille.firms.access import Access
from portefeuille.identifiers import siret as sirets
from portefeuille.registry import queries as registry
from portefeuille.registry.models import AccountState, Regime
from portefeuille.web.clients.marking import mark
from portefeuille.web.jinja import jour
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import REGIME_OF_SLUG, SLUGS, identifier, regime_label

_STATES = {state.value: state for state in AccountState}
#: States of the enrolment itself, beside those of the account, in the same filter.
_ENROLMENT_STATES = {"a-confirmer": Enrolment.State.PENDING, "conteste": Enrolment.State.CONTESTED}
_SLUG_OF_STATE = {state: slug for slug, state in _ENROLMENT_STATES.items()}
#: Nobody turns so many pages; a database would.
_LAST_PAGE = 10_000


def filters_of(address: QueryDict) -> Filters:
    """The filters that an address says; what means nothing is left out."""
    try:
        portfolio = UUID(address.get("portefeuille", ""))
    except ValueError:
        portfolio = None
    page, state, order = address.get("page", ""), address.get("etat", ""), address.get("tri", "")
    return Filters(
        text=address.get("q", "").replace("\x00", "")[: queries.LONGEST_SEARCH],
        portfolio=portfolio,
        regime=REGIME_OF_SLUG.get(address.get("regime", "")),
        account_state=_STATES.get(state),
        state=_ENROLMENT_STATES.get(state),
        order=order if order in queries.ORDERS else queries.BY_NAME,
        page=min(int(page), _LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
    )


def query_of(filters: Filters) -> str:
    """The address that says these filters, without what goes without saying: «?q=…&page=2», or ""."""
    said = {
        "q": filters.text.strip(),
        "portefeuille": str(filters.portfolio or ""),
        "regime": SLUGS[filters.regime] if filters.regime else "",
        "etat": _state_of(filters),
        "tri": filters.order if filters.order != queries.BY_NAME else "",
        "page": str(filters.page) if filters.page > 1 else "",
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"?{query}" if query else "?"


def _state_of(filters: Filters) -> str:
    return _SLUG_OF_STATE[filters.state] if filters.state else filters.account_state or ""


@dataclass(frozen=True, slots=True)
class Sort:
    """A sortable column: where its header leads, and how the list is sorted by it now."""

    href: str
    direction: str


def _sort(filters: Filters, first: str, second: str) -> Sort:
    """The header of a column: ``first`` is the order of a first click, ``second`` that of the next."""
    wanted = second if filters.order == first else first
    direction = ""
    if filters.order in (first, second):
        direction = "descending" if filters.order.startswith("-") else "ascending"
    return Sort(query_of(replace(filters, order=wanted, page=1)), direction)


class ShownRow(NamedTuple):
    """A row as the page writes it: texts are escaped once, here, and not each time that the row says them.

    Fifty are drawn at each key that is typed.
    """

    uid: str
    address: Markup  # of the client's page
    name: Markup  # with marks where a search found it
    who: Markup  # whom the row's buttons are about
    label: Markup
    identifier: Markup
    siret: Markup
    place: Markup
    portfolio: Markup  # empty when the member has only one
    state: str
    restricted: bool
    account_state: str
    services: int
    notices: int
    since: Markup
    may_manage: bool
    may_end: bool
    is_new: bool
    has_space: bool


_REGIME_LABELS = {regime.value: escape(regime.label) for regime in Regime}


def _shown(access: Access, page: queries.ClientPage, new: UUID | None) -> Iterator[ShownRow]:
    several = len(access.portfolios) > 1
    base = reverse("clients", kwargs={"firm": access.firm_uid})
    rights = {
        right.id: (escape(right.name if several else ""), right.may_manage, right.entire, right.services)
        for right in access.portfolios
    }
    for row in page.rows:
        portfolio, may_manage, may_end, narrowed = rights[row.portfolio_id]
        number = sirets.show(row.siret) if row.siret else ""
        name, shown, siret, place = _escaped(row.name, identifier(row), number, f"{row.postcode} {row.town}")
        label = _REGIME_LABELS[row.regime]
        yield ShownRow(
            uid=(uid := str(row.uid)),
            address=Markup(f"{base}{uid}/"),  # noqa: S704 - made of two UUIDs
            name=mark(row.name, page.words) if page.words else name,
            who=Markup(f"{name}, {label}"),  # noqa: S704 - both are HTML already
            label=label,
            identifier=shown,
            siret=siret,
            place=place,
            portfolio=portfolio,
            state=row.state,
            restricted=row.restricted,
            account_state=row.account_state,
            services=(row.services if narrowed is None else row.services & narrowed).bit_count(),
            notices=row.notices.bit_count() if narrowed is None else 0,
            since=_day(row.added_on),
            may_manage=may_manage,
            may_end=may_end,
            is_new=row.uid == new,
            has_space=row.has_space,
        )


def _escaped(*texts: str) -> list[Markup]:
    """Texts of the database as HTML, in one go: no text of PostgreSQL holds a NUL."""
    return escape("\0".join(texts)).split("\0")


@lru_cache(maxsize=4096)  # many clients are added on the same days
def _day(day: date) -> Markup:
    return escape(jour(day))


@require_safe
@firm_page
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """The list, or for a search while typing its changing part only."""
    filters = filters_of(request.GET)
    page = queries.clients(access, filters)
    filters = replace(filters, page=page.number)
    fragment = request.headers.get("HX-Request") == "true"
    new = None if fragment else _just_added(request)
    context = {
        "access": access,
        "filters": filters,
        "page": page,
        "rows": _shown(access, page, new),
        "fragment": fragment,
        "may_act": bool(access.entire_ids),
        "may_move": access.is_administrator or len(access.entire_ids) > 1,
        "by_name": _sort(filters, "nom", "-nom"),
        "by_age": _sort(filters, "-depuis", "depuis"),
        "chips": chips(access, filters),
        "links": _links(access, replace(filters, page=1)),
        "filtered": query_of(replace(filters, order=queries.BY_NAME, page=1)) != "?",
        "previous": query_of(replace(filters, page=page.number - 1)) if page.number > 1 else "",
        "next": query_of(replace(filters, page=page.number + 1)) if page.has_next else "",
    }
    if fragment:
        response = render(request, "clients/results.html", context)
        response["HX-Replace-Url"] = reverse("clients", kwargs={"firm": access.firm_uid}) + query_of(filters)
        return response
    added = next((row for row in page.rows if row.uid == new), None)
    return render(
        request,
        "clients/list.html",
        {
            **context,
            "regime_label": regime_label,
            "identifier": identifier,
            "regimes": [(SLUGS[regime], regime.label) for regime in Regime],
            "states": [
                *((state.value, state.label) for state in AccountState),
                *((slug, _capital(state)) for slug, state in _ENROLMENT_STATES.items()),
            ],
            "state": _state_of(filters),
            "regime": SLUGS[filters.regime] if filters.regime else "",
            "added": added,
            "left_to_add": _left_to_add(access, added) if added else [],
        },
    )


def _just_added(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("nouveau", ""))
    except ValueError:
        return None


def _left_to_add(access: Access, added: queries.Row) -> list[registry.Line]:
    """The other regimes of the same Siren that the firm does not have yet."""
    if not added.siren:
        return []
    enrolled = queries.enrolled_regimes(access, added.siren)
    return [line for line in registry.lines_of_siren(added.siren) if line.subject.regime not in enrolled]


def chips(access: Access, filters: Filters) -> list[tuple[str, str]]:
    """The chosen filters as (what is filtered, the address without it)."""
    first = replace(filters, page=1)
    chosen = []
    if filters.text.strip():
        chosen.append((f"«\u00a0{filters.text.strip()}\u00a0»", query_of(replace(first, text=""))))
    if filters.portfolio:
        names = [portfolio.name for portfolio in access.portfolios if portfolio.uid == filters.portfolio]
        chosen.append((names[0] if names else "Portefeuille inconnu", query_of(replace(first, portfolio=None))))
    if filters.regime:
        chosen.append((str(filters.regime.label), query_of(replace(first, regime=None))))
    if filters.account_state:
        chosen.append((str(filters.account_state.label), query_of(replace(first, account_state=None))))
    if filters.state:
        chosen.append((_capital(filters.state), query_of(replace(first, state=None))))
    return chosen


def _capital(state: Enrolment.State) -> str:
    """«À confirmer», «Contestée»."""
    return str(state.label).capitalize()


def _links(access: Access, filters: Filters) -> list[tuple[str, str]]:
    """What can be done with the whole list as it is filtered, all its pages."""
    query = query_of(filters).removeprefix("?")
    whole = f"?tout=liste{'&' if query else ''}{query}"
    links = [
        ("Exporter cette liste", reverse("export_clients", kwargs={"firm": access.firm_uid}) + (query and f"?{query}"))
    ]
    if access.managed_ids:
        links.append(("Modifier toute cette liste", reverse("change_many", kwargs={"firm": access.firm_uid}) + whole))
    return links
