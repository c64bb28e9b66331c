"""Opening a firm's space.

Links: to a ``new`` address, to that of ``bob``, for a firm that has a space (``joins``), for a Siren that the register
does not know, and one that is ``dead``.
"""

from typing import Any

from portefeuille.people import links
from portefeuille.people.models import Link
from tests.cast import INDEPENDENT, PASSWORD, STRUCK_OFF

TABLE = """
route              object   method  stranger  zoe   charlie  rita  bob   nina  alice  carl  ida   ada
create_space       -        GET     200       200   200      200   200   200   200    200   200   200
create_space       -        POST    302!      302!  302!     302!  302!  302!  302!   302!  302!  302!
create_space       -        other   405       405   405      405   405   405   405    405   405   405
create_space_sent  -        GET     200       200   200      200   200   200   200    200   200   200
create_space_sent  -        POST    405       405   405      405   405   405   405    405   405   405
create_space_sent  -        other   405       405   405      405   405   405   405    405   405   405
open_firm          new      GET     200       200   200      200   200   200   200    200   200   200
open_firm          new      POST    302!      200   200      200   200   200   200    200   200   200
open_firm          new      other   405       405   405      405   405   405   405    405   405   405
open_firm          bob      GET     200       200   200      200   200   200   200    200   200   200
open_firm          bob      POST    200       200   200      200   302!  200   200    200   200   200
open_firm          bob      other   405       405   405      405   405   405   405    405   405   405
open_firm          joins    GET     200       200   200      200   200   200   200    200   200   200
open_firm          joins    POST    302!      200   200      200   200   200   200    200   200   200
open_firm          joins    other   405       405   405      405   405   405   405    405   405   405
open_firm          unknown  GET     200       200   200      200   200   200   200    200   200   200
open_firm          unknown  POST    200       200   200      200   200   200   200    200   200   200
open_firm          unknown  other   405       405   405      405   405   405   405    405   405   405
open_firm          dead     GET     404       404   404      404   404   404   404    404   404   404
open_firm          dead     POST    404       404   404      404   404   404   404    404   404   404
open_firm          dead     other   405       405   405      405   405   405   405    405   405   405
"""

OBJECTS = {"open_firm": {"new", "bob", "joins", "unknown", "dead"}}
UNKNOWN_SIREN = "130025265"


def prepare(scene: Any) -> None:
    scene.cast.firm_b.siren = STRUCK_OFF.siren
    scene.cast.firm_b.save()
    sent_to = {
        "new": ("nadia@neuf.example", INDEPENDENT.siren),
        "bob": ("bob@alder.example", INDEPENDENT.siren),
        "joins": ("nadia@neuf.example", STRUCK_OFF.siren),
        "unknown": ("nadia@neuf.example", UNKNOWN_SIREN),
    }
    scene.opening = {
        thing: links.issue(Link.Purpose.OPEN_FIRM, email=email, payload={"siren": siren})
        for thing, (email, siren) in sent_to.items()
    }
    scene.opening["dead"] = links.issue(Link.Purpose.RESET, email="nadia@neuf.example")


def arguments(scene: Any, route: str, thing: str) -> dict[str, Any]:
    return {"token": scene.opening[thing]} if route == "open_firm" else {}


def sent(_scene: Any, route: str, _thing: str) -> dict[str, Any]:
    if route == "create_space":
        return {"siren": INDEPENDENT.siren, "courriel": "nadia@neuf.example"}
    return {"nom": "Nadia Neuve", "mot_de_passe": PASSWORD, "conditions": "on"}
