"""Leaving for a provider of single sign-on and coming back: «tilleul» is down, «inconnu» is not configured."""

from typing import Any

from portefeuille.people.single_sign_on.providers import Provider

TABLE = """
route                 object   method  stranger  zoe  charlie  rita  bob  nina  alice  carl  ida  ada
sign_on               -        GET     200       302  302      302   302  302   302    302   302  302
sign_on               -        POST    302       302  302      302   302  302   302    302   302  302
sign_on               -        other   405       405  405      405   405  405   405    405   405  405
sign_on               inconnu  GET     404       404  404      404   404  404   404    404   404  404
sign_on               inconnu  POST    404       404  404      404   404  404   404    404   404  404
sign_on               inconnu  other   404       404  404      404   404  404   404    404   404  404
sign_on_return        -        GET     302       302  302      302   302  302   302    302   302  302
sign_on_return        -        POST    405       405  405      405   405  405   405    405   405  405
sign_on_return        -        other   405       405  405      405   405  405   405    405   405  405
sign_on_return        inconnu  GET     404       404  404      404   404  404   404    404   404  404
sign_on_return        inconnu  POST    404       404  404      404   404  404   404    404   404  404
sign_on_return        inconnu  other   404       404  404      404   404  404   404    404   404  404
sign_on_failed        -        GET     200       200  200      200   200  200   200    200   200  200
sign_on_failed        -        POST    405       405  405      405   405  405   405    405   405  405
sign_on_failed        -        other   405       405  405      405   405  405   405    405   405  405
sign_on_not_verified  -        GET     200       200  200      200   200  200   200    200   200  200
sign_on_not_verified  -        POST    405       405  405      405   405  405   405    405   405  405
sign_on_not_verified  -        other   405       405  405      405   405  405   405    405   405  405
sign_on_no_space      -        GET     200       200  200      200   200  200   200    200   200  200
sign_on_no_space      -        POST    405       405  405      405   405  405   405    405   405  405
sign_on_no_space      -        other   405       405  405      405   405  405   405    405   405  405
"""
OBJECTS = {"sign_on": {"-", "inconnu"}, "sign_on_return": {"-", "inconnu"}}


def configure(settings: Any) -> None:
    settings.SSO_PROVIDERS = (Provider("tilleul", "Tilleul", "http://127.0.0.1:1", "portefeuille", "secret"),)


def arguments(_scene: Any, _route: str, thing: str) -> dict[str, Any]:
    return {"provider": "inconnu" if thing == "inconnu" else "tilleul"}
