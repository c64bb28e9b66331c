"""Every route × method × person × object, as tables that people can read: one module for each journey.

People, in the order of the columns: a stranger, and the cast (tests/cast.py says who is who).

Objects: ``A`` is a client of firm A in «Employeurs», ``A2`` one of firm A in «Indépendants», ``R`` one of firm A in
«Employeurs» that is reserved for Bob, ``B`` one of firm B, each under the address of its own firm; ``A/B`` is the
client of firm B under the address of firm A. Routes without a client have the firms only; those without a firm have
``-``, unless their module says otherwise.

Outcomes: a status; ``sign-in`` is a redirection to the sign-in page; ``!`` after a status means that rows changed, and
without it none did. HEAD answers as GET does, without a body. ``other`` are PUT, PATCH, DELETE, OPTIONS.

A module of this package holds ``TABLE`` and, where its routes need them: ``OBJECTS`` (a route's objects, when they are
not the ones above), ``configure(settings)`` (what the deployer chose), ``prepare(scene)`` (rows made once, before
anybody asks), ``arguments(scene, route, thing)`` (of the address, without the firm), ``query(scene, route, thing)``,
and ``sent(scene, route, thing)`` (a form that acts, for whoever may act).
"""

import pkgutil
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portefeuille.enrolments.actions import terminate
from portefeuille.enrolments.sharing import Restricted, restrict
from portefeuille.registry.models import Account, Establishment, Regime
from tests.cast import EMPLOYER, INDEPENDENT, REGULATED, STRUCK_OFF, Cast, CastClient, register

PEOPLE = ("", "zoe", "charlie", "rita", "bob", "nina", "alice", "carl", "ida", "ada")
METHODS = {"GET": ("GET", "HEAD"), "POST": ("POST",), "other": ("PUT", "PATCH", "DELETE", "OPTIONS")}
OF_A_CLIENT = {"A", "A2", "R", "B", "A/B"}

SECTIONS = [
    import_module(f"{__name__}.{module.name}")
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name)
]
_SECTION_OF = {line.split()[0]: section for section in SECTIONS for line in section.TABLE.strip().splitlines()[1:]}


def lines() -> Iterator[tuple[str, str, str, list[str]]]:
    """(route, object, method, outcomes in the order of ``PEOPLE``)."""
    for section in SECTIONS:
        header, *said = section.TABLE.strip().splitlines()
        assert header.split()[3:] == [who or "stranger" for who in PEOPLE], section.__name__
        for line in said:
            route, thing, method, *outcomes = line.split()
            assert len(outcomes) == len(PEOPLE), line
            yield route, thing, method, outcomes


def every_route(patterns: Any = None, prefix: tuple[str, ...] = ()) -> Iterator[str]:
    """The name of each route of the URLconf; a route without a name is named by its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from every_route(pattern.url_patterns, (*prefix, str(pattern.pattern)))
        else:
            assert isinstance(pattern, URLPattern)
            yield pattern.name or "".join([*prefix, str(pattern.pattern)])


def _takes(route: str) -> list[str]:
    arguments: list[str] = get_resolver().reverse_dict.getlist(route)[0][0][0][1]
    return arguments


def objects_of(route: str) -> set[str]:
    said: set[str] | None = getattr(_SECTION_OF.get(route), "OBJECTS", {}).get(route)
    if said is not None:
        return said
    return {"A", "B"} if "firm" in _takes(route) else {"-"}


RESERVED = CastClient(
    "Charcuterie Réservée", Regime.GENERAL, "356000000", "117000006666666661", "35600000000048",
    amount="2345.67", due=date(2026, 10, 15),
)  # fmt: skip
RESERVED_AND_ENDED = CastClient(
    "Atelier Réservé", Regime.GENERAL, "383474814", "117000006666666663", "38347481400100",
    amount="3456.78", due=date(2026, 10, 15),
)  # fmt: skip
_SECOND_ACCOUNTS = {
    RESERVED: ("117000006666666662", "35600000049837"),
    EMPLOYER: ("117000003333333333", "73282932000082"),
    STRUCK_OFF: ("117000004444444444", "57201524600026"),
}


class Scene:
    """The cast with a client in each place, an act to undo in each place, and the addresses of them all."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        for client in (RESERVED, RESERVED_AND_ENDED):
            register(client)
        for client, (number, siret) in _SECOND_ACCOUNTS.items():
            first = Account.objects.get(number=client.account)
            Establishment.objects.create(siret=siret, siren=client.siren)
            Account.objects.create(
                number=number, shown_number=number, regime=Regime.GENERAL, organisation="117", siren=client.siren,
                siret=siret, holder=first.holder, town=first.town, postcode=first.postcode, state=first.state,
            )  # fmt: skip
        independents = cast.independents
        self.client = {
            "A": cast.enrol(EMPLOYER, portfolio=cast.employers).uid,
            "A2": cast.enrol(STRUCK_OFF, portfolio=independents).uid,
            "R": cast.enrol(RESERVED, portfolio=cast.employers).uid,
            "B": cast.enrol(EMPLOYER, who="charlie").uid,
        }
        ended = {
            "A": ("alice", cast.enrol(INDEPENDENT, portfolio=cast.employers).uid),
            "A2": ("alice", cast.enrol(REGULATED, portfolio=independents).uid),
            "R": ("alice", cast.enrol(RESERVED_AND_ENDED, portfolio=cast.employers).uid),
            "B": ("charlie", cast.enrol(INDEPENDENT, who="charlie").uid),
        }
        alice, bob = cast.access("alice"), cast.access("bob")
        for uid in (self.client["R"], ended["R"][1]):
            assert isinstance(restrict(access=alice, enrolment=uid, members=[bob.member_uid]), Restricted)
        self.ending = {
            place: terminate(access=cast.access(who), enrolments=[uid]).ending for place, (who, uid) in ended.items()
        }
        self.client["A/B"], self.ending["A/B"] = self.client["B"], self.ending["B"]
        self.firm = {"A": cast.firm_a, "A2": cast.firm_a, "R": cast.firm_a, "A/B": cast.firm_a, "B": cast.firm_b}
        several = "73282932000082"
        self.siret = {"A": several, "B": several, "A/B": several, "A2": "57201524600026", "R": "35600000049837"}
        for section in SECTIONS:
            if hasattr(section, "prepare"):
                section.prepare(self)

    def address(self, route: str, thing: str) -> str:
        section = _SECTION_OF[route]
        arguments: dict[str, Any] = section.arguments(self, route, thing) if hasattr(section, "arguments") else {}
        if "firm" in _takes(route):
            arguments = {"firm": self.firm[thing].uid, **arguments}
        query = section.query(self, route, thing) if hasattr(section, "query") else ""
        return reverse(route, kwargs=arguments) + query

    def sent(self, route: str, thing: str) -> dict[str, Any]:
        """A form that acts, for whoever may act."""
        section = _SECTION_OF[route]
        form: dict[str, Any] = section.sent(self, route, thing) if hasattr(section, "sent") else {}
        return form

    def portfolio_of(self, thing: str) -> int:
        return self.cast.portfolio_b.pk if self.firm[thing] == self.cast.firm_b else self.cast.employers.pk
