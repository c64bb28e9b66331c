"""How far a member's right on an enrolment goes (R10): every read and every verb of this room asks here.

Three things decide: the portfolio that was given, to view or to manage; the services that the right was narrowed to;
and whether the client is reserved for some members («réservé»), whom administrators are always among.
"""

from typing import Any

from portefeuille.catalogue.selection import Selection
from portefeuille.firms.access import Access, Granted


def unreserved(access: Access, table: str = "") -> tuple[str, list[Any]]:
    """The SQL condition that keeps reserved clients from who is not named, and its values.

    It comes beside the condition on portfolios, never instead of it. ``table``: «e.» where columns need their table.
    """
    if access.is_administrator:
        return "TRUE", []
    return (
        f"(NOT {table}restricted OR {table}id IN (SELECT enrolment_id FROM enrolments_onlyfor WHERE member_id = %s))",
        [access.member_id],
    )


def covered(right: Granted, selection: Selection) -> Selection:
    """Of a selection, what the right lets one see and set.

    Notices tell the whole firm, so that a right that was narrowed to some services covers none of them.
    """
    return selection if right.services is None else Selection(right.narrowed(selection.services), 0)


def replaced(right: Granted, *, present: Selection, wished: Selection) -> Selection:
    """``present`` with what the right covers as wished; the rest stays as it is."""
    if right.services is None:
        return wished
    return Selection(present.services & ~right.services | wished.services & right.services, present.notices)


#: Of a row of ``enrolments_enrolment``: whether the client has a space (``client_word.begin_to_speak`` says so).
HAS_SPACE = (
    "EXISTS (SELECT FROM enrolments_clientrule r WHERE r.siren = enrolments_enrolment.siren"
    " AND r.account_number = enrolments_enrolment.account_number)"
)
