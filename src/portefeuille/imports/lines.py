"""From the cells of a line to what is asked for one client, and what can be said of it without spending an attempt.

What is said is a French sentence that repeats nothing of what was typed. Before the proof nothing is told but what the
public register tells (R2): of a bare account number, nothing at all.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.catalogue.templates import Template
from portefeuille.enrolments.folding import by_name
from portefeuille.enrolments.proving import Proof
from portefeuille.firms.access import Access
from portefeuille.identifiers import account_number, amount, nir, siren, siret
from portefeuille.identifiers.cleaning import Malformed, compact, visible
from portefeuille.identifiers.designation import Kind
from portefeuille.identifiers.designation import parse as designated
from portefeuille.imports.grids import LOST
from portefeuille.imports.headings import LENGTHS, Column, regime_words
from portefeuille.imports.wrapping import nir_with_its_key, number_among_words, plain_amount
from portefeuille.registry import queries as registry
from portefeuille.registry.models import AccountState, FactKind, Regime
from portefeuille.registry.queries import KIND_OF_REGIME, Line, Subject


class Check(StrEnum):
    """What the check says of a line: a sign each."""

    READY = "o"
    STRUCK_OFF = "r"  # ready all the same
    OURS = "a"  # already the firm's
    TWICE = "d"  # the same client stands above in the file
    FAULTY = "f"  # to be corrected
    ASIDE = "n"  # names no client: a title, a total, a signature, or a client to complete


class Outcome(StrEnum):
    """What became of a line: exactly one, a sign each."""

    ADDED = "A"
    OURS = "Y"
    REFUSED = "R"
    NOT_TRIED = "N"


#: What is added when the run starts.
TRIED = frozenset({Check.READY, Check.STRUCK_OFF})

LOST_DIGITS = "Le tableur a perdu les derniers chiffres : ressaisissez le numéro au format texte."
TWICE = "Ce client est déjà plus haut dans le fichier."
OURS = "Ce client est déjà dans un portefeuille de votre cabinet."
STRUCK_OFF = "Ce compte est radié."
ASIDE = "Ni Siren ni numéro de compte : cette ligne est laissée de côté."
NO_CLIENT = "Saisissez le Siren du client, ou son numéro de compte s'il n'a pas de Siret."
NO_SIREN = "Saisissez le Siren : les comptes de ce régime ne s'ajoutent pas sans lui."
UNKNOWN = "Aucun compte n'existe sous ce Siren. Vérifiez-le."
OTHER_SIREN = "Le Siret n'est pas celui de ce Siren. Vérifiez les deux."
WHICH_REGIME = "Ce Siren a plusieurs régimes : précisez lequel."
NO_SUCH_REGIME = "Ce Siren n'a pas de compte de ce régime."
NOT_A_REGIME = (
    "Ce régime n'est pas connu. Écrivez par exemple Régime Général, Artisan Commerçant ou Profession Libérale."
)
NO_ACCOUNT = "Saisissez le numéro de compte."
NO_AMOUNT = "Saisissez le montant, au centime près."
NO_NIR = "Saisissez le numéro de sécurité sociale."
NO_PORTFOLIO = "Vous ne gérez aucun portefeuille de ce nom."
NO_TEMPLATE = "Votre cabinet n'a aucun modèle de ce nom."
ONLY_BY_LETTER = "Aucun montant récent ne permet de prouver ce compte. Demandez un code par courrier."


class Faulty(Exception):
    """A line that cannot be tried: the column at fault, and a sentence."""

    def __init__(self, column: Column, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column
        self.sentence = sentence


class Aside(Faulty):
    """A line that names no client."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How the lines of a file are to be read: the columns, and what stands for what a line leaves out."""

    columns: tuple[Column | None, ...]
    portfolio_id: int | None
    selection: Selection
    portfolio_named: Callable[[str], int | None]
    template_named: Callable[[str], Selection | None]
    defaults: Mapping[Regime, Selection] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """A line that can be tried, once its regime is known. Facts are parsed."""

    portfolio_id: int
    subject: Subject
    proof: Proof = field(repr=False)
    selection: Selection
    struck_off: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """What a line says by itself, before the register is asked."""

    siren: str
    number: str
    regime: Regime | None
    account: str
    amount: str = field(repr=False)
    nir: str = field(repr=False)
    portfolio_id: int
    selection: Selection | None
    provisional: str
    short: str  # what to say where the zeros that were put back lead to nobody


def meaning_of(
    access: Access,
    *,
    columns: Sequence[str | None],
    portfolio_id: int | None,
    selection: Selection,
    templates: Sequence[Template],
    by_regime: bool,
) -> Meaning:
    """``portfolio_id`` and ``selection`` are for lines that name neither; ``by_regime``: the default templates come
    before ``selection``.
    """
    return Meaning(
        columns=tuple(Column(name) if name else None for name in columns),
        portfolio_id=portfolio_id if portfolio_id in access.managed_ids else None,
        selection=selection,
        portfolio_named=by_name((portfolio.name, portfolio.id) for portfolio in access.managed),
        template_named=by_name((template.name, template.selection) for template in templates),
        defaults={regime: template.selection for template in templates for regime in template.defaults}
        if by_regime
        else {},
    )


