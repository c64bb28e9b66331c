"""Choices over the catalogue: as codes for people and the trail, as bit masks for storage (R5)."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portefeuille.catalogue.models import CatalogueEntry, Notice, Service
from portefeuille.registry.models import Regime

#: How long a process trusts what it read of the catalogue, in seconds: it changes a few times a year.
FRESH_FOR = 60


@dataclass(frozen=True, slots=True)
class Selection:
    """The ticked services and notices, as the bit masks that an enrolment stores."""

    services: int = 0
    notices: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The entries of both columns in the order of the screens."""

    services: tuple[Service, ...]
    notices: tuple[Notice, ...]

    def offered_services(self, regime: Regime | None) -> list[Service]:
        """Those of a regime; of None, all of them."""
        return [entry for entry in self.services if regime is None or regime in entry.regimes]

    def offered_notices(self, regime: Regime | None) -> list[Notice]:
        return [entry for entry in self.notices if regime is None or regime in entry.regimes]

    def offered(self, regime: Regime, selection: "Selection") -> "Selection":
        """Of a selection, what the regime is offered."""
        return Selection(
            selection.services & sum(1 << entry.bit for entry in self.offered_services(regime)),
            selection.notices & sum(1 << entry.bit for entry in self.offered_notices(regime)),
        )

    def select(self, regime: Regime | None, *, services: Iterable[str], notices: Iterable[str]) -> Selection:
        """The selection made of codes; those that the regime is not offered are dropped."""
        return Selection(
            services=_mask(self.offered_services(regime), services),
            notices=_mask(self.offered_notices(regime), notices),
        )

    def service_codes(self, mask: int) -> list[str]:
        return _codes(self.services, mask)

    def notice_codes(self, mask: int) -> list[str]:
        return _codes(self.notices, mask)


def _mask(entries: Sequence[CatalogueEntry], codes: Iterable[str]) -> int:
    wanted = set(codes)
    return sum(1 << entry.bit for entry in entries if entry.code in wanted)


def _codes(entries: Sequence[CatalogueEntry], mask: int) -> list[str]:
    return [entry.code for entry in entries if mask >> entry.bit & 1]


_kept: tuple[float, Catalogue] | None = None


def catalogue() -> Catalogue:
    """The catalogue, read again at most once a minute in each process."""
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > FRESH_FOR:
        _kept = (time.monotonic(), Catalogue(tuple(Service.objects.all()), tuple(Notice.objects.all())))
    return _kept[1]


def read_again() -> None:
    """Forget what was read, after a change by this process: the others notice within a minute."""
    global _kept
    _kept = None
