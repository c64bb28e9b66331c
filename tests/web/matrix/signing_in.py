"""Signing in and out."""

from typing import Any

TABLE = """
route           object  method  stranger  zoe  charlie  rita  bob  nina  alice  carl  ida  ada
account_login   -       GET     200       302  302      302   302  302   302    302   302  302
account_login   -       POST    200!      302  302      302   302  302   302    302   302  302
account_login   -       other   405       405  405      405   405  405   405    405   405  405
second_step     -       GET     sign-in   302  302      302   302  302   302    302   302  302
second_step     -       POST    sign-in   302  302      302   302  302   302    302   302  302
second_step     -       other   405       405  405      405   405  405   405    405   405  405
account_logout  -       GET     302       200  200      200   200  200   200    200   200  200
account_logout  -       POST    302       302  302      302   302  302   302    302   302  302
account_logout  -       other   405       405  405      405   405  405   405    405   405  405
"""


def sent(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    return {"login": "nobody@nowhere.example", "password": "x"} if route == "account_login" else {}
