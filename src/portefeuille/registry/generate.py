"""A made-up register in the format of the feeds, for demonstrations, tests and measurements.

The same seed, number and day give the same files, byte for byte. Identifiers are valid and names are invented; a Siren
may happen to be that of a real company.

What there is, of 1 000 clients (``_kind_of`` and the constants below are the only truth):

====  ==========================================================================================================
   1  La Poste, the first time only: 12 establishments with its own kind of Siret, an account each
   2  employers with 40 establishments, an account each
  10  practitioners with a provisional Siret and no Siren (PLR, reached by account number)
  10  practitioners with a provisional Siret under a Siren (PLR)
  50  gérants majoritaires without Siret
  40  with several regimes under one Siren: employer, and craftsman, liberal or regulated liberal
  80  employers with 2 to 5 establishments
 430  employers with one, 180 craftsmen and shopkeepers, 110 liberal, 87 regulated liberal
====  ==========================================================================================================

Of 100 accounts: 4 are struck off, 2 suspended, 60 without e-mail address of their own (and 15 companies of 100 too),
25 written with padding zeros up to 18 digits (and 1 has only 12 digits of its own). Of 100 accounts proved by an
amount: the latest is zero for 10 and a flat rate for 5, with an earlier one that qualifies; for 2 nothing qualifies.
Of 100 proved by a NIR, 2 have none. Of 100 companies, 1 has a name of 80 characters and 1 a name that breaks programs.
"""

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from stdnum import luhn

from portefeuille.identifiers import nir
from portefeuille.registry import generate_words as words
from portefeuille.registry.feeds.schema import FEEDS
from portefeuille.registry.models import FactKind, Regime
from portefeuille.registry.queries import KIND_OF_REGIME

LA_POSTE = "356000000"
ESTABLISHMENTS_OF_LA_POSTE = 12
ESTABLISHMENTS_OF_A_LARGE_EMPLOYER = 40
LONGEST_NAME = 80
_BASES = 70_000_000  # Sirens begin with 3 to 9: 30000000 to 99999999, and a key


@dataclass(slots=True)
class GeneratedFeed:
    """How many rows were written in ``out``; ``by_regime`` counts the accounts, by the values of ``Regime``."""

    out: Path
    companies: int = 0
    establishments: int = 0
    accounts: int = 0
    facts: int = 0
    flat_rates: int = 0
    by_regime: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Town:
    name: str
    postcode: str
    organisation: str


class _Place:
    """An establishment: real Siret, provisional one, or none."""

    __slots__ = ("siret", "town")

    def __init__(self, siret: str, town: _Town) -> None:
        self.siret = siret
        self.town = town


def generate(*, accounts: int, seed: int, out: Path, today: date | None = None) -> GeneratedFeed:
    """Write forfaits, entreprises, etablissements, comptes and justificatifs.csv into ``out``, made if need be.

    ``accounts`` is how many accounts there will be, exactly. Due dates are relative to ``today`` (Paris), the current
    day unless given.
    """
    out.mkdir(parents=True, exist_ok=True)
    summary = GeneratedFeed(out=out)
    with ExitStack() as stack:
        writers = {}
        for feed in FEEDS:
            file = stack.enter_context((out / f"{feed.name}.csv").open("w", encoding="utf-8", newline=""))
            writers[feed.name] = csv.writer(file, lineterminator="\n")
            writers[feed.name].writerow([column.name for column in feed.columns])
        writers["forfaits"].writerows(words.FLAT_RATES)
        summary.flat_rates = len(words.FLAT_RATES)
        register = _Register(
            # Made-up data: nobody relies on these numbers being hard to guess.
            random=Random(seed),  # noqa: S311
            seed=seed,
            today=today or datetime.now(ZoneInfo("Europe/Paris")).date(),
            writers=writers,
            summary=summary,
            wanted=accounts,
        )
        rank = 0
        while summary.accounts < accounts:
            register.add_client(rank)
            rank += 1
    return summary


