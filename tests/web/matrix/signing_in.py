"""Signing in and out."""

from typing import Any

TABLE = """
route            object  method  stranger  zoe   charlie  rita  bob   nina  alice  carl  ida   ada
account_login    -       GET     200       302   302      302   302   302   302    302   302   302
account_login    -       POST    200!      302   302      302   302   302   302    302   302   302
account_login    -       other   405       405   405      405   405   405   405    405   405   405
reset_ask        -       GET     200       200   200      200   200   200   200    200   200   200
reset_ask        -       POST    302!      302!  302!     302!  302!  302!  302!   302!  302!  302!
reset_ask        -       other   405       405   405      405   405   405   405    405   405   405
reset_sent       -       GET     200       200   200      200   200   200   200    200   200   200
reset_sent       -       POST    405       405   405      405   405   405   405    405   405   405
reset_sent       -       other   405       405   405      405   405   405   405    405   405   405
reset_choose     -       GET     200       200   200      200   200   200   200    200   200   200
reset_choose - POST sign-in! sign-in! sign-in! sign-in! sign-in! sign-in! sign-in! sign-in! sign-in! sign-in!
reset_choose     -       other   405       405   405      405   405   405   405    405   405   405
second_step      -       GET     sign-in   302   302      302   302   302   302    302   302   302
second_step      -       POST    sign-in   302   302      302   302   302   302    302   302   302
second_step      -       other   405       405   405      405   405   405   405    405   405   405
account_logout   -       GET     302       200   200      200   200   200   200    200   200   200
account_logout   -       POST    302       302   302      302   302   302   302    302   302   302
account_logout   -       other   405       405   405      405   405   405   405    405   405   405
passkey_sign_in  -       GET     200       302   302      302   302   302   302    302   302   302
passkey_sign_in  -       POST    200!      302   302      302   302   302   302    302   302   302
passkey_sign_in  -       other   405       405   405      405   405   405   405    405   405   405
"""


def arguments(scene: Any, route: str, _thing: str) -> dict[str, Any]:
    return {"token": scene.reset_token} if route == "reset_choose" else {}


def sent(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    forms: dict[str, dict[str, Any]] = {
        "account_login": {"login": "nobody@nowhere.example", "password": "x"},
        "reset_ask": {"identifiant": "bob@alder.example"},
        "reset_choose": {"nouveau": "tuile-vague-orme-sentier-3"},
    }
    return forms.get(route, {})
