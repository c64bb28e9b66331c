"""Rights as the fields of a form: a choice for each portfolio or member, with the services that it is narrowed to."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict

from portefeuille.catalogue.selection import catalogue
from portefeuille.firms.models import PortfolioGrant
from portefeuille.firms.rights import Right, Rights

Level = PortfolioGrant.Level

NONE = ""
LEVELS = ((NONE, "Aucun accès"), (Level.VIEW.value, "Consulter"), (Level.MANAGE.value, "Gérer"))
# As _hex writes it: one service at least, and what a column of 63 bits holds.
_HEX = re.compile(r"[1-9a-f][0-9a-f]{0,14}|[1-7][0-9a-f]{15}")


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of a form of rights, about a portfolio or about a member."""

    uid: UUID
    name: str
    level: str
    services: str  # hexadecimal; "" when the right is on all services
    narrowed: str  # «2 services», or ""

    @property
    def field(self) -> str:
        return f"droit-{self.uid}"

    @property
    def services_field(self) -> str:
        return f"services-{self.uid}"


def choices(things: Iterable[tuple[UUID, str]], rights: Rights) -> list[Choice]:
    """One for each portfolio (or member), with the right that it has."""
    return [_choice(uid, name, rights.get(uid)) for uid, name in things]


def _choice(uid: UUID, name: str, right: Right | None) -> Choice:
    if right is None:
        return Choice(uid, name, NONE, "", "")
    return Choice(uid, name, str(right.level), _hex(right.services), narrowed_to(right.services))


def narrowed_to(services: int | None) -> str:
    """«2 services» where a right is narrowed, "" where it is on all of them."""
    if services is None:
        return ""
    number = len(catalogue().service_codes(services))
    return f"{number} service{'s' if number > 1 else ''} seulement"


def service_names(services: int | None) -> list[str]:
    """The labels of the services that a right is narrowed to."""
    if services is None:
        return []
    return [entry.label for entry in catalogue().services if services >> entry.bit & 1]


def read(form: QueryDict, things: Iterable[UUID]) -> dict[UUID, Right] | None:
    """The rights that a posted form says about these portfolios (or members); a level it does not know is no right.

    None for a form whose services cannot be read: it must not pass for a right on all of them.
    """
    found = {}
    for uid in things:
        level = form.get(f"droit-{uid}", NONE)
        try:
            services = _mask(form.get(f"services-{uid}", ""))
        except ValueError:
            return None
        if level in Level.values:
            found[uid] = Right(Level(level), services)
    return found


def seal_of(rights: Rights) -> str:
    """Rights as a hidden field: what the page showed, to notice that somebody changed them meanwhile."""
    return ",".join(f"{uid}:{right.level}:{_hex(right.services)}" for uid, right in sorted(rights.items()))


def rights_of(seal: str) -> Mapping[UUID, Right]:
    """What ``seal_of`` said; what was tampered with agrees with nothing."""
    found = {}
    for part in seal.split(",")[:1000]:
        uid, _, rest = part.partition(":")
        level, _, services = rest.partition(":")
        try:
            found[UUID(uid)] = Right(Level(level), _mask(services))
        except ValueError:
            continue
    return found


def _hex(services: int | None) -> str:
    return "" if services is None else f"{services:x}"


def _mask(text: str) -> int | None:
    """What ``_hex`` made; ``ValueError`` for anything else."""
    if not text:
        return None
    if not _HEX.fullmatch(text):
        raise ValueError("not a mask of services")
    return int(text, 16)
