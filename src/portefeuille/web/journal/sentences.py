"""What each event of the trail is called in French: one sentence for every verb, in one place."""

from collections.abc import Callable, Mapping, Sequence

from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.models import CatalogueEntry
from portefeuille.catalogue.selection import catalogue
from portefeuille.enrolments.journal import Happened
from portefeuille.firms.access import Access
from portefeuille.web.jinja import pluriel

_ACTORS = {
    "client": "Le client",
    "agent": "Un agent de l'organisme",
    "member": "Un ancien membre",
    "person": "Une personne",
    "command": "L'organisme",
    "feed": "L'organisme",
}
_ROLES = {"administrator": "administrateur", "collaborator": "collaborateur"}


def who(event: Happened) -> str:
    """«Alice Alder», «Le client», «Un agent de l'organisme»."""
    return event.person or _ACTORS.get(event.actor.partition(":")[0], "Le service")


def did(event: Happened, access: Access) -> str:
    """What they did, to stand after ``who`` and before the name of what it is about: «a résilié»."""
    said = SENTENCES.get(event.verb)
    if said is None:  # written by a newer version of the program
        return "a fait un acte d'un autre type"
    return said if isinstance(said, str) else said(event, access)


def _changed(event: Happened, access: Access) -> str:
    """«a coché Attestations ; a décoché DPAE», as far as the reader's right covers the services."""
    entries = catalogue()
    right = access.right_on(event.portfolio_id) if event.portfolio_id is not None else None
    services: Sequence[CatalogueEntry] = entries.services
    notices: Sequence[CatalogueEntry] = entries.notices
    if not access.is_administrator and (right is None or right.services is not None):
        mask = right.services or 0 if right else 0
        services, notices = [entry for entry in services if mask >> entry.bit & 1], []
    pieces = []
    for word, new, old in (("a coché", event.after, event.before), ("a décoché", event.before, event.after)):
        labels = [
            f"«\u00a0{entry.label}\u00a0»"
            for column, offered in (("services", services), ("notices", notices))
            for entry in offered
            if entry.code in new.get(column, ()) and entry.code not in old.get(column, ())
        ]
        if labels:
            pieces.append(f"{word} {', '.join(labels)}")
    place = f" pour l'établissement {siret}" if (siret := event.after.get("siret")) else ""
    return (" et ".join(pieces) or "a modifié les services") + place


def _moved(event: Happened, access: Access) -> str:
    names = {str(portfolio.uid): portfolio.name for portfolio in access.portfolios}
    to = names.get(str(event.after.get("portfolio")))
    return f"a mis dans le portefeuille «\u00a0{to}\u00a0»" if to else "a changé de portefeuille"


def _restricted(event: Happened, access: Access) -> str:
    only_for = event.after.get("only_for")
    if only_for is None:
        return "a ouvert à tous ceux qui ont le portefeuille"
    if not only_for:
        return "a réservé aux administrateurs"
    return f"a réservé à {pluriel(len(only_for), 'personne')} et aux administrateurs"


def _renamed(event: Happened, access: Access) -> str:
    return f"a renommé «\u00a0{event.before.get('name', '')}\u00a0» en «\u00a0{event.after.get('name', '')}\u00a0»"


def _named(words: str) -> Callable[[Happened, Access], str]:
    """The words, with the name that the event itself keeps: what it is about may be gone."""

    def sentence(event: Happened, access: Access) -> str:
        name = event.after.get("name") or event.before.get("name")
        return f"{words} «\u00a0{name}\u00a0»" if name else words

    return sentence


def _reasoned(words: str) -> Callable[[Happened, Access], str]:
    def sentence(event: Happened, access: Access) -> str:
        reason = event.after.get("reason")
        return f"{words}. Motif : {reason}" if reason else words

    return sentence


def _member_changed(event: Happened, access: Access) -> str:
    role = _ROLES.get(str(event.after.get("role", "")))
    return f"a donné le rôle {role} à" if role else "a changé les droits de"


def _refused(event: Happened, access: Access) -> str:
    if event.after.get("closed"):
        return "n'a pas ajouté un client, qui n'accepte pas de nouveau cabinet"
    return "n'a pas prouvé connaître un client"