class _Register:
    """Writes client after client; nothing is kept but the counts."""

    def __init__(
        self, *, random: Random, seed: int, today: date, writers: dict[str, Any], summary: GeneratedFeed, wanted: int
    ) -> None:
        self.random = random
        self.today = today
        self.writers = writers
        self.summary = summary
        self.wanted = wanted
        self.offset = seed * 7_919
        self.towns = [_Town(*town) for town in words.TOWNS]
        self.months = _last_days(today)
        self.instalments = _first_instalments(today)

    def add_client(self, rank: int) -> None:
        kind = _kind_of(rank)
        if kind == "la poste":
            self._company_of(LA_POSTE, "La Poste", "5510", "53.10Z")
            self._employer(LA_POSTE, "La Poste", list(self._places_of_la_poste()))
            return
        if kind == "majority manager":
            self._account(Regime.MAJORITY_MANAGER, "", _Place("", self._town()), self._person())
            return
        if kind == "no siren":
            place = _Place(self._provisional(rank), self._town())
            self._account(Regime.REGULATED_LIBERAL, "", place, self._person())
            return
        siren = self._siren(rank)
        if kind == "provisional":
            name = self._person()
            self._company_of(siren, name, "1000", self.random.choice(words.REGULATED_LIBERAL)[1])
            self._account(Regime.REGULATED_LIBERAL, siren, _Place(self._provisional(rank), self._town()), name)
            return
        number = {"large": ESTABLISHMENTS_OF_A_LARGE_EMPLOYER, "several": self.random.randint(2, 5)}.get(kind, 1)
        regime = _REGIME_OF_KIND.get(kind, Regime.GENERAL)
        name, category, naf = self._identity(rank, regime if kind != "mixed" else Regime.CRAFT_TRADE)
        self._company_of(siren, name, category, naf)
        places = list(self._places(siren, number, naf))
        if regime is Regime.GENERAL:
            self._employer(siren, name, places)
            if kind == "mixed":
                other = (Regime.CRAFT_TRADE, Regime.LIBERAL, Regime.REGULATED_LIBERAL)[rank // 100 % 3]
                self._account(other, siren, places[0], name)
        else:
            self._account(regime, siren, places[0], name)

    # --- rows -----------------------------------------------------------------------------------------------

    def _company_of(self, siren: str, name: str, category: str, naf: str) -> None:
        email = "" if self.random.random() < 0.15 else self._email(name, siren)
        created = self._day(1985, self.today.year - 1)
        self.writers["entreprises"].writerow([siren, name, category, naf, created, "", email])
        self.summary.companies += 1

    def _places(self, siren: str, number: int, naf: str) -> Iterator[_Place]:
        """Establishments under a Siren, the head office first."""
        first = self.random.randint(1, 40)
        for rank in range(number):
            town = self._town()
            prefix = f"{siren}{first + rank:04d}"
            place = _Place(prefix + luhn.calc_check_digit(prefix), town)
            self._establishment(place, siren, naf, is_head_office=rank == 0)
            yield place

    def _places_of_la_poste(self) -> Iterator[_Place]:
        """The head office has a Luhn key; the others' 14 digits add up to a multiple of 5."""
        head_office = _Place(LA_POSTE + "00048", self._town())
        self._establishment(head_office, LA_POSTE, "53.10Z", is_head_office=True)
        yield head_office
        for rank in range(1, ESTABLISHMENTS_OF_LA_POSTE):
            prefix = f"{LA_POSTE}{rank * 37:04d}"
            place = _Place(f"{prefix}{-sum(map(int, prefix)) % 5}", self._town())
            self._establishment(place, LA_POSTE, "53.10Z", is_head_office=False)
            yield place

    def _establishment(self, place: _Place, siren: str, naf: str, *, is_head_office: bool) -> None:
        random = self.random
        sign = ""
        if random.random() < 0.3:
            sign = f"{random.choice(words.SHOPS_AND_WORKSHOPS)[0]} {random.choice(words.PLACES)}"
        address = f"{random.randint(1, 180)} {random.choice(words.STREETS)}"
        self.writers["etablissements"].writerow([
            place.siret, siren, sign, address, place.town.postcode, place.town.name, naf, int(is_head_office),
            self._day(1985, self.today.year - 1), "",
        ])  # fmt: skip
        self.summary.establishments += 1

    def _employer(self, siren: str, name: str, places: list[_Place]) -> None:
        for place in places:
            self._account(Regime.GENERAL, siren, place, name)

    def _account(self, regime: Regime, siren: str, place: _Place, holder: str) -> None:
        if self.summary.accounts >= self.wanted:
            return
        random = self.random
        shown = self._account_number(place.town.organisation)
        draw = random.random()
        state = "radie" if draw < 0.04 else "suspendu" if draw < 0.06 else "actif"
        since = self._day(self.today.year - 6, self.today.year - 1)
        email = self._email(holder, shown[-8:]) if random.random() < 0.4 else ""
        self.writers["comptes"].writerow([
            shown, regime.value, place.town.organisation, siren, place.siret, holder, place.town.postcode,
            place.town.name, state, since, email,
        ])  # fmt: skip
        self.summary.accounts += 1
        self.summary.by_regime[regime.value] += 1
        kind = KIND_OF_REGIME[regime]
        rows = self._nir_facts(shown) if kind is FactKind.NIR else self._amount_facts(shown, kind)
        self.writers["justificatifs"].writerows(rows)
        self.summary.facts += len(rows)

    def _nir_facts(self, shown: str) -> list[list[str]]:
        random = self.random
        if random.random() < 0.02:
            return []
        department = random.randint(1, 95)
        number = (
            f"{random.randint(1, 2)}{random.randint(45, 104) % 100:02d}{random.randint(1, 12):02d}"
            f"{random.choice(('2A', '2B')) if department == 20 else f'{department:02d}'}"
            f"{random.randint(1, 990):03d}{random.randint(1, 999):03d}"
        )
        return [[shown, FactKind.NIR.value, "", number + nir.key(number)]]

    def _amount_facts(self, shown: str, kind: FactKind) -> list[list[str]]:
        random = self.random
        if kind is FactKind.DECLARED_AMOUNT:
            days = self.months[random.choice((5, 15))]
        else:
            days = self.instalments[random.choice(((1, 5), (1, 20), (2, 5)))]
        amounts = [self._amount() for _ in days]
        draw = random.random()
        if draw < 0.10:
            amounts[0] = "0.00"
        elif draw < 0.15:
            amounts[0] = random.choice(words.FLAT_RATES)[0]
        elif draw < 0.17:
            amounts = ["0.00", *(random.choice(words.FLAT_RATES)[0] for _ in days[1:])]
        return [[shown, kind.value, day, amount] for day, amount in zip(days, amounts, strict=True)]

    # --- cells ----------------------------------------------------------------------------------------------

    def _siren(self, rank: int) -> str:
        base = 30_000_000 + (self.offset + rank * 12_345_701) % _BASES
        if base == int(LA_POSTE[:8]):
            # Its place among the Sirens of the ranks beyond the last: no other rank falls on it.
            base = 20_000_000
        return f"{base}{luhn.calc_check_digit(str(base))}"

    def _provisional(self, rank: int) -> str:
        return f"PR{rank:09d}A{(rank + self.offset) % 100:02d}"

    def _account_number(self, organisation: str) -> str:
        """Distinct by the count of accounts that it ends with; canonical lengths 12 and 15 to 18."""
        random = self.random
        count = self.summary.accounts
        draw = random.random()
        if draw < 0.01:
            return f"9{count:011d}".zfill(18)
        length = random.randint(15, 18)
        number = f"{organisation}{random.randrange(10 ** (length - 12)):0{length - 12}d}{count:09d}"
        return number.zfill(18) if draw < 0.32 else number

    def _amount(self) -> str:
        """Log-normal around 1 500 euros, with cents that make it no flat rate."""
        whole = min(max(int(self.random.lognormvariate(7.3, 1.2)), 12), 9_999_999)
        return f"{whole}.{self.random.randint(1, 99):02d}"

    def _identity(self, rank: int, regime: Regime) -> tuple[str, str, str]:
        """Name, legal category, NAF."""
        random = self.random
        if rank % 100 == 61:
            town = self._town().name
            return (words.LONG_NAME + f"{town} et environs").ljust(LONGEST_NAME, "s")[:LONGEST_NAME], "5710", "94.99Z"
        if rank % 100 == 62:
            return words.AWKWARD_NAMES[rank // 100 % len(words.AWKWARD_NAMES)], "5499", "82.99Z"
        if regime is Regime.LIBERAL:
            return self._person(), "1000", random.choice(words.FREE_LIBERAL)[1]
        if regime is Regime.REGULATED_LIBERAL:
            return self._person(), "1000", random.choice(words.REGULATED_LIBERAL)[1]
        trade, naf = random.choice(words.SHOPS_AND_WORKSHOPS)
        if regime is Regime.CRAFT_TRADE:
            return self._person(), "1000", naf
        draw = random.random()
        if draw < 0.5:
            return f"{trade} {random.choice(words.PLACES)}", "5499", naf
        surname = random.choice(words.SURNAMES)
        return (f"SARL {trade} {surname}" if draw < 0.75 else f"{trade} {surname} et fils"), "5499", naf

    def _person(self) -> str:
        return f"{self.random.choice(words.FIRST_NAMES)} {self.random.choice(words.SURNAMES)}"

    def _town(self) -> _Town:
        return self.random.choice(self.towns)

    def _email(self, name: str, tail: str) -> str:
        """example.org is reserved: nothing sent there reaches anybody."""
        plain = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe").replace("ı", "i"))
        slug = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in plain if c.isprintable()
                                and not unicodedata.combining(c)).split())  # fmt: skip
        return f"{slug[:40] or 'contact'}.{tail}@example.org"

    def _day(self, first_year: int, last_year: int) -> str:
        return (
            date(first_year, 1, 1) + timedelta(days=self.random.randrange((last_year - first_year + 1) * 365))
        ).isoformat()


