"""The firm's named selections («modèles»): kept by its administrators, used by all its members (R5)."""

from uuid import UUID

from django.db import transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.models import SelectionTemplate
from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.firms.access import Access

LONGEST_NAME = 60


def keep_template(*, access: Access, name: str, selection: Selection) -> bool:
    """Give a selection a name in the firm, or that name another selection. False for who is no administrator."""
    if not access.is_administrator:
        return False
    with transaction.atomic():
        if SelectionTemplate.objects.filter(
            firm_id=access.firm_id, name=name, services=selection.services, notices=selection.notices
        ).exists():  # a double click: nothing changes, so nothing is traced
            return True
        template, _ = SelectionTemplate.objects.update_or_create(
            firm_id=access.firm_id,
            name=name,
            defaults={"services": selection.services, "notices": selection.notices},
        )
        entries = catalogue()
        trail.record(
            chain=access.firm_id,
            actor=access.actor,
            verb=Verb.TEMPLATE_KEPT,
            subject=f"template:{template.uid}",
            after={
                "name": name,
                "services": entries.service_codes(selection.services),
                "notices": entries.notice_codes(selection.notices),
            },
        )
    return True


def templates(access: Access) -> list[tuple[UUID, str, Selection]]:
    """The firm's templates by name: identifier, name, selection."""
    rows = SelectionTemplate.objects.filter(firm_id=access.firm_id).order_by("name", "pk")
    return [(row.uid, row.name, Selection(row.services, row.notices)) for row in rows]
