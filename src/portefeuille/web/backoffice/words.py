"""What an event of the trail is called on the pages of agents."""

from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.history import Happened

_SAID = {
    Verb.FIRM_CREATED: "cabinet créé",
    Verb.FIRM_APPLIED: "espace demandé",
    Verb.FIRM_ADMITTED: "cabinet admis",
    Verb.FIRM_REFUSED: "cabinet refusé",
    Verb.FIRM_SUSPENDED: "cabinet suspendu",
    Verb.FIRM_REINSTATED: "cabinet rétabli",
    Verb.ENROLMENT_ADDED: "inscription ajoutée",
    Verb.ENROLMENT_ASKED: "inscription demandée au client",
    Verb.ENROLMENT_REFUSED: "justificatif refusé",
    Verb.ENROLMENT_CHANGED: "services modifiés",
    Verb.ENROLMENT_MOVED: "changement de portefeuille",
    Verb.ENROLMENT_RESTRICTED: "accès modifié au sein du cabinet",
    Verb.ENROLMENT_TERMINATED: "inscription résiliée",
    Verb.ENROLMENT_RESTORED: "inscription rétablie",
    Verb.ACCOUNT_STRUCK_OFF: "compte radié",
    Verb.ACCOUNT_SUSPENDED: "compte suspendu",
    Verb.ACCOUNT_ACTIVE: "compte rétabli",
    Verb.CODE_ASKED: "code demandé par courrier",
    Verb.CLIENT_INVITED: "client invité à créer son espace",
    Verb.ENROLMENT_CONFIRMED: "inscription acceptée",
    Verb.ENROLMENT_DECLINED: "inscription refusée par le client",
    Verb.ENROLMENT_EXPIRED: "demande d'inscription expirée",
    Verb.ENROLMENT_CONTESTED: "inscription contestée",
    Verb.CONTEST_WITHDRAWN: "contestation retirée",
    Verb.ENROLMENT_ENDED: "inscription terminée par le client",
    Verb.PERSON_OPENED: "identifiant créé",
    Verb.PASSWORD_CHANGED: "mot de passe changé",
    Verb.EMAIL_CHANGED: "adresse changée",
    Verb.FACTOR_ADDED: "double authentification ajoutée",
    Verb.FACTOR_REMOVED: "double authentification retirée",
    Verb.CODES_RENEWED: "codes de secours renouvelés",
    Verb.SIGN_ON_LINKED: "connexion unique reliée",
    Verb.SESSION_ENDED: "session terminée",
    Verb.PERSON_CLOSED: "identifiant fermé",
    Verb.PERSON_REOPENED: "identifiant rouvert",
    Verb.DATA_SEEN: "fiche consultée",
    Verb.BUDGET_LIFTED: "essais rendus",
    Verb.CODE_SENT: "code envoyé",
}
_ACTORS = {
    "client": "le client",
    "agent": "un agent",
    "member": "un membre",
    "person": "une personne",
    "command": "une commande",
    "feed": "un fichier du registre",
}


def sentence(event: Happened) -> str:
    """«Services modifiés, par Alice Alder (Cabinet Alder)»."""
    said = next((text for verb, text in _SAID.items() if verb == event.verb), "autre acte")
    by = event.person or _ACTORS.get(event.actor_kind, "le programme")
    where = f" ({event.firm})" if event.firm and event.actor_kind == "member" else ""
    why = f". Motif : {event.reason}" if event.reason else ""
    return f"{said[0].upper()}{said[1:]}, par {by}{where}{why}"
