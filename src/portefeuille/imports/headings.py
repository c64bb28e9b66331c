"""What the columns of a firm's own spreadsheet are: by their names, else by what stands in them. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from portefeuille.enrolments.folding import fold
from portefeuille.identifiers import nir, siren, siret
from portefeuille.identifiers.cleaning import Malformed, compact
from portefeuille.imports.wrapping import number_among_words


class Column(StrEnum):
    """What a column may be. The values name the columns of the model file."""

    SIREN = "siren"
    SIRET = "siret"
    ACCOUNT = "numero_compte"
    REGIME = "regime"
    AMOUNT = "montant"
    NIR = "nir"
    PORTFOLIO = "portefeuille"
    TEMPLATE = "modele"
    RESULT = "resultat"  # of an earlier report: left out
    REASON = "motif"


LABELS: Mapping[Column, str] = {
    Column.SIREN: "Siren",
    Column.SIRET: "Siret",
    Column.ACCOUNT: "Numéro de compte",
    Column.REGIME: "Régime",
    Column.AMOUNT: "Montant",
    Column.NIR: "Numéro de sécurité sociale",
    Column.PORTFOLIO: "Portefeuille",
    Column.TEMPLATE: "Modèle de services",
}

#: Folded words of a heading, the first that fits wins: «Siret» before «Siren», since «Siren/Siret» holds the longer.
_NAMES: tuple[tuple[Column, re.Pattern[str]], ...] = tuple(
    (column, re.compile(pattern))
    for column, pattern in (
        (Column.RESULT, r"^resultat$"),
        (Column.REASON, r"^motif$"),
        (Column.NIR, r"\bnir\b|\bnss\b|\binsee\b|\bss\b|secu\b|securite sociale|immatriculation"),
        (Column.SIRET, r"\bsirets?\b"),
        (Column.SIREN, r"\bsirens?\b|\brcs\b|\bsirene\b"),
        (Column.REGIME, r"\bregime|^type( de)? (compte|cotisant|client)|\bcategorie\b|\bstatut( social)?$"),
        (
            Column.AMOUNT,
            r"montant|\bcotis(ations?)?\b|\beuros?\b|\bdeclare[es]*\b|\becheance\b|\bsomme\b|\ba (payer|regler)\b"
            r"|\bdu\b$",
        ),
        (Column.ACCOUNT, r"\bcompte\b|\bcpte\b|\bcpt\b|\burssaf\b|\bcotisant\b|\btgu\b|\bticc\b"),
        (Column.PORTFOLIO, r"portefeuille|\bequipe\b|\bgroupe\b"),
        (Column.TEMPLATE, r"modele|\bservices?\b|\bprestations?\b|\bformule\b"),
    )
)
#: What looks like one of them and is none: «Nom du compte», «Date d'échéance», «Date de déclaration».
_OTHERS = re.compile(
    r"^(nom|prenom|raison|libelle|date|adresse|ville|code postal|cp|tel|telephone|e ?mail|courriel|mail|commentaires?|"
    r"remarques?|observations?|contact|ape|naf|forme|collaborateur|responsable|honoraires|etat)\b"
)
#: «Service : Paiement des cotisations», in our own export: a box, neither a model nor an amount.
_BOX = re.compile(r"\s*service\s*:", re.IGNORECASE)
#: How many digits the numbers have that words may stand around.
LENGTHS: Mapping[Column, tuple[int, ...]] = {
    Column.SIREN: (siren.LENGTH, siret.LENGTH),
    Column.SIRET: (siren.LENGTH, siret.LENGTH),
    Column.ACCOUNT: (15, 16, 17, 18),
    Column.NIR: (13, 15),
}
_NUMBERS = frozenset(LENGTHS)
_ENOUGH = 0.8  # of the values of a column must agree


def words_of(heading: str) -> str:
    """«N° compte URSSAF :» as «n compte urssaf»."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(heading.replace("°", " ").replace("'", " "))))


def named(heading: str) -> Column | None:
    """The column that a heading names, or None."""
    words = words_of(heading)
    if not words or len(words) > 80:
        return None
    # Names of the model's columns, as software writes them.
    if words.replace(" ", "_") in set(Column):
        return Column(words.replace(" ", "_"))
    if _OTHERS.search(words) or _BOX.match(heading):
        return None
    return next((column for column, pattern in _NAMES if pattern.search(words)), None)


def score(cells: Iterable[str]) -> int:
    """How many different columns a row names: a row of clients names none."""
    return len({column for cell in cells if cell and (column := named(cell))})