def resolve(meaning: Meaning, rows: Sequence[Sequence[str]]) -> list[Ready | Faulty]:
    """What each line asks for, or why it cannot be tried: three queries, however many lines."""
    read: list[_Read | Faulty] = []
    for cells in rows:
        try:
            read.append(_read(meaning, cells))
        except Faulty as fault:
            read.append(fault)
    lines, subjects = _register_of([row for row in read if isinstance(row, _Read)])
    under = [line.subject for found in lines.values() for line in found]
    provable = registry.provable(subject for subject in under if KIND_OF_REGIME[subject.regime] is not FactKind.NIR)
    answers: list[Ready | Faulty] = []
    for row in read:
        try:
            answers.append(row if isinstance(row, Faulty) else _ready(meaning, row, lines, subjects, provable))
        except Faulty as fault:
            answers.append(fault)
    return answers


def _register_of(rows: Sequence[_Read]) -> tuple[Mapping[str, list[Line]], Mapping[str, Subject]]:
    sirens = {row.siren or _siren_of(row.provisional) for row in rows if row.siren or row.provisional}
    numbers = {row.number for row in rows if row.number}
    return registry.lines_of_sirens(sirens - {""}), registry.subjects_of_accounts(numbers)


def _siren_of(provisional: str) -> str:
    return registry.siren_of(provisional) if provisional else ""


def _read(meaning: Meaning, cells: Sequence[str]) -> _Read:
    held = {
        column: cells[place]
        for place, column in enumerate(meaning.columns)
        if column is not None and place < len(cells) and _shown(cells[place])
    }
    if not any(_may_name(held.get(column, "")) for column in (Column.SIREN, Column.SIRET, Column.ACCOUNT)):
        raise (Faulty if Column.NIR in held else Aside)(Column.SIREN, NO_CLIENT)
    number, company, provisional, short = "", "", "", ""
    if Column.SIREN in held:
        company, provisional, short = _company(Column.SIREN, held[Column.SIREN])
    if Column.SIRET in held:
        of_siret, provisional_siret, short_siret = _company(Column.SIRET, held[Column.SIRET])
        if company and of_siret and company != of_siret:
            raise Faulty(Column.SIRET, OTHER_SIREN)
        company, provisional, short = company or of_siret, provisional or provisional_siret, short or short_siret
    account = _parsed(Column.ACCOUNT, account_number.parse, held.get(Column.ACCOUNT, ""))
    if not company and not provisional:
        number = account
    if not company and not provisional and not number:
        raise Faulty(Column.SIREN, NO_CLIENT)
    if not account:
        raise Faulty(Column.ACCOUNT, NO_ACCOUNT)
    regime = None
    if Column.REGIME in held:
        code = regime_words(held[Column.REGIME])
        if code is None:
            raise Faulty(Column.REGIME, NOT_A_REGIME)
        regime = Regime(code)
        # Said from what was typed alone: nobody has such an account without a Siren.
        if number and regime in (Regime.GENERAL, Regime.CRAFT_TRADE):
            raise Faulty(Column.SIREN, NO_SIREN)
    portfolio_id = meaning.portfolio_id
    if Column.PORTFOLIO in held:
        portfolio_id = meaning.portfolio_named(held[Column.PORTFOLIO])
    if portfolio_id is None:
        raise Faulty(Column.PORTFOLIO, NO_PORTFOLIO)
    selection = None
    if Column.TEMPLATE in held:
        selection = meaning.template_named(held[Column.TEMPLATE])
        if selection is None:
            raise Faulty(Column.TEMPLATE, NO_TEMPLATE)
    return _Read(
        siren=company,
        number=number,
        regime=regime,
        account=account,
        amount=_parsed(Column.AMOUNT, lambda text: str(amount.parse(text)), held.get(Column.AMOUNT, "")),
        nir=_parsed(Column.NIR, nir.parse, held.get(Column.NIR, "")),
        portfolio_id=portfolio_id,
        selection=selection,
        provisional=provisional,
        short=short,
    )


def _ready(
    meaning: Meaning,
    row: _Read,
    lines: Mapping[str, list[Line]],
    subjects: Mapping[str, Subject],
    provable: set[Subject],
) -> Ready:
    struck_off = False
    company = row.siren or _siren_of(row.provisional)
    if company:
        line = _line_of(row, lines.get(company, []))
        subject, struck_off = line.subject, line.state is AccountState.STRUCK_OFF
    else:
        number = row.number or registry.account_of_provisional(row.provisional) or row.account
        subject = subjects.get(number) or registry.subject_of_account(number)
    kind = KIND_OF_REGIME[subject.regime]
    if kind is FactKind.NIR and not row.nir:
        raise Faulty(Column.NIR, NO_NIR)
    if kind is not FactKind.NIR and not row.amount:
        raise Faulty(Column.AMOUNT, NO_AMOUNT)
    if subject.siren and kind is not FactKind.NIR and subject not in provable:
        raise Faulty(Column.AMOUNT, ONLY_BY_LETTER)
    chosen = row.selection or meaning.defaults.get(subject.regime, meaning.selection)
    entries = catalogue()
    return Ready(
        portfolio_id=row.portfolio_id,
        subject=subject,
        proof=Proof(row.account, row.nir if kind is FactKind.NIR else row.amount),
        selection=entries.select(
            subject.regime,
            services=entries.service_codes(chosen.services),
            notices=entries.notice_codes(chosen.notices),
        ),
        struck_off=struck_off,
    )


