"""The two columns of boxes: how a selection becomes boxes, and ticked boxes a selection (R5)."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.http import QueryDict

from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.registry.models import Regime

ALL_SERVICES, ALL_NOTICES = "tous_services", "tous_avis"
_GROUP = "groupe:"


@dataclass(slots=True)
class Box:
    """One box as the macro ``boxes`` draws it."""

    value: str
    label: str
    checked: bool
    children: list["Box"] = field(default_factory=list)


def service_boxes(regime: Regime | None, ticked: int, within: int | None = None) -> list[Box]:
    """The column «Services en ligne»; without a regime, the whole catalogue.

    A group's own box stands over its children and ticks them together. ``within``: the services that a member's right
    was narrowed to; the others are not shown, since nothing there is theirs.
    """
    boxes: list[Box] = []
    groups: dict[str, Box] = {}
    for entry in catalogue().offered_services(regime):
        if within is not None and not within >> entry.bit & 1:
            continue
        box = Box(entry.code, entry.label, bool(ticked >> entry.bit & 1))
        if not entry.group:
            boxes.append(box)
            continue
        if entry.group not in groups:
            # Never sent as ticked by the page: without a script, ticking it means «all of the group».
            groups[entry.group] = Box(_GROUP + entry.group, entry.group, checked=False)
            boxes.append(groups[entry.group])
        groups[entry.group].children.append(box)
    return boxes


def notice_boxes(regime: Regime | None, ticked: int) -> list[Box]:
    """The column «Services de communication par courriel»."""
    return [
        Box(entry.code, entry.label, bool(ticked >> entry.bit & 1)) for entry in catalogue().offered_notices(regime)
    ]


def ticked(regime: Regime | None, form: QueryDict) -> Selection:
    """The selection that a posted form says, «Tout cocher» and groups included. Unknown values are dropped."""
    entries = catalogue()
    services: Collection[str] = set(form.getlist("services"))
    notices: Collection[str] = set(form.getlist("avis"))
    groups = {value.removeprefix(_GROUP) for value in services if value.startswith(_GROUP)}
    services = {
        entry.code
        for entry in entries.offered_services(regime)
        if entry.code in services or entry.group in groups or ALL_SERVICES in form
    }
    if ALL_NOTICES in form:
        notices = {entry.code for entry in entries.offered_notices(regime)}
    return entries.select(regime, services=services, notices=notices)


def seal_of(selection: Selection) -> str:
    """A selection as a hidden field: what the page showed, to notice that somebody changed it meanwhile."""
    return f"{selection.services:x}-{selection.notices:x}"


def selection_of(seal: str) -> Selection | None:
    services, dash, notices = seal.partition("-")
    try:
        return Selection(int(services, 16), int(notices, 16)) if dash and len(seal) < 40 else None
    except ValueError:
        return None