def looks_like_headings(cells: Sequence[str]) -> bool:
    """Whether a row without a known name may still be headings: words, and no number as long as a Siren's."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(sum(c.isdigit() for c in cell) < 4 and len(cell) < 80 for cell in filled)


def proposed(headings: Sequence[str], sample: Sequence[Sequence[str]]) -> list[Column | None]:
    """A column, or None, for each heading: by name first, then by the values of ``sample``. None is given twice.

    Of two that fit, the one whose values differ from line to line: the firm's own Siren is the same on each. Of many
    columns that only look like amounts none is taken: a wrong one would cost every client an attempt.
    """
    values = [
        [row[place] for row in sample if place < len(row) and row[place].strip()] for place in range(len(headings))
    ]
    found = _each_once([_column_of(heading, held) for heading, held in zip(headings, values, strict=True)], values)
    guesses = [
        None if column or words_of(heading).startswith(("nom", "raison", "tel")) else _by_values(held)
        for heading, column, held in zip(headings, found, values, strict=True)
    ]
    several = guesses.count(Column.AMOUNT) > 1
    guesses = [None if guess in found or (several and guess is Column.AMOUNT) else guess for guess in guesses]
    found = [column or guess for column, guess in zip(found, _each_once(guesses, values), strict=True)]
    return [None if column in (Column.RESULT, Column.REASON) else column for column in found]


def _column_of(heading: str, values: Sequence[str]) -> Column | None:
    """What a heading names, unless every value is plainly another number: an «immatriculation» may be a Siren."""
    column = named(heading)
    test = dict(_TESTS).get(column) if column in _NUMBERS else None
    return column if test is None or any(map(test, values)) else _by_values(values) or column


def _each_once(columns: Sequence[Column | None], values: Sequence[Sequence[str]]) -> list[Column | None]:
    """Each column at the place that tells most clients apart, the first of equal ones."""
    best: dict[Column, int] = {}
    for place, column in enumerate(columns):
        if column and (column not in best or _tells_apart(values[place]) > _tells_apart(values[best[column]])):
            best[column] = place
    return [column if column and best[column] == place else None for place, column in enumerate(columns)]


def _tells_apart(values: Sequence[str]) -> int:
    return 2 if len(set(values)) > 1 else len(values) == 1


def _by_values(values: Sequence[str]) -> Column | None:
    if not values:
        return None
    return next((column for column, test in _TESTS if sum(map(test, values)) >= _ENOUGH * len(values)), None)


def _compact(text: str) -> str:
    try:
        return compact(text)
    except Malformed:
        return ""


def _parses(module: object, text: str, *lengths: int) -> bool:
    try:
        module.parse(number_among_words(text, lengths))  # type: ignore[attr-defined]
    except Malformed:
        return False
    return True


def _is_account(text: str) -> bool:
    digits = _compact(number_among_words(text, LENGTHS[Column.ACCOUNT]))
    return 15 <= len(digits) <= 18 and digits.isdigit()


#: Codes of ``registry.models.Regime``, which this module, pure, does not import.
_REGIMES: tuple[tuple[str, str], ...] = (
    (r"^rg$|^ge$|regime general|^general$|employeur|^salaries?$|^entreprise$", "RG"),
    (r"^gm$|gerant|majoritaire|\btns sans siret\b", "GM"),
    (r"^plr$|(?<!non )reglemente|^pam[cx]?$|praticien|auxiliaire medical|infirmier|medecin|sante", "PLR"),
    (r"^ac$|artisan|commercant|commerce", "AC"),
    (r"^pl$|^pln?r?$|liberal", "PL"),
)


@lru_cache(maxsize=256)  # a file says one of a few words on each line
def regime_words(text: str) -> str | None:
    """The code of the regime that words name («employeur», «PAM», «Artisan/commerçant»), or None."""
    words = words_of(text)
    return next((code for pattern, code in _REGIMES if re.search(pattern, words)), None) if words else None


#: Whether a value may be one of them, the narrowest first.
_TESTS: tuple[tuple[Column, Callable[[str], bool]], ...] = (
    (Column.NIR, lambda text: _parses(nir, text, *LENGTHS[Column.NIR])),
    (Column.SIRET, lambda text: _parses(siret, text, siret.LENGTH)),
    (Column.SIREN, lambda text: _parses(siren, text, siren.LENGTH)),
    (Column.ACCOUNT, _is_account),
    (Column.REGIME, lambda text: regime_words(text) is not None),
    (Column.AMOUNT, lambda text: bool(re.fullmatch(r"[0-9][0-9  \u202f]*[.,][0-9]{2} ?€?", text.strip()))),
)
