"""What people change about their own account."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY

from portefeuille.people import links
from portefeuille.people.models import Link, Session
from portefeuille.people.sessions import SessionStore, start
from tests.cast import PASSWORD
from tests.web.account.second_factors import set_up

TABLE = """
route                      object  method  stranger  zoe   charlie  rita  bob   nina  alice  carl  ida   ada
account                    -       GET     sign-in   200   200      200   200   200   200    200   200   200
account                    -       POST    sign-in   405   405      405   405   405   405    405   405   405
account                    -       other   sign-in   405   405      405   405   405   405    405   405   405
account_name               -       GET     sign-in   200   200      200   200   200   200    200   200   200
account_name               -       POST    sign-in   302!  302!     302!  302!  302!  302!   302!  302!  302!
account_name               -       other   sign-in   405   405      405   405   405   405    405   405   405
account_email              -       GET     sign-in   200   200      200   200   200   200    200   200   200
account_email              -       POST    sign-in   302!  302!     302!  302!  302!  302!   302!  302!  302!
account_email              -       other   sign-in   405   405      405   405   405   405    405   405   405
account_email_confirm      -       GET     sign-in   404   404      404   200   404   404    404   404   404
account_email_confirm      -       POST    sign-in   404   404      404   302!  404   404    404   404   404
account_email_confirm      -       other   sign-in   405   405      405   405   405   405    405   405   405
account_password           -       GET     sign-in   200   200      200   200   200   200    200   200   200
account_password           -       POST    sign-in   302!  302!     302!  302!  302!  302!   302!  302!  302!
account_password           -       other   sign-in   405   405      405   405   405   405    405   405   405
account_sessions           -       GET     sign-in   200   200      200   200   200   200    200   200   200
account_sessions           -       POST    sign-in   405   405      405   405   405   405    405   405   405
account_sessions           -       other   sign-in   405   405      405   405   405   405    405   405   405
account_session_end        -       GET     sign-in   302   302      302   302   302   302    302   302   302
account_session_end        -       POST    sign-in   302   302      302   302!  302   302    302   302   302
account_session_end        -       other   sign-in   405   405      405   405   405   405    405   405   405
account_sessions_end       -       GET     sign-in   302   302      302   302   302   302    302   302   302
account_sessions_end       -       POST    sign-in   302   302      302   302!  302   302    302   302   302
account_sessions_end       -       other   sign-in   405   405      405   405   405   405    405   405   405
confirm                    -       GET     sign-in   200   200      200   200   200   200    200   200   200
confirm                    -       POST    sign-in   302   302      302   302   302   302    302   302   302
confirm                    -       other   sign-in   405   405      405   405   405   405    405   405   405
second_factor              -       GET     sign-in   200   200      200   200   200   200    200   200   200
second_factor              -       POST    sign-in   405   405      405   405   405   405    405   405   405
second_factor              -       other   sign-in   405   405      405   405   405   405    405   405   405
second_factor_application  -       GET     sign-in   200   200      200   200   200   200    200   200   200
second_factor_application  -       POST    sign-in   200   200      200   200   200   200    200   200   200
second_factor_application  -       other   sign-in   405   405      405   405   405   405    405   405   405
second_factor_remove       -       GET     sign-in   404   404      404   200   404   404    404   404   404
second_factor_remove       -       POST    sign-in   404   404      404   302!  404   404    404   404   404
second_factor_remove       -       other   sign-in   405   405      405   405   405   405    405   405   405
recovery_codes             -       GET     sign-in   302   302      302   200   302   302    302   200   200
recovery_codes             -       POST    sign-in   302   302      302   302!  302   302    302   302!  302!
recovery_codes             -       other   sign-in   405   405      405   405   405   405    405   405   405
recovery_codes_file        -       GET     sign-in   302   302      302   302   302   302    302   302   302
recovery_codes_file        -       POST    sign-in   405   405      405   405   405   405    405   405   405
recovery_codes_file        -       other   sign-in   405   405      405   405   405   405    405   405   405
second_factor_passkey      -       GET     sign-in   200   200      200   200   200   200    200   200   200
second_factor_passkey      -       POST    sign-in   200   200      200   200   200   200    200   200   200
second_factor_passkey      -       other   sign-in   405   405      405   405   405   405    405   405   405
"""


NEW_ADDRESS = "nouvelle@alder.example"
NEW_PASSWORD = "tuile-vague-orme-sentier-3"


def prepare(scene: Any) -> None:
    bob = scene.cast.users["bob"]
    set_up(bob)
    payload = {"user": str(bob.uid), "from": bob.email}
    scene.email_token = links.issue(Link.Purpose.CHANGE_EMAIL, email=NEW_ADDRESS, payload=payload)
    scene.reset_token = links.issue(Link.Purpose.RESET, email=bob.email, payload={"user": str(bob.uid)})
    other = SessionStore()
    other[SESSION_KEY] = str(bob.pk)
    start(other)
    other.create()
    scene.session = Session.objects.get(user=bob).uid


def arguments(scene: Any, route: str, _thing: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "account_email_confirm": {"token": scene.email_token},
        "account_session_end": {"session": scene.session},
        "second_factor_remove": {"factor": Authenticator.objects.get(user=scene.cast.users["bob"], type="totp").pk},
    }
    return given.get(route, {})


def sent(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    forms: dict[str, dict[str, Any]] = {
        "account_name": {"nom": "Nouveau Nom"},
        "account_email": {"adresse": "encore@alder.example"},
        "account_password": {"mot_de_passe": PASSWORD, "nouveau": NEW_PASSWORD},
        "confirm": {"mot_de_passe": PASSWORD},
        "second_factor_application": {"code": "000000"},
    }
    return forms.get(route, {})
