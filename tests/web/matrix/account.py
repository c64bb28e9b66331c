"""What people change about their own account."""

from typing import Any

from tests.cast import PASSWORD

TABLE = """
route          object  method  stranger  zoe  charlie  rita  bob  nina  alice  carl  ida  ada
account        -       GET     sign-in   200  200      200   200  200   200    200   200  200
account        -       POST    sign-in   405  405      405   405  405   405    405   405  405
account        -       other   sign-in   405  405      405   405  405   405    405   405  405
confirm        -       GET     sign-in   200  200      200   200  200   200    200   200  200
confirm        -       POST    sign-in   302  302      302   302  302   302    302   302  302
confirm        -       other   sign-in   405  405      405   405  405   405    405   405  405
second_factor  -       GET     sign-in   200  200      200   200  200   200    200   200  200
second_factor  -       POST    sign-in   405  405      405   405  405   405    405   405  405
second_factor  -       other   sign-in   405  405      405   405  405   405    405   405  405
"""


def sent(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    return {"mot_de_passe": PASSWORD} if route == "confirm" else {}
