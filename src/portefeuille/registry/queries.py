"""The port: all that the rest of the program may ask of the register. Reads only, set-based.

What may be shown to whom is the caller's to say: before the proof, of a ``Line`` only what the public Sirene register
shows (R2), and of a bare account number nothing at all.
"""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Length

from portefeuille.arrays import array
from portefeuille.identifiers import siret as sirets_of_france
from portefeuille.registry import digests
from portefeuille.registry.models import Account, AccountState, Company, FactKind, Regime

KIND_OF_REGIME: Mapping[Regime, FactKind] = {
    Regime.GENERAL: FactKind.DECLARED_AMOUNT,
    Regime.CRAFT_TRADE: FactKind.NIR,
    Regime.LIBERAL: FactKind.NIR,
    Regime.REGULATED_LIBERAL: FactKind.FIRST_INSTALMENT,
    Regime.MAJORITY_MANAGER: FactKind.FIRST_INSTALMENT,
}

_ORDER_OF_REGIMES = {regime: rank for rank, regime in enumerate(Regime)}
# What is digested in place of the due date of an account that is not found: a message of the same length.
_SOME_DATE = date(2000, 1, 15)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a firm subscribes to: the accounts of one regime of one Siren, or one account number without a Siren.

    One of ``siren`` and ``account_number`` is "" and the other is canonical; anything else is a mistake of ours.
    """

    regime: Regime
    siren: str = ""
    account_number: str = ""

    def __post_init__(self) -> None:
        if bool(self.siren) == bool(self.account_number):
            raise ValueError("a subject is a Siren or an account number")
        # A column of the database gives plain text.
        object.__setattr__(self, "regime", Regime(self.regime))


@dataclass(frozen=True, slots=True)
class Line:
    """What the list and «Comptes à inscrire» show of a subject.

    ``siret``, ``town`` and ``postcode`` are the head office's, or else those of the first account. ``state`` is active
    if any account is, else suspended if any is, else struck off. ``sirets``, ``account_numbers`` and ``signs`` are
    those of the subject's accounts, the head office first, without repeats.
    """

    subject: Subject
    name: str
    siret: str
    town: str
    postcode: str
    state: AccountState
    accounts: int
    sirets: tuple[str, ...]
    account_numbers: tuple[str, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask as a proof. ``due_dates``: distinct, most recent first; none for a NIR.

    ``possible`` is False when no stored fact qualifies (R3): then only a letter opens the account.
    """

    kind: FactKind
    due_dates: tuple[date, ...]
    possible: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check. Only ``right`` may ever be told to who asked (R4).

    ``account_key`` is what to count attempts on that account under; it is None, and ``account_id`` too, when the
    number given is not one of the subject's: nobody may lock an account without knowing its number.
    """

    right: bool
    account_key: bytes | None
    email: str
    account_id: int | None
    subject: Subject
    held: "Sequence[tuple[Any, ...]]" = field(repr=False, compare=False)

    def line(self) -> "Line":
        """The subject's, of the statement that checked it.

        To be asked for once the budgets have admitted a right proof, not before: the time it takes would tell whoever
        is locked that the facts were right.
        """
        return _line(self.subject, [_Held._make(row[:_FACT]) for row in self.held])


def has_accounts() -> bool:
    """Whether the register holds any account at all."""
    return Account.objects.exists()


def company_name(siren: str) -> str | None:
    """The name in the register, or None."""
    return Company.objects.filter(siren=siren).values_list("name", flat=True).first()


def lines_of_siren(siren: str) -> list[Line]:
    """One for each regime that exists under the Siren, in the order of ``Regime``; [] for an unknown Siren."""
    if not siren:
        return []
    found = _lines(sirens={siren}, account_numbers=set())
    return sorted(found.values(), key=lambda line: _ORDER_OF_REGIMES[line.subject.regime])


def lines_of_sirens(sirens: Iterable[str]) -> dict[str, list[Line]]:
    """``lines_of_siren`` for each Siren that has accounts: one query, however many."""
    wanted = {siren for siren in sirens if siren}
    if not wanted:
        return {}
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for line in _lines(sirens=wanted, account_numbers=set()).values():
        found[line.subject.siren].append(line)
    return {
        siren: sorted(lines, key=lambda line: _ORDER_OF_REGIMES[line.subject.regime]) for siren, lines in found.items()
    }


def line(subject: Subject) -> Line | None:
    """The line of one subject, None when the register has no account of it."""
    return lines([subject]).get(subject)


def lines(subjects: Iterable[Subject]) -> dict[Subject, Line]:
    """The lines of those subjects that the register knows: one query, however many subjects."""
    wanted = set(subjects)
    if not wanted:
        return {}
    found = _lines(
        sirens={subject.siren for subject in wanted if subject.siren},
        account_numbers={subject.account_number for subject in wanted if subject.account_number},
    )
    return {subject: found[subject] for subject in wanted if subject in found}


def siren_of(typed_siret: str) -> str:
    """The Siren of a Siret: its first 9 digits, or for a provisional one its account's Siren ("" when none is known).

    Raises ``identifiers.cleaning.Malformed`` for what is no Siret.
    """
    siret = sirets_of_france.parse(typed_siret)
    if not sirets_of_france.is_provisional(siret):
        return siret[:9]
    found = Account.objects.filter(siret=siret).exclude(siren="").order_by("pk").values_list("siren", flat=True)
    return found.first() or ""


def account_of_provisional(siret: str) -> str:
    """The canonical number of the account without Siren that has this provisional Siret; "" when there is none."""
    canonical = sirets_of_france.parse(siret)
    if not sirets_of_france.is_provisional(canonical):
        return ""
    found = Account.objects.filter(siret=canonical, siren="").order_by("pk").values_list("number", flat=True)
    return found.first() or ""


def is_account_number(number: str) -> bool:
    """Whether some account bears this canonical number."""
    return Account.objects.filter(number=number).exists()


def subject_of_account(account_number: str) -> Subject:
    """The subject that a bare account number stands for, known or not.

    An account without Siren keeps its own regime when it is proved like a gérant majoritaire (a practitioner with a
    provisional Siret is); everything else is answered as a gérant majoritaire, so that who asks learns nothing.
    """
    alike = [regime.value for regime, kind in KIND_OF_REGIME.items() if kind is FactKind.FIRST_INSTALMENT]
    with connection.cursor() as cursor:  # one row in either case: what is read must not tell whether there is one
        cursor.execute(
            "SELECT coalesce((SELECT regime FROM registry_account WHERE number = %s AND siren = ''"
            " AND regime = ANY(%s)), %s)",
            [account_number, alike, Regime.MAJORITY_MANAGER.value],
        )
        (regime,) = cursor.fetchone() or (Regime.MAJORITY_MANAGER.value,)
    return Subject(Regime(regime), account_number=account_number)


def subjects_of_accounts(account_numbers: Iterable[str]) -> dict[str, Subject]:
    """``subject_of_account`` for each number, known or not: one query, however many."""
    numbers = set(account_numbers)
    if not numbers:
        return {}
    alike = [regime for regime, kind in KIND_OF_REGIME.items() if kind is FactKind.FIRST_INSTALMENT]
    regimes = dict(
        Account.objects.filter(number__in=numbers, siren="", regime__in=alike)
        .order_by("-pk")
        .values_list("number", "regime")
    )
    return {
        number: Subject(Regime(regimes.get(number, Regime.MAJORITY_MANAGER)), account_number=number)
        for number in numbers
    }


def provable(subjects: Iterable[Subject]) -> set[Subject]:
    """Those of some subjects with a Siren about which ``question`` is possible: one query, however many."""
    wanted = list(subjects)
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT place FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY
                AS w (siren, regime, kind, place)
            WHERE siren <> '' AND EXISTS (
                SELECT FROM registry_account account
                JOIN registry_prooffact fact ON fact.account_id = account.id AND fact.kind = w.kind
                WHERE account.siren = w.siren AND account.regime = w.regime
            )
            """,
            [
                array(subject.siren for subject in wanted),
                array(subject.regime for subject in wanted),
                array(KIND_OF_REGIME[subject.regime] for subject in wanted),
            ],
        )
        return {wanted[place - 1] for (place,) in cursor.fetchall()}


