"""The body's agents word and order the catalogue, and say to which regimes an entry is offered (R5).

Codes and bits never change. What firms have ticked stays: an entry that a regime is no longer offered is not shown
there any more, and comes back as it was.
"""

from collections.abc import Iterable

from django.db import transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue import selection
from portefeuille.catalogue.models import CatalogueEntry, Notice, Service
from portefeuille.registry.models import Regime

LONGEST_LABEL = 120
LAST_POSITION = 999
KINDS: dict[str, type[CatalogueEntry]] = {"service": Service, "notice": Notice}


def change_entry(
    *, actor: str, kind: str, code: str, label: str, position: int, regimes: Iterable[Regime]
) -> bool | None:
    """Whether anything changed; None when there is no such entry. Other processes see it within a minute."""
    with transaction.atomic():
        entry = KINDS[kind]._default_manager.select_for_update().filter(code=code).first()
        if entry is None:
            return None
        wanted = {
            "label": label,
            "position": position,
            "regimes": [str(regime) for regime in Regime if regime in set(regimes)],
        }
        before = {"label": entry.label, "position": entry.position, "regimes": list(entry.regimes)}
        changed = {name for name in wanted if wanted[name] != before[name]}
        if not changed:
            return False
        KINDS[kind]._default_manager.filter(code=code).update(**wanted)
        trail.record(
            chain=trail.NO_FIRM,
            actor=actor,
            verb=Verb.CATALOGUE_CHANGED,
            subject=f"{kind}:{code}",
            before={name: before[name] for name in sorted(changed)},
            after={name: wanted[name] for name in sorted(changed)},
        )
        transaction.on_commit(selection.read_again)
    return True