_REGIME_OF_KIND = {
    "craft": Regime.CRAFT_TRADE,
    "liberal": Regime.LIBERAL,
    "regulated": Regime.REGULATED_LIBERAL,
}


def _kind_of(rank: int) -> str:
    """The kind of the client of that rank: awkward ones come at fixed ranks, so that a small register has them too."""
    if rank == 3:
        return "la poste"
    if rank % 500 == 10:
        return "large"
    place = rank % 100
    for limit, kind in _KINDS:
        # 37 is prime to 100: neighbours in the files are of different kinds.
        if place * 37 % 100 < limit:
            return kind
    raise AssertionError("the limits go up to 100")


# Of 100 clients: upper limits of each kind.
_KINDS = (
    (1, "no siren"),
    (2, "provisional"),
    (7, "majority manager"),
    (11, "mixed"),
    (19, "several"),
    (37, "craft"),
    (48, "liberal"),
    (57, "regulated"),
    (100, "single"),
)


def _last_days(today: date) -> dict[int, list[str]]:
    """For employers who declare on the 5th and on the 15th: the last three due dates, most recent first."""
    found = {}
    for day in (5, 15):
        month = today.replace(day=1)
        if today.day < day:
            month = (month - timedelta(days=1)).replace(day=1)
        days = []
        for _ in range(3):
            days.append(month.replace(day=day).isoformat())
            month = (month - timedelta(days=1)).replace(day=1)
        found[day] = days
    return found


def _first_instalments(today: date) -> dict[tuple[int, int], list[str]]:
    """For each first due date of a year: the last two that are past, most recent first."""
    found = {}
    for month, day in ((1, 5), (1, 20), (2, 5)):
        year = today.year if date(today.year, month, day) <= today else today.year - 1
        found[month, day] = [date(year - back, month, day).isoformat() for back in range(2)]
    return found