def question(subject: Subject) -> Question:
    """What can be asked about the accounts of a Siren under a regime: one query.

    The fact of an account that is asked about is its most recent one (guessable ones are never stored). Never call it
    for a bare account number: the answer would tell that the account exists.
    """
    if not subject.siren:
        raise ValueError("what can be asked about a bare account number is not to be told")
    kind = KIND_OF_REGIME[subject.regime]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT max(fact.due_date) AS due_date
            FROM registry_account account
            JOIN registry_prooffact fact ON fact.account_id = account.id AND fact.kind = %s
            WHERE account.siren = %s AND account.regime = %s
            GROUP BY account.id
            ORDER BY due_date DESC
            """,
            [kind.value, subject.siren, subject.regime.value],
        )
        found = [row[0] for row in cursor.fetchall()]
    return Question(kind=kind, due_dates=tuple(day for day in found if day is not None), possible=bool(found))


def verify(subject: Subject, *, account_number: str, fact: str) -> Verdict:
    """Whether the account number is one of the subject's and the fact is that account's most recent one.

    ``account_number`` and ``fact`` are canonical: «1234.56», or a NIR of 15 characters. On every path: exactly one
    SQL query, one HMAC for each configured key, one constant-time comparison for each.
    """
    kind = KIND_OF_REGIME[subject.regime]
    with connection.cursor() as cursor:
        if subject.siren:
            cursor.execute(_CHECK_SIREN, [kind.value, subject.siren, subject.regime.value])
        else:
            cursor.execute(_CHECK_NUMBER, [kind.value, subject.account_number])
        rows = cursor.fetchall()
    if not subject.siren:  # the account that was asked for, or the next one
        wanted = (subject.account_number, subject.regime, "")
        rows = [row for row in rows if row[:3] == wanted]
    return _judged(subject, account_number, fact, rows)


def verify_many(claims: Sequence[tuple[Subject, str, str]]) -> list[Verdict]:
    """What ``verify`` says of each (subject, account number, fact): one query for all."""
    if len(claims) == 1:
        ((subject, account_number, fact),) = claims
        return [verify(subject, account_number=account_number, fact=fact)]
    rows: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            _CHECK_MANY,
            [
                array(KIND_OF_REGIME[subject.regime] for subject, _, _ in claims),
                array(account_number for _, account_number, _ in claims),
                array(subject.siren for subject, _, _ in claims),
                array(subject.account_number for subject, _, _ in claims),
                array(subject.regime for subject, _, _ in claims),
            ],
        )
        for row in cursor.fetchall():
            rows[row[-1]].append(row[:-1])
    return [_judged(*claim, rows[place]) for place, claim in enumerate(claims, 1)]


def _judged(subject: Subject, account_number: str, fact: str, rows: Sequence[tuple[Any, ...]]) -> Verdict:
    """The verdict over what the register holds of a subject (``_PROVED``): the same work whatever that is."""
    kind = KIND_OF_REGIME[subject.regime]
    named = next((row[_FACT:] for row in rows if row[0] == account_number), None)
    account_id, email, stored, key_id, due_date = named or (None, "", None, "", None)
    expected = bytes(stored) if stored is not None else bytes(digests.LENGTH)
    if stored is None and kind is not FactKind.NIR:
        due_date = _SOME_DATE
    right = False
    for candidate in digests.key_ids():
        made = digests.digest(
            account_number=account_number, kind=kind, due_date=due_date, value=fact, key_id=candidate
        )
        right |= hmac.compare_digest(made, expected) & (candidate == key_id) & (stored is not None)
    if account_id is None:
        return Verdict(right=False, account_key=None, email="", account_id=None, subject=subject, held=rows)
    key = account_number.encode()
    return Verdict(right=right, account_key=key, email=email, account_id=account_id, subject=subject, held=rows)


def contact(subject: Subject) -> tuple[str, int | None]:
    """The e-mail address of record (an account's, else the company's, else "") and the account to send a letter to."""
    accounts = list(
        Account.objects.filter(_of(subject), regime=subject.regime)
        .order_by(Length("number"), "number")
        .values_list("pk", "email")
    )
    email = next((email for _, email in accounts if email), "")
    if not email and subject.siren:
        email = Company.objects.filter(siren=subject.siren).values_list("email", flat=True).first() or ""
    return email, accounts[0][0] if accounts else None


def contacts(subjects: Iterable[Subject]) -> dict[Subject, tuple[str, int | None]]:
    """``contact`` of many subjects in one query. One that the register does not know is not there."""
    wanted = set(subjects)
    found: dict[Subject, tuple[str, int | None]] = {}
    if not wanted:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.regime, a.siren, CASE a.siren WHEN '' THEN a.number ELSE '' END, coalesce(nullif(
                       (array_agg(a.email ORDER BY length(a.number), a.number) FILTER (WHERE a.email <> ''))[1], ''),
                   max(c.email), ''), (array_agg(a.id ORDER BY length(a.number), a.number))[1]
            FROM registry_account a LEFT JOIN registry_company c ON c.siren = a.siren AND a.siren <> ''
            WHERE a.siren = ANY(%s::text[]) OR (a.siren = '' AND a.number = ANY(%s::text[]))
            GROUP BY 1, 2, 3
            """,
            [
                array(subject.siren for subject in wanted if subject.siren),
                array(subject.account_number for subject in wanted if subject.account_number),
            ],
        )
        for regime, siren, number, email, account_id in cursor.fetchall():
            found[Subject(Regime(regime), siren, number)] = (email, account_id)
    return {subject: found[subject] for subject in wanted if subject in found}


