"""The pages of the body's agents. A look at personal data is itself a row of the trail: ``200!``.

``office_decide`` suspends: the firms of the cast are active.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from portefeuille.backoffice.budgets import Budget
from portefeuille.backoffice.models import LetterBatch
from portefeuille.firms.admission import Decision
from portefeuille.outbox.models import Message
from portefeuille.registry.models import Account, FlatRateAmount
from portefeuille.sealing import seal
from portefeuille.throttling import budgets
from portefeuille.web.backoffice.tries import _seal
from tests.cast import EMPLOYER

TABLE = """
route                    object  method  stranger  zoe  charlie  rita  bob  nina  alice  carl  ida   ada
office                   -       GET     sign-in   404  404      404   404  404   404    404   200   200
office                   -       POST    sign-in   405  405      405   405  405   405    405   405   405
office                   -       other   sign-in   405  405      405   405  405   405    405   405   405
office_firms             -       GET     sign-in   404  404      404   404  404   404    404   200   200
office_firms             -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_firms             -       other   sign-in   405  405      405   405  405   405    405   405   405
office_firm              A       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_firm              A       POST    sign-in   405  405      405   405  405   405    405   405   405
office_firm              A       other   sign-in   405  405      405   405  405   405    405   405   405
office_firm              B       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_firm              B       POST    sign-in   405  405      405   405  405   405    405   405   405
office_firm              B       other   sign-in   405  405      405   405  405   405    405   405   405
office_decide            A       GET     sign-in   404  404      404   404  404   404    404   404   200
office_decide            A       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_decide            A       other   sign-in   405  405      405   405  405   405    405   405   405
office_decide            B       GET     sign-in   404  404      404   404  404   404    404   404   200
office_decide            B       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_decide            B       other   sign-in   405  405      405   405  405   405    405   405   405
office_find              -       GET     sign-in   404  404      404   404  404   404    404   200   200
office_find              -       POST    sign-in   404  404      404   404  404   404    404   302   302
office_find              -       other   sign-in   405  405      405   405  405   405    405   405   405
office_found             -       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_found             -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_found             -       other   sign-in   405  405      405   405  405   405    405   405   405
office_account           -       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_account           -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_account           -       other   sign-in   405  405      405   405  405   405    405   405   405
office_person            -       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_person            -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_person            -       other   sign-in   405  405      405   405  405   405    405   405   405
office_help              -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_help              -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_help              -       other   sign-in   405  405      405   405  405   405    405   405   405
office_letters           -       GET     sign-in   404  404      404   404  404   404    404   200   200
office_letters           -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_letters           -       other   sign-in   405  405      405   405  405   405    405   405   405
office_print             -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_print             -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_print             -       other   sign-in   405  405      405   405  405   405    405   405   405
office_batch             -       GET     sign-in   404  404      404   404  404   404    404   404   200!
office_batch             -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_batch             -       other   sign-in   405  405      405   405  405   405    405   405   405
office_messages          -       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_messages          -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_messages          -       other   sign-in   405  405      405   405  405   405    405   405   405
office_retry             -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_retry             -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_retry             -       other   sign-in   405  405      405   405  405   405    405   405   405
office_code              -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_code              -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_code              -       other   sign-in   405  405      405   405  405   405    405   405   405
office_lift              -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_lift              -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_lift              -       other   sign-in   405  405      405   405  405   405    405   405   405
office_catalogue         -       GET     sign-in   404  404      404   404  404   404    404   200   200
office_catalogue         -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_catalogue         -       other   sign-in   405  405      405   405  405   405    405   405   405
office_entry             -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_entry             -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_entry             -       other   sign-in   405  405      405   405  405   405    405   405   405
office_flat_rates        -       GET     sign-in   404  404      404   404  404   404    404   200   200
office_flat_rates        -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_flat_rates        -       other   sign-in   405  405      405   405  405   405    405   405   405
office_flat_rate_add     -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_flat_rate_add     -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_flat_rate_add     -       other   sign-in   405  405      405   405  405   405    405   405   405
office_flat_rate_remove  -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_flat_rate_remove  -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_flat_rate_remove  -       other   sign-in   405  405      405   405  405   405    405   405   405
office_agents            -       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_agents            -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_agents            -       other   sign-in   405  405      405   405  405   405    405   405   405
office_agent             -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_agent             -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_agent             -       other   sign-in   405  405      405   405  405   405    405   405   405
"""


def prepare(scene: Any) -> None:
    """A batch of letters of today, and an e-mail that was given up."""
    scene.batch = LetterBatch.objects.create(
        printed_at=timezone.now(), printed_by="command:tests", letters=1, unaddressed=0,
        sealed=seal("printed-letters", b"%PDF"),
    )  # fmt: skip
    scene.budget = Budget("firm", "Justificatifs", budgets.key_of("firm", 1), f"firm:{scene.cast.firm_a.uid}")
    with transaction.atomic():
        budgets.attempt({"firm": (scene.budget.key, [(20, 3600)])}, failed=True)
    scene.flat_rate = FlatRateAmount.objects.create(amount="88.20", label="Forfait de début d'activité")
    scene.dead = Message.objects.create(
        channel="email", recipient="loin@nowhere.example", subject="Un message", body="Bonjour", state="dead",
        attempts=25, due_at=timezone.now(), failure="SMTPRecipientsRefused 550",
    )  # fmt: skip


def arguments(scene: Any, route: str, _thing: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "office_decide": {"decision": Decision.SUSPEND},
        "office_found": {"token": seal("backoffice-search", f"siren\n{EMPLOYER.siren}".encode())},
        "office_batch": {"batch": scene.batch.uid},
        "office_entry": {"kind": "service", "code": "attestations"},
        "office_flat_rate_remove": {"flat_rate": scene.flat_rate.pk},
        "office_agent": {"other": scene.cast.users["ida"].agent.uid, "act": "laisser-agir"},
        "office_code": {"account": Account.objects.get(number=EMPLOYER.account).pk},
        "office_lift": {"token": _seal(scene.budget, "/organisme/", "Retour")},
        "office_retry": {"message": scene.dead.uid},
        "office_account": {"account": Account.objects.get(number=EMPLOYER.account).pk},
        "office_person": {"person": scene.cast.users["bob"].uid},
        "office_help": {"person": scene.cast.users["bob"].uid, "act": "fermer"},
    }
    return given.get(route, {})


def sent(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    forms: dict[str, dict[str, Any]] = {
        "office_decide": {"motif": "Impayés"},
        "office_find": {"cherche": EMPLOYER.siren},
        "office_entry": {"libelle": "Attestations et avis", "rang": "7", "regimes": ["RG"]},
        "office_flat_rate_add": {"montant": "77,10", "libelle": "Forfait du barème"},
        "office_lift": {"motif": "Client au téléphone"},
        "office_code": {"usage": "espace", "par": "email"},
        "office_help": {"motif": "Départ annoncé par le cabinet"},
    }
    return forms.get(route, {})