SENTENCES: Mapping[str, str | Callable[[Happened, Access], str]] = {
    Verb.FIRM_CREATED: "a créé l'espace du cabinet",
    Verb.FIRM_APPLIED: "a demandé l'espace du cabinet",
    Verb.FIRM_ADMITTED: "a admis le cabinet",
    Verb.FIRM_REFUSED: _reasoned("a refusé le cabinet"),
    Verb.FIRM_SUSPENDED: _reasoned("a suspendu le cabinet"),
    Verb.FIRM_REINSTATED: _reasoned("a rétabli le cabinet"),
    Verb.PORTFOLIO_CREATED: _named("a créé le portefeuille"),
    Verb.PORTFOLIO_RENAMED: _renamed,
    Verb.PORTFOLIO_REMOVED: _named("a supprimé le portefeuille"),
    Verb.JOIN_ASKED: "a demandé à rejoindre le cabinet",
    Verb.JOIN_DECLINED: "a refusé une demande à rejoindre le cabinet",
    Verb.MEMBER_INVITED: "a invité",
    Verb.INVITATION_SENT_AGAIN: "a renvoyé une invitation à",
    Verb.INVITATION_CANCELLED: "a annulé l'invitation de",
    Verb.MEMBER_ADDED: "a ajouté à l'équipe",
    Verb.MEMBER_CHANGED: _member_changed,
    Verb.MEMBER_REMOVED: "a retiré de l'équipe",
    Verb.MEMBER_LEFT: "a quitté le cabinet",
    Verb.JOURNAL_EXPORTED: "a exporté le journal",
    Verb.TEMPLATE_KEPT: _named("a enregistré le modèle"),
    Verb.TEMPLATE_REMOVED: _named("a supprimé le modèle"),
    Verb.ENROLMENT_ADDED: "a ajouté",
    Verb.ENROLMENT_ASKED: "a demandé l'accord de",
    Verb.ENROLMENT_REFUSED: _refused,
    Verb.ENROLMENT_CHANGED: _changed,
    Verb.ENROLMENT_MOVED: _moved,
    Verb.ENROLMENT_RESTRICTED: _restricted,
    Verb.ENROLMENT_TERMINATED: "a résilié",
    Verb.ENROLMENT_RESTORED: "a rétabli",
    Verb.CLIENTS_EXPORTED: "a exporté la liste des clients",
    Verb.ACCOUNT_STRUCK_OFF: "a radié le compte",
    Verb.ACCOUNT_SUSPENDED: "a suspendu le compte",
    Verb.ACCOUNT_ACTIVE: "a rétabli le compte",
    Verb.CODE_ASKED: "a demandé un code par courrier",
    Verb.CLIENT_INVITED: "a invité à créer son espace",
    Verb.ENROLMENT_CONFIRMED: "a accepté l'inscription",
    Verb.ENROLMENT_DECLINED: "a refusé l'inscription",
    Verb.ENROLMENT_EXPIRED: "a clos la demande, restée sans réponse",
    Verb.ENROLMENT_CONTESTED: "a contesté l'inscription",
    Verb.CONTEST_WITHDRAWN: "ne conteste plus l'inscription",
    Verb.ENROLMENT_ENDED: "a mis fin à l'inscription",
    Verb.RULE_CHANGED: "a changé sa règle pour les nouveaux cabinets",
    Verb.SPACE_CODE_ASKED: "a demandé un code pour ouvrir son espace",
    Verb.SPACE_OPENED: "a ouvert son espace",
    Verb.SPACE_LEFT: "a quitté l'espace du client",
    Verb.HOLDER_REMOVED: "a retiré une personne de l'espace du client",
    Verb.PERSON_OPENED: "a créé son identifiant",
    Verb.PERSON_CHANGED: "a changé de nom",
    Verb.PASSWORD_CHANGED: "a changé de mot de passe",
    Verb.EMAIL_CHANGED: "a changé d'adresse",
    Verb.FACTOR_ADDED: "a ajouté un moyen de double authentification",
    Verb.FACTOR_REMOVED: "a retiré un moyen de double authentification",
    Verb.CODES_RENEWED: "a renouvelé ses codes de secours",
    Verb.SIGN_ON_LINKED: "a relié une connexion unique",
    Verb.SIGN_ON_UNLINKED: "a détaché une connexion unique",
    Verb.SESSION_ENDED: "a mis fin à une session",
    Verb.PERSON_CLOSED: "a fermé un identifiant",
    Verb.PERSON_REOPENED: "a rouvert un identifiant",
    Verb.AGENT_ADDED: "a ajouté un agent",
    Verb.AGENT_CHANGED: "a changé les droits d'un agent",
    Verb.DATA_SEEN: "a consulté une fiche",
    Verb.BUDGET_LIFTED: "a rendu des essais",
    Verb.CODE_SENT: "a envoyé un code",
    Verb.LETTERS_PRINTED: "a imprimé des lettres",
    Verb.CATALOGUE_CHANGED: "a changé le catalogue des services",
    Verb.FLAT_RATE_CHANGED: "a changé les montants forfaitaires",
    Verb.MESSAGE_RETRIED: "a renvoyé un message",
}