def _of(subject: Subject) -> Q:
    if subject.siren:
        return Q(siren=subject.siren)
    return Q(siren="", number=subject.account_number)


class _Held(NamedTuple):
    """An account, with its company's name, the sign over its door, and its company's head office ("" or None)."""

    number: str
    regime: str
    siren: str
    siret: str
    holder: str
    postcode: str
    town: str
    state: str
    company: str | None
    sign: str
    office_siret: str | None
    office_postcode: str
    office_town: str


# By hand, since each enrolment asks it: building it through the ORM costs more than running it. An office that moved
# leaves its closed predecessor behind it, sometimes still marked as the head office.
_ACCOUNTS = """
SELECT account.number, account.regime, account.siren, account.siret, account.holder, account.postcode, account.town,
       account.state, company.name, place.sign, office.siret, office.postcode, office.town{more}
FROM registry_account account
LEFT JOIN registry_company company ON company.siren = account.siren
LEFT JOIN registry_establishment place ON place.siret = account.siret AND place.siren = account.siren
LEFT JOIN LATERAL (
    SELECT siret, postcode, town FROM registry_establishment
    WHERE siren = account.siren AND siren <> '' AND is_head_office
    ORDER BY closed_on IS NOT NULL, siret LIMIT 1
) office ON true{join}
WHERE {which}
ORDER BY length(account.number), account.number
"""
_OF_MANY = _ACCOUNTS.format(
    which="account.siren = ANY(%s::text[]) OR (account.siren = '' AND account.number = ANY(%s::text[]))",
    more="",
    join="",
)
# PostgreSQL keeps the plan of these two; that of a list it makes anew each time, at three times the cost of the rest.
_OF_ONE_SIREN = _ACCOUNTS.format(which="account.siren = %s", more="", join="")
_OF_ONE_NUMBER = _ACCOUNTS.format(which="account.siren = '' AND account.number = %s", more="", join="")
# The same with what proves one of the accounts, the one whose number was typed.
_FACT = len(_Held._fields)
_PROVED: dict[str, str] = {
    "more": """,
       account.id, coalesce(nullif(account.email, ''), company.email, ''), fact.digest, fact.key_id, fact.due_date""",
    "join": """
LEFT JOIN LATERAL (
    SELECT digest, key_id, due_date FROM registry_prooffact
    WHERE account_id = account.id AND kind = %s
    ORDER BY due_date DESC NULLS LAST LIMIT 1
) fact ON true""",
}
# The facts of all accounts are read, not of the one whose number was typed: the work must not tell which is right. Nor
# whether a bare number exists: where it does not, the account that comes next is read, and put aside.
_CHECK_SIREN = _ACCOUNTS.format(which="account.siren = %s AND account.regime = %s", **_PROVED)
_CHECK_NUMBER = _ACCOUNTS.format(
    which="""account.id = coalesce(
    (SELECT id FROM registry_account WHERE number >= %s ORDER BY number LIMIT 1),
    (SELECT id FROM registry_account ORDER BY number LIMIT 1))""",
    **_PROVED,
)
# The same for many claims, each by the index of what it names; only the accounts of one claim are its rows.
_CLAIMED = _ACCOUNTS.replace("ORDER BY", "ORDER BY claim.place,").replace(
    "FROM registry_account account",
    """
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY
    AS claim (kind, account_number, siren, number, regime, place)
JOIN LATERAL (
    SELECT * FROM registry_account a WHERE claim.siren <> '' AND a.siren = claim.siren AND a.regime = claim.regime
    UNION ALL
    SELECT * FROM registry_account a
    WHERE claim.siren = '' AND a.number = claim.number AND a.siren = '' AND a.regime = claim.regime
) account ON true""",
)
_CHECK_MANY = _CLAIMED.format(
    which="true",
    more=_PROVED["more"] + ", claim.place",
    join=_PROVED["join"].replace("kind = %s", "kind = claim.kind AND account.number = claim.account_number"),
)


