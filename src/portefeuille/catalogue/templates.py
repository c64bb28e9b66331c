"""Templates: selections that a firm named, to choose for the next clients what it chose before (R5).

Administrators keep them; everybody who adds or changes clients of the firm uses them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.models import DefaultTemplate, SelectionTemplate
from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.firms.access import Access
from portefeuille.registry.models import Regime

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Template:
    """``defaults`` are the regimes whose next client has its boxes ticked at first."""

    uid: UUID
    name: str
    selection: Selection
    defaults: tuple[Regime, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The template is as wished; ``nothing_new`` when it was before."""

    uid: UUID
    nothing_new: bool = False


@dataclass(frozen=True, slots=True)
class NameTaken:
    """Another template of the firm has this name, whatever its case."""


@dataclass(frozen=True, slots=True)
class NoTemplate:
    """It is not one of the firm's, or no longer; or the member is no administrator."""


def templates(access: Access) -> list[Template]:
    """The firm's templates, by name: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.uid, t.name, t.services, t.notices, array_remove(array_agg(d.regime), NULL)
            FROM catalogue_selectiontemplate t LEFT JOIN catalogue_defaulttemplate d ON d.template_id = t.id
            WHERE t.firm_id = %s GROUP BY t.id ORDER BY lower(t.name), t.id
            """,
            [access.firm_id],
        )
        return [
            Template(uid, name, Selection(services, notices), tuple(r for r in Regime if r in defaults))
            for uid, name, services, notices, defaults in cursor.fetchall()
        ]


def default_for(known: Collection[Template], regime: Regime) -> Template | None:
    """Of the firm's templates, the one to begin with under a regime."""
    return next((template for template in known if regime in template.defaults), None)


def keep_template(
    *,
    access: Access,
    name: str,
    selection: Selection,
    uid: UUID | None = None,
    defaults: Collection[Regime] | None = None,
) -> Kept | NameTaken | NoTemplate:
    """Make a template (``uid`` None) or change that one: its name, what it ticks, the regimes it is the default of.

    ``defaults`` None leaves them. A regime has one default: the last one said. A new template under the name of one
    that ticks the same is that one (a double click).
    """
    if not access.is_administrator:
        return NoTemplate()
    with transaction.atomic():
        # One administrator at a time: names and defaults are the firm's, not one template's.
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM firms_firm WHERE id = %s FOR NO KEY UPDATE", [access.firm_id])
        known = {template.uid: template for template in templates(access)}
        if uid is not None and uid not in known:
            return NoTemplate()
        wished = tuple(regime for regime in Regime if regime in defaults) if defaults is not None else None
        same_name = next((one for one in known.values() if one.name.casefold() == name.casefold()), None)
        if same_name is not None and same_name.uid != uid:
            if uid is None and same_name.selection == selection and wished in (None, same_name.defaults):
                return Kept(same_name.uid, nothing_new=True)
            return NameTaken()
        before = known[uid] if uid is not None else None
        if wished is None:
            wished = before.defaults if before else ()
        if before is not None and before == Template(before.uid, name, selection, wished):
            return Kept(before.uid, nothing_new=True)
        row = SelectionTemplate.objects.get(uid=uid) if uid else SelectionTemplate(firm_id=access.firm_id)
        row.name, row.services, row.notices = name, selection.services, selection.notices
        row.save()
        DefaultTemplate.objects.filter(template=row).exclude(regime__in=wished).delete()
        for regime in wished:
            DefaultTemplate.objects.update_or_create(firm_id=access.firm_id, regime=regime, defaults={"template": row})
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.TEMPLATE_KEPT,
            subject=f"template:{row.uid}",
            before=_in_trail(before) if before else None,
            after=_in_trail(Template(row.uid, name, selection, wished)),
        )
    return Kept(row.uid)


def remove_template(*, access: Access, uid: UUID) -> bool:
    """Clients that were added with it keep what they have. False when there is nothing to remove."""
    if not access.is_administrator:
        return False
    with transaction.atomic():
        found = next((template for template in templates(access) if template.uid == uid), None)
        removed, _ = SelectionTemplate.objects.filter(firm_id=access.firm_id, uid=uid).delete()
        if not removed or found is None:
            return False
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.TEMPLATE_REMOVED,
            subject=f"template:{uid}",
            before=_in_trail(found),
        )
    return True


def _in_trail(template: Template) -> dict[str, object]:
    entries = catalogue()
    return {
        "name": template.name,
        "services": entries.service_codes(template.selection.services),
        "notices": entries.notice_codes(template.selection.notices),
        "defaults": [str(regime) for regime in template.defaults],
    }
