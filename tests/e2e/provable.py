"""More clients to add than the demonstration prints, read from the files of its register."""

import csv
from decimal import Decimal
from pathlib import Path

from portefeuille.identifiers import account_number, amount, siren
from portefeuille.registry.models import Regime
from tests.e2e.demonstration import Demonstration, Shown
from tests.e2e.enrolled import clients_of_firms


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Provable:
    """Active accounts alone under their Siren, which no firm has. Each is given once: tests cannot meet."""

    def __init__(self, demo: Demonstration) -> None:
        folder = demo.folder / "registry"
        taken = {account_number.parse(shown.number) for examples in demo.cases.values() for shown in examples}
        enrolled = clients_of_firms(demo)
        flat = {amount.parse(row["montant"]) for row in _rows(folder, "forfaits")} | {Decimal(0)}
        names = {row["siren"]: row["denomination"] for row in _rows(folder, "entreprises")}
        facts: dict[str, list[tuple[str, str]]] = {}
        for row in _rows(folder, "justificatifs"):
            facts.setdefault(row["numero_compte"], []).append((row["echeance"], row["valeur"]))
        holders: dict[str, list[dict[str, str]]] = {}
        for row in _rows(folder, "comptes"):
            holders.setdefault(row["siren"] or row["numero_compte"], []).append(row)
        self._reached = demo.addresses_of_record
        self._left: dict[Regime, list[Shown]] = {regime: [] for regime in Regime}
        for held in holders.values():
            row, regime = held[0], Regime(held[0]["regime"])
            fact = max(facts.get(row["numero_compte"], []), default=("", ""))[1]
            number = account_number.parse(row["numero_compte"])
            by_nir = regime in (Regime.CRAFT_TRADE, Regime.LIBERAL)
            if len(held) > 1 or row["etat"] != "actif" or number in taken or {row["siren"], number} & enrolled:
                continue
            if not row["siren"] and regime is not Regime.MAJORITY_MANAGER:
                continue
            if not fact or (not by_nir and amount.parse(fact) in flat):
                continue
            self._left[regime].append(
                Shown(
                    name=names.get(row["siren"]) or row["titulaire"],
                    regime=str(regime.label),
                    number=account_number.show(number),
                    fact=fact if by_nir else amount.show(amount.parse(fact)),
                    siren=siren.show(row["siren"]) if row["siren"] else "",
                )
            )

    def one(self, regime: Regime, *, reached: bool = False) -> Shown:
        """A client of a regime that nobody was given yet. ``reached``: by e-mail, at the address of record."""
        left = self._left[regime]
        return left.pop(next(n for n in range(-1, -len(left), -1) if not reached or self._reached(left[n].siren)))