def _lines(*, sirens: set[str], account_numbers: set[str]) -> dict[Subject, Line]:
    """The lines of all subjects under these Sirens and of these account numbers without Siren: one query."""
    accounts: defaultdict[Subject, list[_Held]] = defaultdict(list)
    sql = _OF_MANY
    values: list[Any] = [array(sirens), array(account_numbers)]
    if len(sirens) + len(account_numbers) == 1:
        sql, values = (_OF_ONE_SIREN, [*sirens]) if sirens else (_OF_ONE_NUMBER, [*account_numbers])
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for account in map(_Held._make, cursor.fetchall()):
            number = "" if account.siren else account.number
            accounts[Subject(Regime(account.regime), account.siren, number)].append(account)
    return {subject: _line(subject, held) for subject, held in accounts.items()}


def _line(subject: Subject, held: list[_Held]) -> Line:
    first = held[0]
    office = first.office_siret
    if office is not None:
        held = sorted(held, key=lambda account: account.siret != office)
    states = {account.state for account in held}
    return Line(
        subject=subject,
        name=first.company or held[0].holder,
        siret=held[0].siret if office is None else office,
        town=first.town if office is None else first.office_town,
        postcode=first.postcode if office is None else first.office_postcode,
        state=next(
            (state for state in (AccountState.ACTIVE, AccountState.SUSPENDED) if state in states),
            AccountState.STRUCK_OFF,
        ),
        accounts=len(held),
        sirets=_distinct(account.siret for account in held),
        account_numbers=tuple(account.number for account in held),
        signs=_distinct(account.sign for account in held),
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
