"""The letter route of firms, and the invitation of a client."""

from typing import Any

from django.db import transaction

from portefeuille.enrolments.letters import holder_of
from portefeuille.outbox.actions import CODE, text_of
from portefeuille.outbox.models import Message
from portefeuille.posted_codes.actions import send
from portefeuille.posted_codes.models import PostedCode
from portefeuille.sealing import seal
from portefeuille.web.adding.views import ACCOUNT_IN_ADDRESS
from tests.cast import LIBERAL_SAME_SIREN, MANAGER

TABLE = """
route               object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
ask_code_siren      A       GET     sign-in   404  404      200   200   200   200    404   404  404
ask_code_siren      A       POST    sign-in   404  404      200   302!  302!  302!   404   404  404
ask_code_siren      A       other   sign-in   405  405      405   405   405   405    405   405  405
ask_code_siren      B       GET     sign-in   404  200      404   404   404   404    404   404  404
ask_code_siren      B       POST    sign-in   404  302!     404   404   404   404    404   404  404
ask_code_siren      B       other   sign-in   405  405      405   405   405   405    405   405  405
ask_code_account    A       GET     sign-in   404  404      200   200   200   200    404   404  404
ask_code_account    A       POST    sign-in   404  404      200   302!  302!  302!   404   404  404
ask_code_account    A       other   sign-in   405  405      405   405   405   405    405   405  405
ask_code_account    B       GET     sign-in   404  200      404   404   404   404    404   404  404
ask_code_account    B       POST    sign-in   404  302!     404   404   404   404    404   404  404
ask_code_account    B       other   sign-in   405  405      405   405   405   405    405   405  405
enrol_code_siren    A       GET     sign-in   404  404      200   200   200   200    404   404  404
enrol_code_siren    A       POST    sign-in   404  404      200   302!  302!  302!   404   404  404
enrol_code_siren    A       other   sign-in   405  405      405   405   405   405    405   405  405
enrol_code_siren    B       GET     sign-in   404  200      404   404   404   404    404   404  404
enrol_code_siren    B       POST    sign-in   404  302!     404   404   404   404    404   404  404
enrol_code_siren    B       other   sign-in   405  405      405   405   405   405    405   405  405
enrol_code_account  A       GET     sign-in   404  404      200   200   200   200    404   404  404
enrol_code_account  A       POST    sign-in   404  404      200   302!  302!  302!   404   404  404
enrol_code_account  A       other   sign-in   405  405      405   405   405   405    405   405  405
enrol_code_account  B       GET     sign-in   404  200      404   404   404   404    404   404  404
enrol_code_account  B       POST    sign-in   404  302!     404   404   404   404    404   404  404
enrol_code_account  B       other   sign-in   405  405      405   405   405   405    405   405  405
invite_client       A       GET     sign-in   404  404      302   302   302   302    404   404  404
invite_client       A       POST    sign-in   404  404      404   302   302   302    404   404  404
invite_client       A       other   sign-in   405  405      405   405   405   405    405   405  405
invite_client       A2      GET     sign-in   404  404      302   302   302   302    404   404  404
invite_client       A2      POST    sign-in   404  404      404   404   404   302!   404   404  404
invite_client       A2      other   sign-in   405  405      405   405   405   405    405   405  405
invite_client       B       GET     sign-in   404  302      404   404   404   404    404   404  404
invite_client       B       POST    sign-in   404  302      404   404   404   404    404   404  404
invite_client       B       other   sign-in   405  405      405   405   405   405    405   405  405
invite_client       A/B     GET     sign-in   404  404      302   302   302   302    404   404  404
invite_client       A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
invite_client       A/B     other   sign-in   405  405      405   405   405   405    405   405  405
"""

OBJECTS = {"invite_client": {"A", "A2", "B", "A/B"}}


def prepare(scene: Any) -> None:
    scene.letter = {}
    for thing in ("A", "B"):
        for client in (LIBERAL_SAME_SIREN, MANAGER):
            with transaction.atomic():
                send(
                    purpose=PostedCode.Purpose.ENROLMENT,
                    holder=holder_of(client.subject),
                    firm_id=scene.firm[thing].pk,
                    email="",
                    account_id=None,
                    subject="code",
                    body=CODE,
                )
            message = Message.objects.order_by("-pk")[0]
            scene.letter[thing, client.account] = text_of(message.body, message.secret)
            message.delete()


def arguments(scene: Any, route: str, thing: str) -> dict[str, Any]:
    if route == "invite_client":
        return {"enrolment": scene.client[thing]}
    if route.endswith("siren"):
        return {"siren": LIBERAL_SAME_SIREN.siren, "regime": LIBERAL_SAME_SIREN.regime}
    return {"token": seal(ACCOUNT_IN_ADDRESS, MANAGER.account.encode())}


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    if not route.startswith("enrol_code"):
        return {}
    account = (LIBERAL_SAME_SIREN if route.endswith("siren") else MANAGER).account
    return {"code": scene.letter[thing, account], "compte": account, "portefeuille": scene.portfolio_of(thing)}