def _line_of(row: _Read, lines: Sequence[Line]) -> Line:
    """The line of a Siren that a row is about: the one it names, or the only one that its facts can prove."""
    if not lines:
        raise Faulty(Column.SIREN, row.short or UNKNOWN)
    if row.regime is not None:
        found = [line for line in lines if line.subject.regime is row.regime]
        # «Profession libérale» is said of both.
        if not found and row.regime in (Regime.LIBERAL, Regime.REGULATED_LIBERAL):
            found = [line for line in lines if line.subject.regime in (Regime.LIBERAL, Regime.REGULATED_LIBERAL)]
        if not found:
            raise Faulty(Column.REGIME, NO_SUCH_REGIME)
        return found[0]
    if len(lines) > 1 and bool(row.nir) != bool(row.amount):
        lines = [
            line for line in lines if (KIND_OF_REGIME[line.subject.regime] is FactKind.NIR) == bool(row.nir)
        ] or lines
    if len(lines) > 1:
        raise Faulty(Column.REGIME, WHICH_REGIME)
    return lines[0]


_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})", re.ASCII)


def _parsed(column: Column, parse: Callable[[str], str], text: str) -> str:
    """The canonical value; "" for an empty cell."""
    if not text:
        return ""
    try:
        return parse(_repaired(column, text))
    except Malformed as error:
        raise Faulty(column, str(error)) from error


def _shown(text: str) -> bool:
    """Whether something stands in a cell: spreadsheets are full of dashes that mean nothing."""
    return bool(text.strip(" \u00a0\u202f-–—'\"")) and text.strip().lower() not in ("#n/a", "n/a", "néant", "null")


def _may_name(text: str) -> bool:
    """Whether a cell may hold a number: «Total» does not, letters as many as a provisional Siret has do."""
    return any(character.isdigit() for character in text) or len(text) == siret.LENGTH


def _company(column: Column, text: str) -> tuple[str, str, str]:
    """The Siren that a Siren or a Siret tells, or a provisional Siret.

    Zeros that a number has lost at its beginning are put back where that gives a right key: the third value is what to
    say when it leads to nobody, since a digit may be missing elsewhere as well.
    """
    text = _repaired(column, text)
    short = ""
    try:
        typed = compact(text)
        if typed.isascii() and typed.isdigit():
            for length, parser in ((siren.LENGTH, siren), (siret.LENGTH, siret)):
                if length - 4 < len(typed) < length and parser.is_valid(typed.zfill(length)):
                    short = _complaint(parser.parse, typed)
                    typed = typed.zfill(length)
        if len(typed) not in (siren.LENGTH, siret.LENGTH):
            (siret if column is Column.SIRET else siren).parse(typed)  # says how many digits it has
        found = designated(typed)
    except Malformed as error:
        raise Faulty(column, str(error)) from error
    return (found.siren, found.value if found.kind is Kind.PROVISIONAL_SIRET else "", short)


def _complaint(parse: Callable[[str], str], text: str) -> str:
    try:
        parse(text)
    except Malformed as error:
        return str(error)
    return ""


def _repaired(column: Column, text: str) -> str:
    """A number without what spreadsheets do to it, where there is one way back."""
    if text.isascii() and text.isdigit():
        return text
    if text.startswith(LOST):
        if column in (Column.SIREN, Column.SIRET, Column.ACCOUNT, Column.NIR):
            raise Faulty(column, LOST_DIGITS)
        return text.removeprefix(LOST)
    try:
        plain = visible(text)
    except Malformed:
        return text
    # What Excel makes of a narrow blank when it saves as «CSV (séparateur : point-virgule)».
    plain = re.sub(r"(?<=[0-9])\?(?=[0-9€])", "", plain)
    if column is Column.AMOUNT:
        return plain_amount(plain)
    if column is Column.NIR:
        plain = nir_with_its_key(plain)
    plain = number_among_words(plain, LENGTHS[column])
    if found := _SCIENTIFIC.fullmatch(plain.replace(" ", "")):
        digits, power = found[1] + (found[2] or ""), int(found[3])
        if len(digits) <= power:  # «7,33E+13»: the digits after are gone
            raise Faulty(column, LOST_DIGITS)
        if len(digits) == power + 1:
            return digits
    # «732829320,00», a number with the decimals of an amount
    return re.sub(r"(?<=[0-9])[.,]0{1,2}$", "", plain)
