"""The check before the run: all that can be said of each line without spending an attempt."""

from collections.abc import Mapping, Sequence

from django.db import connection

from portefeuille.arrays import array
from portefeuille.catalogue.selection import Selection
from portefeuille.catalogue.templates import templates
from portefeuille.firms.access import Access
from portefeuille.imports.lines import (
    ASIDE,
    OURS,
    STRUCK_OFF,
    TWICE,
    Aside,
    Check,
    Faulty,
    Meaning,
    Ready,
    meaning_of,
    resolve,
)
from portefeuille.imports.models import BY_REGIME, Import
from portefeuille.registry.queries import Subject

#: What is said of a line, and of which of its columns ("" for the line as a whole).
Remark = tuple[str, str]


def meaning(access: Access, of: Import) -> Meaning:
    """How the lines of a file are read, with the rights that the member has now."""
    return meaning_of(
        access,
        columns=of.columns,
        portfolio_id=of.portfolio_id,
        selection=Selection(of.services, of.notices),
        templates=templates(access),
        by_regime=of.model_name == BY_REGIME,
    )


def check_rows(
    access: Access, how: Meaning, rows: Sequence[Sequence[str]], seen: dict[Subject, int], first: int
) -> tuple[str, dict[str, Remark]]:
    """A sign for each row, and what there is to say of some. ``seen`` holds the clients of rows before, and grows."""
    answers = resolve(how, rows)
    ours = already_ours(access, [answer.subject for answer in answers if isinstance(answer, Ready)])
    signs: list[str] = []
    remarks: dict[str, Remark] = {}
    for place, answer in enumerate(answers):
        if isinstance(answer, Aside):
            sign, remark = Check.ASIDE, ("", ASIDE)
        elif isinstance(answer, Faulty):
            sign, remark = Check.FAULTY, (answer.column.value, answer.sentence)
        elif answer.subject in seen:
            sign, remark = Check.TWICE, ("", TWICE)
        elif answer.subject in ours:
            sign, remark = Check.OURS, ("", OURS)
        elif answer.struck_off:
            sign, remark = Check.STRUCK_OFF, ("", STRUCK_OFF)
        else:
            sign, remark = Check.READY, None
        if isinstance(answer, Ready):
            seen.setdefault(answer.subject, first + place)
        signs.append(sign)
        if remark:
            remarks[str(place)] = remark
    return "".join(signs), remarks


def check_line(access: Access, of: Import, cells: Sequence[str]) -> tuple[str, Remark | None]:
    """One corrected line by itself: that it repeats another one shows when it is added."""
    sign, remarks = check_rows(access, meaning(access, of), [cells], {}, 0)
    return sign, remarks.get("0")


def already_ours(access: Access, subjects: Sequence[Subject]) -> Mapping[Subject, bool]:
    """Those of some clients that the firm has: one query, however many.

    By the very conditions of the unique indexes, or PostgreSQL would read the whole list of the firm for each.
    """
    wanted = list(dict.fromkeys(subjects))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT w.place FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY
                AS w (regime, siren, account_number, place)
            WHERE EXISTS (
                SELECT FROM enrolments_enrolment e
                WHERE e.firm_id = %s AND e.ended_at IS NULL AND e.siren = w.siren AND e.siren <> ''
                  AND e.regime = w.regime
            ) OR EXISTS (
                SELECT FROM enrolments_enrolment e
                WHERE e.firm_id = %s AND e.ended_at IS NULL AND e.account_number = w.account_number
                  AND e.account_number <> ''
            )
            """,
            [
                array(subject.regime for subject in wanted),
                array(subject.siren for subject in wanted),
                array(subject.account_number for subject in wanted),
                access.firm_id,
                access.firm_id,
            ],
        )
        return {wanted[place - 1]: True for (place,) in cursor.fetchall()}
