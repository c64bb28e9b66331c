"""Keeping what enrolments repeat of the register true to it."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from portefeuille.arrays import array
from portefeuille.audit.trail import Entry, record_many
from portefeuille.audit.verbs import Verb
from portefeuille.enrolments.folding import fold
from portefeuille.registry import queries as registry
from portefeuille.registry import touched
from portefeuille.registry.models import AccountState, Regime
from portefeuille.registry.queries import Line, Subject

#: Folding lengthens a text that holds ligatures; only the beginning of a long name is sorted by.
_SORTED_BY = 250
_TOLD = {
    AccountState.STRUCK_OFF: Verb.ACCOUNT_STRUCK_OFF,
    AccountState.SUSPENDED: Verb.ACCOUNT_SUSPENDED,
    AccountState.ACTIVE: Verb.ACCOUNT_ACTIVE,
}
_COLUMNS = ("name", "name_key", "siret", "town", "postcode", "account_state", "accounts", "search")


def columns_of(line: Line) -> dict[str, Any]:
    """The columns of an enrolment that repeat its register line, by name."""
    name = fold(line.name)
    words = dict.fromkeys(filter(None, (name, *(fold(sign) for sign in line.signs if sign != line.name))))
    # A real Siret begins with the Siren; a provisional one can only be found by itself.
    provisional = [siret.lower() for siret in line.sirets if not siret.isdigit()]
    return {
        "name": line.name,
        "name_key": name[:_SORTED_BY],
        "siret": line.siret,
        "town": line.town,
        "postcode": line.postcode,
        "account_state": line.state,
        "accounts": line.accounts,
        "search": " ".join([*words, line.subject.siren, *provisional, *line.account_numbers]),
    }


def follow_new() -> int:
    """After a feed: bring the live enrolments on the clients that it touched up to date. How many changed.

    A portion in a transaction (``touched.PORTION``), until none is left.
    """
    changed = 0
    while True:
        with transaction.atomic():
            taken, sirens, account_numbers = touched.take_new()
            changed += follow_register(sirens=sirens, account_numbers=account_numbers)
        if not taken:
            return changed


def follow_old() -> int:
    """For the worker: a portion of what is to be followed once more, or was left unfollowed. How many clients."""
    with transaction.atomic():
        taken, sirens, account_numbers = touched.take_old()
        follow_register(sirens=sirens, account_numbers=account_numbers)
    return taken


def follow_register(*, sirens: Iterable[str], account_numbers: Iterable[str]) -> int:
    """Bring the live enrolments on these clients up to date. How many changed; doing it twice changes nothing.

    Accounts that were struck off, suspended or are active again stand in the journals of their firms (R8, R11).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        subjects = _subjects(cursor, "siren", sirens) + _subjects(cursor, "account_number", account_numbers)
        lines = registry.lines(subjects)
        if not lines:
            return 0
        rows = [
            (subject.regime, subject.siren, subject.account_number, *(columns_of(line)[name] for name in _COLUMNS))
            for subject, line in lines.items()
        ]
        cursor.execute(_UPDATE, [array(values) for values in zip(*rows, strict=True)])
        changed = sorted(cursor.fetchall())
        for firm_id, of_firm in groupby(changed, itemgetter(0)):
            entries = [
                Entry(_TOLD[after], f"enrolment:{uid}", {"account_state": before}, {"account_state": after})
                for _, uid, before, after in of_firm
                if before != after
            ]
            record_many(chain=firm_id, actor="feed:register", entries=entries)
        return len(changed)


def _subjects(cursor: CursorWrapper, column: str, values: Iterable[str]) -> list[Subject]:
    """Those that somebody has in a portfolio now."""
    sought = sorted(filter(None, set(values)))
    if not sought:
        return []
    cursor.execute(
        "SELECT DISTINCT regime, siren, account_number FROM enrolments_enrolment"
        f" WHERE {column} = ANY(%s) AND ended_at IS NULL",
        [sought],
    )
    return [Subject(Regime(regime), siren, number) for regime, siren, number in cursor.fetchall()]


# The rows to change are locked in the order of their ids first, as the verbs do: a feed and a member who ends several
# enrolments never wait for each other in a ring.
_UPDATE = """
WITH r AS MATERIALIZED (
    SELECT * FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::int[], %s::text[]
    ) AS r (regime, siren, account_number, name, name_key, siret, town, postcode, account_state, accounts, search)
), stale AS MATERIALIZED (
    SELECT e.id, e.account_state FROM enrolments_enrolment e JOIN r USING (regime, siren, account_number)
    WHERE e.ended_at IS NULL
      AND (e.name, e.name_key, e.siret, e.town, e.postcode, e.account_state, e.accounts, e.search)
          IS DISTINCT FROM
          (r.name, r.name_key, r.siret, r.town, r.postcode, r.account_state, r.accounts, r.search)
    ORDER BY e.id FOR NO KEY UPDATE OF e
)
UPDATE enrolments_enrolment e
SET name = r.name, name_key = r.name_key, siret = r.siret, town = r.town, postcode = r.postcode,
    account_state = r.account_state, accounts = r.accounts, search = r.search
FROM stale, r
WHERE e.id = stale.id AND e.regime = r.regime AND e.siren = r.siren AND e.account_number = r.account_number
RETURNING e.firm_id, e.uid, stale.account_state, e.account_state
"""
