"""Leaving for a provider of single sign-on and coming back: «tilleul» is down, «inconnu» is not configured.

Alice has a link with it (object ``alice``), Zoe too (``zoe``): each sees and ends their own.
"""

from typing import Any

from allauth.socialaccount.models import SocialAccount

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
confirm_with          -        GET     sign-in   302  404      404   404  404   302    404   404  404
confirm_with          -        POST    sign-in   302  404      404   404  404   302    404   404  404
confirm_with          -        other   sign-in   405  405      405   405  405   405    405   405  405
confirm_with          inconnu  GET     sign-in   404  404      404   404  404   404    404   404  404
confirm_with          inconnu  POST    sign-in   404  404      404   404  404   404    404   404  404
confirm_with          inconnu  other   sign-in   405  405      405   405  405   405    405   405  405
sign_on_links         -        GET     sign-in   200  200      200   200  200   200    200   200  200
sign_on_links         -        POST    sign-in   405  405      405   405  405   405    405   405  405
sign_on_links         -        other   sign-in   405  405      405   405  405   405    405   405  405
sign_on_unlink        alice    GET     sign-in   404  404      404   404  404   200    404   404  404
sign_on_unlink        alice    POST    sign-in   404  404      404   404  404   302!   404   404  404
sign_on_unlink        alice    other   sign-in   405  405      405   405  405   405    405   405  405
sign_on_unlink        zoe      GET     sign-in   200  404      404   404  404   404    404   404  404
sign_on_unlink        zoe      POST    sign-in   302! 404      404   404  404   404    404   404  404
sign_on_unlink        zoe      other   sign-in   405  405      405   405  405   405    405   405  405
"""
OBJECTS = {
    "sign_on": {"-", "inconnu"},
    "sign_on_return": {"-", "inconnu"},
    "sign_on_unlink": {"alice", "zoe"},
    "confirm_with": {"-", "inconnu"},
}


def configure(settings: Any) -> None:
    settings.SSO_PROVIDERS = (Provider("tilleul", "Tilleul", "http://127.0.0.1:1", "portefeuille", "secret"),)


def prepare(scene: Any) -> None:
    for who in ("alice", "zoe"):
        SocialAccount.objects.create(user=scene.cast.users[who], provider="tilleul", uid=who)


def arguments(_scene: Any, route: str, thing: str) -> dict[str, Any]:
    if route == "sign_on_unlink":
        return {"link": SocialAccount.objects.get(uid=thing).pk}
    if route == "sign_on_links":
        return {}
    return {"provider": "inconnu" if thing == "inconnu" else "tilleul"}
