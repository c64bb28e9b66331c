"""What the terminal says once the demonstration runs, in French: where to go, who to be, whom to add."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from portefeuille.demo.examples import Example
from portefeuille.demo.people import Person
from portefeuille.identifiers import account_number, amount, siren
from portefeuille.registry.models import FactKind

RULE = "─" * 78
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def page(
    *,
    address: str,
    people: Sequence[Person],
    passwords: Mapping[str, str],
    cases: Iterable[tuple[str, Sequence[Example]]],
    client: tuple[str, str] | None,
) -> str:
    """The whole text, lines under 100 columns."""
    lines = ["", RULE, f"  Ouvrir  {address}", RULE, "", "SE CONNECTER"]
    firm = ""
    for person in people:
        if person.firm != firm:
            firm = person.firm
            lines += ["", f"  {firm}"]
        lines += [
            f"    {person.name}, {person.rights}",
            f"      Identifiant   {person.email}",
            f"      Mot de passe  {passwords[person.email]}",
        ]
    if client:
        name, number = client
        lines += [
            "",
            f"OUVRIR UN ESPACE CLIENT  {address}/espace-client/",
            "",
            f"    {name}, client du premier cabinet",
            f"      Siren    {siren.show(number)}",
            "      Adresse  n'importe laquelle : le lien et le code arrivent dans /courriels/",
        ]
    lines += ["", "CLIENTS À AJOUTER («+ Ajouter un compte»)"]
    for title, examples in cases:
        lines += ["", f"  {title}"]
        if not examples:
            lines += ["    Aucun compte du registre ne convient pour ce cas."]
        for example in examples:
            lines += _example(example)
    lines += ["", RULE]
    return "\n".join(lines)


def _example(example: Example) -> list[str]:
    number = account_number.show(example.account_number)
    facts = [("Siren", siren.show(example.siren))] if example.siren else []
    known = example.known
    if known.kind is FactKind.NIR:
        facts += [("Numéro de sécurité sociale", known.value)]
    elif known.due_date is not None:
        facts += [(f"Montant à payer à l'échéance du {_day(known.due_date)}", amount.show(Decimal(known.value)))]
    facts += [("Numéro de compte", number)]
    width = max(len(label) for label, _ in facts)
    return [
        f"    {example.name}, {example.regime.label}",
        *(f"      {label.ljust(width)}  {value}" for label, value in facts),
    ]


def _day(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"
