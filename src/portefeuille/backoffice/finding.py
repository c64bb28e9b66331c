"""Finding any account, firm or person from what somebody reads out on the telephone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection

from portefeuille.enrolments.folding import fold
from portefeuille.identifiers import account_number, designation, nir
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.registry import queries as registry
from portefeuille.registry.models import AccountState, Regime

#: How many of each sort are shown: beyond, the agent asks for more precise words.
MOST = 20
LONGEST = 100
#: An index of trigrams finds nothing shorter.
SHORTEST_WORD = 3

EMPTY = "Saisissez un Siren, un Siret, un numéro de compte, une adresse électronique ou une partie d'un nom."
TOO_SHORT = "Saisissez au moins trois lettres qui se suivent."
A_NIR = "Un numéro de sécurité sociale ne se cherche pas ici : l'espace ne le garde pas. Demandez le Siren ou le nom."


class Kind(StrEnum):
    """What was typed, as the trail keeps it; never the words themselves."""

    SIREN = "siren"
    SIRET = "siret"
    ACCOUNT_NUMBER = "account_number"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Sought:
    """``value`` is canonical: digits, an address in lower case, or folded words."""

    kind: Kind
    value: str


def parse(text: str) -> Sought:
    """What ``text`` says; raises Malformed for what cannot be sought, a NIR first of all.

    One account number in a hundred has the form of a NIR and its key: it is one when some account bears it.
    """
    typed = " ".join(text.replace("\x00", " ").split())[: LONGEST + 1]
    if not typed:
        raise Malformed(EMPTY)
    if "@" in typed:
        return Sought(Kind.EMAIL, typed.lower()[:254])
    if re.fullmatch(r"[0-9\s.\-]+", typed, re.ASCII) and len(re.sub(r"[^0-9]", "", typed)) > 6:
        return _number(typed)
    if _is_a_nir(typed):
        raise Malformed(A_NIR)
    try:
        found = designation.parse(typed)
    except Malformed:
        pass
    else:
        if found.kind is designation.Kind.PROVISIONAL_SIRET:
            return Sought(Kind.SIRET, found.value)
    words = words_of(typed)
    if not any(len(word) >= SHORTEST_WORD for word in words):
        raise Malformed(TOO_SHORT)
    return Sought(Kind.NAME, " ".join(words))


def _number(typed: str) -> Sought:
    if _is_a_nir(typed) and not registry.is_account_number(account_number.parse(typed)):
        raise Malformed(A_NIR)
    found = designation.parse(typed)
    kinds = {
        designation.Kind.SIREN: Kind.SIREN,
        designation.Kind.SIRET: Kind.SIRET,
        designation.Kind.PROVISIONAL_SIRET: Kind.SIRET,
        designation.Kind.ACCOUNT_NUMBER: Kind.ACCOUNT_NUMBER,
    }
    return Sought(kinds[found.kind], found.value)


def _is_a_nir(typed: str) -> bool:
    """Whether it is a NIR with its right key, or one without: 13 digits are no other identifier in use."""
    try:
        nir.parse(typed)
    except Malformed:
        return False
    return True


def words_of(text: str) -> list[str]:
    return list(dict.fromkeys(fold(text.replace("\x00", " ")[:LONGEST]).split()))


def conditions(column: str, words: Sequence[str]) -> tuple[list[str], list[str]]:
    """SQL that finds all ``words`` in a folded name, by its index of trigrams; nothing when there is no word."""
    if not words:
        return ["false"], []
    return [f"folded({column}) LIKE %s"] * len(words), [f"%{word}%" for word in words]


@dataclass(frozen=True, slots=True)
class FoundAccount:
    id: int
    name: str
    regime: str
    number: str
    siren: str
    town: str
    state: AccountState


@dataclass(frozen=True, slots=True)
class FoundFirm:
    uid: UUID
    name: str
    siren: str
    state: str


@dataclass(frozen=True, slots=True)
class FoundPerson:
    uid: UUID
    name: str
    email: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Found:
    """``MOST`` of each sort; ``more`` tells whether there are others."""

    accounts: list[FoundAccount]
    firms: list[FoundFirm]
    people: list[FoundPerson]
    more: bool

    @property
    def hits(self) -> int:
        return len(self.accounts) + len(self.firms) + len(self.people)


def find(sought: Sought) -> Found:
    """Everything that answers to ``sought``: three queries whatever was typed."""
    accounts = _accounts(sought)
    firms = _firms(sought)
    people = _people(sought)
    more = max(len(accounts), len(firms), len(people)) > MOST
    return Found(accounts[:MOST], firms[:MOST], people[:MOST], more)


# The companies of a country are looked through in three steps, of which each spares the next where it finds enough:
# - one company in 64, as a digest of its Siren has it, is in an index of its own: a word that more than ``MOST`` of
#   those hold is held by a thousand or more, of which these are as good as any;
# - the index of whole words sorts out several common ones («anais bonnet») for a tenth of what the trigrams cost;
# - the index of trigrams finds any part of any word, fast where it is rare.
# INSEE's stock brings many companies without an account, which are passed over one by one: a subquery with LIMIT is
# never made a join with all accounts. At most ``_SORTED`` are compared to show the first by name; the limit stands
# outside, or PostgreSQL would rather read the table until it has found as many.
_SORTED = 500
_WHOLE_WORDS = "array_to_tsvector(string_to_array(folded(name), ' '))"
_HELD = "(SELECT true FROM registry_account a WHERE a.siren = registry_company.siren LIMIT 1)"
_NAMES = f"""
WITH sample AS MATERIALIZED (
    SELECT siren, name FROM registry_company
    WHERE left(md5(siren), 2) IN ('40', '41', '42', '43') AND {{companies}} AND {_HELD} LIMIT {MOST + 1}
), counted AS MATERIALIZED (
    SELECT count(*) > {MOST} AS is_common FROM sample
), whole AS MATERIALIZED (
    SELECT siren, name FROM registry_company
    WHERE NOT (SELECT is_common FROM counted) AND {_WHOLE_WORDS} @@ %s::tsquery AND {_HELD}
), found AS MATERIALIZED (
    SELECT is_common OR (SELECT count(*) > {MOST} FROM (SELECT FROM whole LIMIT {MOST + 1}) whole) AS is_enough
    FROM counted
), every AS MATERIALIZED (
    SELECT siren, name FROM registry_company
    WHERE NOT (SELECT is_enough FROM found) AND {{companies}} AND {_HELD}
), few AS MATERIALIZED (
    SELECT siren, name FROM sample WHERE (SELECT is_common FROM counted)
    UNION ALL (SELECT siren, name FROM whole WHERE (SELECT is_enough FROM found) LIMIT {_SORTED})
    UNION ALL (SELECT siren, name FROM every LIMIT {_SORTED})
), company AS MATERIALIZED (
    SELECT siren FROM few ORDER BY name, siren LIMIT {MOST + 1}
), held AS MATERIALIZED (
    SELECT id, holder FROM registry_account WHERE siren = '' AND {{holders}}
), holder AS MATERIALIZED (
    SELECT id FROM (SELECT id, holder FROM held LIMIT {_SORTED}) held ORDER BY holder, id LIMIT {MOST + 1}
)
"""


def _accounts(sought: Sought) -> list[FoundAccount]:
    values: list[str]
    before = ""
    match sought.kind:
        case Kind.SIREN:
            where, values = "a.siren = %s", [sought.value]
        case Kind.SIRET:
            siren = sought.value[:9] if sought.value.isdigit() else "-"
            where, values = "(a.siret = %s OR a.siren = %s)", [sought.value, siren]
        case Kind.ACCOUNT_NUMBER:
            where, values = "a.number = %s", [sought.value]
        case Kind.NAME:
            words = sought.value.split()
            companies, company_words = conditions("name", words)
            holders, holder_words = conditions("holder", words)
            before = _NAMES.format(companies=" AND ".join(companies), holders=" AND ".join(holders))
            where = (
                "a.id IN (SELECT b.id FROM company c JOIN registry_account b ON b.siren = c.siren"
                " UNION ALL SELECT id FROM holder)"
            )
            whole = " & ".join(f"'{word}'" for word in words)  # letters and digits, no more
            values = [*company_words, whole, *company_words, *holder_words]
        case Kind.EMAIL:
            where, values = "false", []
    with connection.cursor() as cursor:
        cursor.execute(
            f"{before}SELECT a.id, coalesce(c.name, a.holder), a.regime, a.number, a.siren, a.town, a.state"
            " FROM registry_account a LEFT JOIN registry_company c ON c.siren = a.siren AND a.siren <> ''"
            f" WHERE {where} ORDER BY 2, a.regime, a.id LIMIT {MOST + 1}",
            values,
        )
        return [
            FoundAccount(id, name, str(Regime(regime).label), number, siren, town, AccountState(state))
            for id, name, regime, number, siren, town, state in cursor
        ]


def _firms(sought: Sought) -> list[FoundFirm]:
    values: list[str]
    match sought.kind:
        case Kind.SIREN | Kind.SIRET:
            where, values = "siren = %s AND siren <> ''", [sought.value[:9]]
        case Kind.NAME:
            clauses, values = conditions("name", sought.value.split())
            where = " AND ".join(clauses)
        case _:
            where, values = "false", []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT uid, name, siren, state FROM firms_firm WHERE {where} ORDER BY name, id LIMIT {MOST + 1}", values
        )
        return [FoundFirm(*row) for row in cursor]


def _people(sought: Sought) -> list[FoundPerson]:
    """By address or name; by a Siren or an account number, those who hold that client's space."""
    values: list[str]
    holds = (
        "EXISTS (SELECT FROM contributors_spaceholder h JOIN contributors_clientspace s ON s.id = h.space_id"
        " WHERE h.user_id = u.id AND {})"
    )
    match sought.kind:
        case Kind.EMAIL:
            where, values = "lower(u.email) = %s", [sought.value]
        case Kind.NAME:
            clauses, values = conditions("u.full_name", sought.value.split())
            where = " AND ".join(clauses)
        case Kind.SIREN | Kind.SIRET:
            where, values = holds.format("s.siren = %s AND s.siren <> ''"), [sought.value[:9]]
        case Kind.ACCOUNT_NUMBER:
            where, values = holds.format("s.account_number = %s"), [sought.value]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.uid, coalesce(nullif(u.full_name, ''), u.email), u.email, u.is_active FROM people_user u"
            f" WHERE {where} ORDER BY 2, u.id LIMIT {MOST + 1}",
            values,
        )
        return [FoundPerson(*row) for row in cursor]
