"""The five files, column by column: what a cell must be, and where it goes in the register.

The same is written for the body's data teams in docs/feeds/*.json; a test holds the two together. Reasons of refusal
are French sentences that never repeat the cell.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from portefeuille.identifiers import account_number, nir, siren, siret
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.registry.models import AccountState, FactKind, Regime

MISSING = "La cellule est vide : la valeur est obligatoire."
NOT_EMPTY = "La cellule doit être vide."

_AMOUNT = re.compile(r"([0-9]{1,10})\.([0-9]{2})", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EMAIL = re.compile(r"[!-+\--;=?A-~]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+", re.ASCII)


class CellRefused(ValueError):
    """A cell that breaks its schema; ``str()`` is the reason, ``column`` its column."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True, slots=True)
class Column:
    """``parse`` turns a cell that is not empty into its value or raises ``Malformed``; ``blank`` stands for none."""

    name: str
    parse: Callable[[str], Any]
    required: bool = False
    blank: Any = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A file. ``row`` joins the values of a line into those of ``fields``, and refuses what does not go together.

    ``fields`` are columns of ``table``, ``key`` those of them that tell one row from another (by the names that the
    file uses: ``key_columns``, for the refusal of repeats). ``siren`` tells which field holds the Siren, "" if none.
    """

    name: str
    columns: tuple[Column, ...]
    table: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    key_column: str
    row: Callable[[list[Any]], tuple[Any, ...]]


def text(longest: int) -> Callable[[str], str]:
    """Any text up to ``longest`` characters, put in Unicode's composed form. A formula in a name is only text."""
    reason = f"Le texte est trop long : {longest} caractères au plus."

    def parse(cell: str) -> str:
        if not cell.isascii():
            cell = unicodedata.normalize("NFC", cell)
        if len(cell) > longest:
            raise Malformed(reason)
        return cell

    return parse


def pattern(expression: str, reason: str) -> Callable[[str], str]:
    """Text of which the whole matches."""
    compiled = re.compile(expression, re.ASCII)

    @lru_cache(maxsize=4096)  # codes and postcodes: the same few, millions of times
    def parse(cell: str) -> str:
        if not compiled.fullmatch(cell):
            raise Malformed(reason)
        return cell

    return parse


def one_of(values: Iterable[str]) -> Callable[[str], str]:
    """One of a closed set."""
    allowed = frozenset(values)
    reason = f"Valeur inconnue : {', '.join(values)}."

    @lru_cache(maxsize=64)
    def parse(cell: str) -> str:
        if cell not in allowed:
            raise Malformed(reason)
        return cell

    return parse


@lru_cache(maxsize=4096)
def day(cell: str) -> date:
    """A day as 2026-10-15."""
    if _DAY.fullmatch(cell):
        try:
            return date.fromisoformat(cell)
        except ValueError:
            pass
    raise Malformed("La date n'existe pas ou n'est pas écrite AAAA-MM-JJ.")


def email(cell: str) -> str:
    if len(cell) > 254 or not _EMAIL.fullmatch(cell) or ".." in cell:
        raise Malformed("L'adresse de courriel n'est pas valable.")
    return cell


def amount(cell: str) -> str:
    """Canonical text («1234.56»), never a number that would round."""
    found = _AMOUNT.fullmatch(cell)
    if found is None:
        raise Malformed("Le montant n'est pas écrit avec un point et deux décimales, sans signe ni espace.")
    return f"{int(found[1])}.{found[2]}"


def flag(cell: str) -> bool:
    if cell not in ("0", "1"):
        raise Malformed("Valeur inconnue : 1 ou 0.")
    return cell == "1"


def _strict(parse: Callable[[str], str]) -> Callable[[str], str]:
    """``parse`` without its tolerance of what people paste: files hold ASCII letters and digits only."""

    @lru_cache(maxsize=16384)
    def strict(cell: str) -> str:
        if not (cell.isascii() and cell.isalnum()):
            raise Malformed("Seuls des chiffres et des lettres sans espaces sont admis.")
        return parse(cell)

    return strict


def _any_siret(cell: str) -> str:
    return siret.parse(cell)


def number_as_written(cell: str) -> str:
    """The account number as the file writes it: its canonical form is worked out by the row."""
    if not (cell.isascii() and cell.isdigit()) or len(cell) > account_number.LONGEST:
        raise Malformed("Le numéro de compte a 18 chiffres au plus, sans espaces ni lettres.")
    if not cell.strip("0"):
        raise Malformed(account_number.ZEROS)
    return cell


any_siren = _strict(siren.parse)
any_siret = _strict(_any_siret)
_naf = pattern(r"[0-9]{2}\.?[0-9]{2}[A-Z]", "Le code NAF a 4 chiffres et une lettre.")
_town = lru_cache(maxsize=4096)(text(120))
_postcode = pattern(r"[0-9A-Za-z -]{1,10}", "Le code postal a 10 chiffres ou lettres au plus.")


def _as_it_is(values: list[Any]) -> tuple[Any, ...]:
    return tuple(values)


def _establishment(values: list[Any]) -> tuple[Any, ...]:
    of_place, of_company = values[0], values[1]
    if not siret.is_provisional(of_place) and not of_place.startswith(of_company):
        raise CellRefused("siret", "Le Siret ne commence pas par le Siren de la ligne.")
    return tuple(values)


