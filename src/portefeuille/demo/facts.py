"""Reading a feed's files for the facts that the register itself does not keep: values stay in memory, briefly."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from portefeuille.identifiers import account_number, amount, nir, siren
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.registry.models import FactKind, Regime
from portefeuille.registry.queries import Subject, verify


@dataclass(frozen=True, slots=True)
class Held:
    """An account of a feed."""

    number: str  # canonical
    regime: Regime
    siren: str
    state: str

    @property
    def subject(self) -> Subject:
        return (
            Subject(self.regime, siren=self.siren) if self.siren else Subject(self.regime, account_number=self.number)
        )


@dataclass(frozen=True, slots=True)
class Known:
    """The most recent fact about an account: ``value`` is «1234.56» or a NIR of 15 characters."""

    kind: FactKind
    due_date: date | None
    value: str


def rows(folder: Path, name: str) -> Iterator[Mapping[str, str]]:
    """The lines of ``name.csv`` or ``name.csv.gz``; none when there is no such file."""
    for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
        if path.is_file():
            with (
                gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw,
                io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="") as text,
            ):
                yield from csv.DictReader(text)
            return


def accounts(folder: Path) -> Iterator[Held]:
    """The accounts of a feed in its order; lines that a load refuses are left out."""
    for row in rows(folder, "comptes"):
        try:
            yield Held(
                account_number.parse(row["numero_compte"]),
                Regime(row["regime"].strip()),
                siren.parse(row["siren"]) if (row["siren"] or "").strip() else "",
                (row["etat"] or "").strip(),
            )
        except (Malformed, ValueError, KeyError, AttributeError):
            continue


def latest(folder: Path, numbers: Callable[[str], bool]) -> dict[str, Known]:
    """The most recent fact of each account whose number ``numbers`` accepts, zero and flat rates not excepted."""
    found: dict[str, Known] = {}
    for row in rows(folder, "justificatifs"):
        try:
            number = account_number.parse(row["numero_compte"])
            if not numbers(number):
                continue
            kind = FactKind(row["nature"].strip())
            due = (row["echeance"] or "").strip()
            if kind is FactKind.NIR:
                fact = Known(kind, None, nir.parse(row["valeur"]))
            else:
                fact = Known(kind, date.fromisoformat(due), f"{amount.parse(row['valeur']):.2f}")
        except (Malformed, ValueError, KeyError, AttributeError):
            continue
        known = found.get(number)
        if known is None or (fact.due_date is not None and (known.due_date is None or fact.due_date > known.due_date)):
            found[number] = fact
    return found


def proves(account: Held, known: Known) -> bool:
    """Whether the register takes it for a proof: a guessable amount does not, nor does a line that was refused."""
    return verify(account.subject, account_number=account.number, fact=known.value).right
