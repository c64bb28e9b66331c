"""What people change about their own account."""

from typing import Any

from allauth.mfa.models import Authenticator

from tests.cast import PASSWORD
from tests.web.account.second_factors import set_up

TABLE = """
route                      object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida   ada
account                    -       GET     sign-in   200  200      200   200   200   200    200   200   200
account                    -       POST    sign-in   405  405      405   405   405   405    405   405   405
account                    -       other   sign-in   405  405      405   405   405   405    405   405   405
confirm                    -       GET     sign-in   200  200      200   200   200   200    200   200   200
confirm                    -       POST    sign-in   302  302      302   302   302   302    302   302   302
confirm                    -       other   sign-in   405  405      405   405   405   405    405   405   405
second_factor              -       GET     sign-in   200  200      200   200   200   200    200   200   200
second_factor              -       POST    sign-in   405  405      405   405   405   405    405   405   405
second_factor              -       other   sign-in   405  405      405   405   405   405    405   405   405
second_factor_application  -       GET     sign-in   200  200      200   200   200   200    200   200   200
second_factor_application  -       POST    sign-in   200  200      200   200   200   200    200   200   200
second_factor_application  -       other   sign-in   405  405      405   405   405   405    405   405   405
second_factor_remove       -       GET     sign-in   404  404      404   200   404   404    404   404   404
second_factor_remove       -       POST    sign-in   404  404      404   302!  404   404    404   404   404
second_factor_remove       -       other   sign-in   405  405      405   405   405   405    405   405   405
recovery_codes             -       GET     sign-in   302  302      302   200   302   302    302   200   200
recovery_codes             -       POST    sign-in   302  302      302   302!  302   302    302   302!  302!
recovery_codes             -       other   sign-in   405  405      405   405   405   405    405   405   405
recovery_codes_file        -       GET     sign-in   302  302      302   302   302   302    302   302   302
recovery_codes_file        -       POST    sign-in   405  405      405   405   405   405    405   405   405
recovery_codes_file        -       other   sign-in   405  405      405   405   405   405    405   405   405
"""


def prepare(scene: Any) -> None:
    set_up(scene.cast.users["bob"])


def arguments(scene: Any, route: str, _thing: str) -> dict[str, Any]:
    if route != "second_factor_remove":
        return {}
    return {"factor": Authenticator.objects.get(user=scene.cast.users["bob"], type="totp").pk}


def sent(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    forms: dict[str, dict[str, Any]] = {
        "confirm": {"mot_de_passe": PASSWORD},
        "second_factor_application": {"code": "000000"},
    }
    return forms.get(route, {})