def _account(values: list[Any]) -> tuple[Any, ...]:
    shown, regime, organisation, of_company, of_place, *others = values
    if regime == Regime.MAJORITY_MANAGER:
        if of_company:
            raise CellRefused("siren", f"{NOT_EMPTY[:-1]} pour un gérant majoritaire sans Siret.")
        if of_place:
            raise CellRefused("siret", f"{NOT_EMPTY[:-1]} pour un gérant majoritaire sans Siret.")
    elif of_place and not siret.is_provisional(of_place):
        if not of_company:
            raise CellRefused("siren", "Le Siren est obligatoire avec un Siret définitif.")
        if not of_place.startswith(of_company):
            raise CellRefused("siret", "Le Siret ne commence pas par le Siren de la ligne.")
    return (shown.lstrip("0"), shown, regime, organisation, of_company, of_place, *others)


def fact(values: list[Any]) -> tuple[str, str, date | None, str]:
    """Canonical account number, kind, due date, canonical value of a line of justificatifs.csv."""
    shown, kind, due_date, value = values
    if kind == FactKind.NIR:
        if due_date is not None:
            raise CellRefused("echeance", f"{NOT_EMPTY[:-1]} pour un NIR.")
        if len(value) != nir.LENGTH or not (value.isascii() and value.isalnum()):
            raise CellRefused("valeur", "Le NIR a 15 caractères, clé comprise.")
        try:
            return shown.lstrip("0"), kind, None, nir.parse(value)
        except Malformed as error:
            raise CellRefused("valeur", str(error)) from None
    if due_date is None:
        raise CellRefused("echeance", MISSING)
    try:
        return shown.lstrip("0"), kind, due_date, amount(value)
    except Malformed as error:
        raise CellRefused("valeur", str(error)) from None


FLAT_RATES = Feed(
    name="forfaits",
    columns=(Column("montant", amount, required=True), Column("libelle", text(120))),
    table="registry_flatrateamount",
    fields=("amount", "label"),
    key=("amount",),
    key_column="montant",
    row=_as_it_is,
)

COMPANIES = Feed(
    name="entreprises",
    columns=(
        Column("siren", any_siren, required=True),
        Column("denomination", text(250), required=True),
        Column("categorie_juridique", pattern("[0-9]{4}", "La catégorie juridique a 4 chiffres.")),
        Column("naf", _naf),
        Column("date_creation", day, blank=None),
        Column("date_cessation", day, blank=None),
        Column("courriel", email),
    ),
    table="registry_company",
    fields=("siren", "name", "legal_category", "naf", "created_on", "ceased_on", "email"),
    key=("siren",),
    key_column="siren",
    row=_as_it_is,
)

ESTABLISHMENTS = Feed(
    name="etablissements",
    columns=(
        Column("siret", any_siret, required=True),
        Column("siren", any_siren, required=True),
        Column("enseigne", text(250)),
        Column("adresse", text(250)),
        Column("code_postal", _postcode),
        Column("commune", _town),
        Column("naf", _naf),
        Column("siege", flag, required=True),
        Column("date_ouverture", day, blank=None),
        Column("date_fermeture", day, blank=None),
    ),
    table="registry_establishment",
    fields=(
        "siret",
        "siren",
        "sign",
        "address",
        "postcode",
        "town",
        "naf",
        "is_head_office",
        "opened_on",
        "closed_on",
    ),
    key=("siret",),
    key_column="siret",
    row=_establishment,
)

ACCOUNTS = Feed(
    name="comptes",
    columns=(
        Column("numero_compte", number_as_written, required=True),
        Column("regime", one_of(Regime.values), required=True),
        Column("organisme", pattern("[0-9]{3}", "Le code de l'organisme a 3 chiffres."), required=True),
        Column("siren", any_siren),
        Column("siret", any_siret),
        Column("titulaire", text(250), required=True),
        Column("code_postal", _postcode),
        Column("commune", _town),
        Column("etat", one_of(AccountState.values), required=True),
        Column("date_etat", day, blank=None),
        Column("courriel", email),
    ),
    table="registry_account",
    fields=(
        "number",
        "shown_number",
        "regime",
        "organisation",
        "siren",
        "siret",
        "holder",
        "postcode",
        "town",
        "state",
        "state_since",
        "email",
    ),
    key=("number",),
    key_column="numero_compte",
    row=_account,
)

# ``table`` is where the digests go; how they go there is loading_facts.py's.
FACTS = Feed(
    name="justificatifs",
    columns=(
        Column("numero_compte", number_as_written, required=True),
        Column("nature", one_of(FactKind.values), required=True),
        Column("echeance", day, blank=None),
        Column("valeur", str, required=True),
    ),
    table="registry_prooffact",
    fields=("number", "kind", "due_date", "digest", "key_id"),
    key=("number", "kind", "due_date"),
    key_column="numero_compte",
    row=fact,
)

# In the order in which they are loaded: what is published, then who there is, then the accounts, then their facts.
FEEDS = (FLAT_RATES, COMPANIES, ESTABLISHMENTS, ACCOUNTS, FACTS)
