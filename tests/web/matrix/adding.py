"""The dashboard, and adding a client."""

from typing import Any

from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests.cast import EMPLOYER, LIBERAL_SAME_SIREN, MANAGER

TABLE = """
route          object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
dashboard      A       GET     sign-in   404  404      200   200   200   200    404   404  404
dashboard      A       POST    sign-in   405  405      405   405   405   405    405   405  405
dashboard      A       other   sign-in   405  405      405   405   405   405    405   405  405
dashboard      B       GET     sign-in   404  200      404   404   404   404    404   404  404
dashboard      B       POST    sign-in   405  405      405   405   405   405    405   405  405
dashboard      B       other   sign-in   405  405      405   405   405   405    405   405  405
add            A       GET     sign-in   404  404      200   200   200   200    404   404  404
add            A       POST    sign-in   404  404      302   302   302   302    404   404  404
add            A       other   sign-in   405  405      405   405   405   405    405   405  405
add            B       GET     sign-in   404  200      404   404   404   404    404   404  404
add            B       POST    sign-in   404  302      404   404   404   404    404   404  404
add            B       other   sign-in   405  405      405   405   405   405    405   405  405
choose_regime  A       GET     sign-in   404  404      200   200   200   200    404   404  404
choose_regime  A       POST    sign-in   405  405      405   405   405   405    405   405  405
choose_regime  A       other   sign-in   405  405      405   405   405   405    405   405  405
choose_regime  B       GET     sign-in   404  200      404   404   404   404    404   404  404
choose_regime  B       POST    sign-in   405  405      405   405   405   405    405   405  405
choose_regime  B       other   sign-in   405  405      405   405   405   405    405   405  405
enrol_siren    A       GET     sign-in   404  404      200   200   200   200    404   404  404
enrol_siren    A       POST    sign-in   404  404      200   302!  302!  302!   404   404  404
enrol_siren    A       other   sign-in   405  405      405   405   405   405    405   405  405
enrol_siren    B       GET     sign-in   404  200      404   404   404   404    404   404  404
enrol_siren    B       POST    sign-in   404  302!     404   404   404   404    404   404  404
enrol_siren    B       other   sign-in   405  405      405   405   405   405    405   405  405
enrol_account  A       GET     sign-in   404  404      200   200   200   200    404   404  404
enrol_account  A       POST    sign-in   404  404      200   302!  302!  302!   404   404  404
enrol_account  A       other   sign-in   405  405      405   405   405   405    405   405  405
enrol_account  B       GET     sign-in   404  200      404   404   404   404    404   404  404
enrol_account  B       POST    sign-in   404  302!     404   404   404   404    404   404  404
enrol_account  B       other   sign-in   405  405      405   405   405   405    405   405  405
"""


def arguments(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "choose_regime": {"siren": EMPLOYER.siren},
        "enrol_siren": {"siren": LIBERAL_SAME_SIREN.siren, "regime": LIBERAL_SAME_SIREN.regime},
        "enrol_account": {"token": seal(ACCOUNT_IN_ADDRESS, MANAGER.account.encode())},
    }
    return given.get(route, {})


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    portfolio = scene.portfolio_of(thing)
    facts = {
        "add": {"identifiant": EMPLOYER.siren},
        "enrol_siren": {
            "fait": LIBERAL_SAME_SIREN.nir,
            "compte": LIBERAL_SAME_SIREN.account,
            "portefeuille": portfolio,
        },
        "enrol_account": {"fait": MANAGER.amount, "compte": MANAGER.account, "portefeuille": portfolio},
    }
    return facts.get(route, {})
