"""The pages of the body's agents. A look at personal data is itself a row of the trail: ``200!``.

``office_decide`` suspends: the firms of the cast are active.
"""

from typing import Any

from portefeuille.firms.admission import Decision
from portefeuille.registry.models import Account
from portefeuille.sealing import seal
from tests.cast import EMPLOYER

TABLE = """
route           object  method  stranger  zoe  charlie  rita  bob  nina  alice  carl  ida   ada
office          -       GET     sign-in   404  404      404   404  404   404    404   200   200
office          -       POST    sign-in   405  405      405   405  405   405    405   405   405
office          -       other   sign-in   405  405      405   405  405   405    405   405   405
office_firms    -       GET     sign-in   404  404      404   404  404   404    404   200   200
office_firms    -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_firms    -       other   sign-in   405  405      405   405  405   405    405   405   405
office_firm     A       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_firm     A       POST    sign-in   405  405      405   405  405   405    405   405   405
office_firm     A       other   sign-in   405  405      405   405  405   405    405   405   405
office_firm     B       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_firm     B       POST    sign-in   405  405      405   405  405   405    405   405   405
office_firm     B       other   sign-in   405  405      405   405  405   405    405   405   405
office_decide   A       GET     sign-in   404  404      404   404  404   404    404   404   200
office_decide   A       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_decide   A       other   sign-in   405  405      405   405  405   405    405   405   405
office_decide   B       GET     sign-in   404  404      404   404  404   404    404   404   200
office_decide   B       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_decide   B       other   sign-in   405  405      405   405  405   405    405   405   405
office_find     -       GET     sign-in   404  404      404   404  404   404    404   200   200
office_find     -       POST    sign-in   404  404      404   404  404   404    404   302   302
office_find     -       other   sign-in   405  405      405   405  405   405    405   405   405
office_found    -       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_found    -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_found    -       other   sign-in   405  405      405   405  405   405    405   405   405
office_account  -       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_account  -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_account  -       other   sign-in   405  405      405   405  405   405    405   405   405
office_person   -       GET     sign-in   404  404      404   404  404   404    404   200!  200!
office_person   -       POST    sign-in   405  405      405   405  405   405    405   405   405
office_person   -       other   sign-in   405  405      405   405  405   405    405   405   405
office_help     -       GET     sign-in   404  404      404   404  404   404    404   404   200
office_help     -       POST    sign-in   404  404      404   404  404   404    404   404   302!
office_help     -       other   sign-in   405  405      405   405  405   405    405   405   405
"""


def arguments(scene: Any, route: str, _thing: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "office_decide": {"decision": Decision.SUSPEND},
        "office_found": {"token": seal("backoffice-search", f"siren\n{EMPLOYER.siren}".encode())},
        "office_account": {"account": Account.objects.get(number=EMPLOYER.account).pk},
        "office_person": {"person": scene.cast.users["bob"].uid},
        "office_help": {"person": scene.cast.users["bob"].uid, "act": "fermer"},
    }
    return given.get(route, {})


def sent(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    forms: dict[str, dict[str, Any]] = {
        "office_decide": {"motif": "Impayés"},
        "office_find": {"cherche": EMPLOYER.siren},
        "office_help": {"motif": "Départ annoncé par le cabinet"},
    }
    return forms.get(route, {})
