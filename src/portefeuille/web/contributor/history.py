"""What was done, as its client reads it: each act of the trail is a sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.selection import catalogue
from portefeuille.enrolments.for_client import PastAct
from portefeuille.identifiers import siret as sirets
from portefeuille.web.space.wording import regime_label

#: What the firm did: after its name.
_FIRM: Mapping[str, str] = {
    Verb.ENROLMENT_ADDED: "s'est inscrit pour agir pour vous",
    Verb.ENROLMENT_ASKED: "a demandé votre accord",
    Verb.ENROLMENT_CHANGED: "a modifié les services qu'il utilise",
    Verb.ENROLMENT_TERMINATED: "a mis fin à son inscription",
    Verb.ENROLMENT_RESTORED: "a annulé la fin de son inscription",
    Verb.CLIENT_INVITED: "vous a invité à ouvrir votre espace",
}
#: What the client did; ``{firm}`` is the firm's name.
_CLIENT: Mapping[str, str] = {
    Verb.ENROLMENT_CONFIRMED: "Vous avez accepté {firm}",
    Verb.ENROLMENT_DECLINED: "Vous avez refusé {firm}",
    Verb.ENROLMENT_CONTESTED: "Vous avez contesté l'inscription faite par {firm}",
    Verb.CONTEST_WITHDRAWN: "Vous ne contestez plus l'inscription faite par {firm}",
    Verb.ENROLMENT_ENDED: "Vous avez mis fin à l'inscription faite par {firm}",
    Verb.ENROLMENT_EXPIRED: "Sans réponse de votre part, la demande faite par {firm} est close",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One line: when, the sentence, and what is worth adding to it."""

    at: datetime
    sentence: str
    details: tuple[str, ...]
    regime: str
    uid: UUID


def told(acts: Iterable[PastAct]) -> list[Told]:
    return [Told(act.at, _sentence(act), _details(act), regime_label(act.regime), act.uid) for act in acts]


def _sentence(act: PastAct) -> str:
    if act.actor.startswith("agent:"):
        return f"Votre {settings.BODY_NAME} est intervenu sur l'inscription faite par {act.firm}"
    if act.verb in _FIRM:
        return f"{act.firm} {_FIRM[act.verb]}"
    return _CLIENT.get(act.verb, "L'inscription faite par {firm} a changé").format(firm=act.firm)


def _details(act: PastAct) -> tuple[str, ...]:
    if act.verb in (Verb.ENROLMENT_ADDED, Verb.ENROLMENT_ASKED):
        lines = [f"{what} : {', '.join(chosen)}" for what, chosen in _chosen(act.after) if chosen]
    elif act.verb == Verb.ENROLMENT_CHANGED:
        siret = str(act.after.get("siret", ""))
        lines = [f"À l'établissement {sirets.show(siret)}"] if siret else []
        for (what, before), (_, after) in zip(_chosen(act.before), _chosen(act.after), strict=True):
            added = [label for label in after if label not in before]
            removed = [label for label in before if label not in after]
            lines += [f"{what} ajoutés : {', '.join(added)}"] if added else []
            lines += [f"{what} retirés : {', '.join(removed)}"] if removed else []
    else:
        lines = []
    return tuple(lines)


def _chosen(selection: Mapping[str, Any]) -> tuple[tuple[str, list[str]], tuple[str, list[str]]]:
    """The labels of the services and of the notices of an event, as the screens order them.

    A code that the catalogue has no more says nothing.
    """
    entries = catalogue()
    services, notices = set(selection.get("services", ())), set(selection.get("notices", ()))
    return (
        ("Services", [entry.label for entry in entries.services if entry.code in services]),
        ("Avis", [entry.label for entry in entries.notices if entry.code in notices]),
    )
