"""The list as a file, and changes to many clients at once. An act is for the member who drew it up: Alice, Charlie."""

from typing import Any

from portefeuille.enrolments.bulk import Wish, draw_up
from tests.web.matrix.imports import _Again

TABLE = """
route           object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
export_clients  A       GET     sign-in   404  404      200   200   200   200    404   404  404
export_clients  A       POST    sign-in   404  404      200!  200!  200!  200!   404   404  404
export_clients  A       other   sign-in   405  405      405   405   405   405    405   405  405
export_clients  B       GET     sign-in   404  200      404   404   404   404    404   404  404
export_clients  B       POST    sign-in   404  200!     404   404   404   404    404   404  404
export_clients  B       other   sign-in   405  405      405   405   405   405    405   405  405
bring_back      A       GET     sign-in   404  404      200   200   200   200    404   404  404
bring_back      A       POST    sign-in   404  404      200   302!  302!  302!   404   404  404
bring_back      A       other   sign-in   405  405      405   405   405   405    405   405  405
bring_back      B       GET     sign-in   404  200      404   404   404   404    404   404  404
bring_back      B       POST    sign-in   404  302!     404   404   404   404    404   404  404
bring_back      B       other   sign-in   405  405      405   405   405   405    405   405  405
change_many     A       GET     sign-in   404  404      302   200   200   200    404   404  404
change_many     A       POST    sign-in   404  404      302   302!  302!  302!   404   404  404
change_many     A       other   sign-in   405  405      405   405   405   405    405   405  405
change_many     A2      GET     sign-in   404  404      302   302   302   200    404   404  404
change_many     A2      POST    sign-in   404  404      302   302   302   302!   404   404  404
change_many     A2      other   sign-in   405  405      405   405   405   405    405   405  405
change_many     B       GET     sign-in   404  200      404   404   404   404    404   404  404
change_many     B       POST    sign-in   404  302!     404   404   404   404    404   404  404
change_many     B       other   sign-in   405  405      405   405   405   405    405   405  405
change_many     A/B     GET     sign-in   404  404      302   302   302   302    404   404  404
change_many     A/B     POST    sign-in   404  404      302   302   302   302    404   404  404
change_many     A/B     other   sign-in   405  405      405   405   405   405    405   405  405
bulk_act        A       GET     sign-in   404  404      404   404   404   200    404   404  404
bulk_act        A       POST    sign-in   404  404      404   404   404   302!   404   404  404
bulk_act        A       other   sign-in   405  405      405   405   405   405    405   405  405
bulk_act        B       GET     sign-in   404  200      404   404   404   404    404   404  404
bulk_act        B       POST    sign-in   404  302!     404   404   404   404    404   404  404
bulk_act        B       other   sign-in   405  405      405   405   405   405    405   405  405
bulk_act        A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
bulk_act        A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
bulk_act        A/B     other   sign-in   405  405      405   405   405   405    405   405  405
"""
OBJECTS = {"change_many": {"A", "A2", "B", "A/B"}, "bulk_act": {"A", "B", "A/B"}}


def prepare(scene: Any) -> None:
    scene.act = {
        thing: draw_up(access=scene.cast.access(who), wish=Wish(ends=True), enrolments=[scene.client[thing]]).uid
        for thing, who in (("A", "alice"), ("B", "charlie"))
    }
    scene.act["A/B"] = scene.act["B"]


def arguments(scene: Any, route: str, thing: str) -> dict[str, Any]:
    return {"act": scene.act[thing]} if route == "bulk_act" else {}


def query(scene: Any, route: str, thing: str) -> str:
    return f"?client={scene.client[thing]}" if route == "change_many" else ""


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    changed = f"Référence;Service : Attestations\n{scene.client.get(thing)};oui\n"
    forms: dict[str, dict[str, Any]] = {
        "bring_back": {"fichier": _Again("clients.csv", changed.encode())},
        "export_clients": {"format": "csv"},
        "change_many": {"quoi": "ajouter", "services": ["attestations"]},
    }
    return forms.get(route, {})
