"""Modèles: administrators of the firm, and nobody else."""

from typing import Any

from portefeuille.catalogue.selection import Selection
from portefeuille.catalogue.templates import Kept, keep_template

TABLE = """
route            object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
templates        A       GET     sign-in   404  404      404   404   404   200    404   404  404
templates        A       POST    sign-in   405  405      405   405   405   405    405   405  405
templates        A       other   sign-in   405  405      405   405   405   405    405   405  405
templates        B       GET     sign-in   404  200      404   404   404   404    404   404  404
templates        B       POST    sign-in   405  405      405   405   405   405    405   405  405
templates        B       other   sign-in   405  405      405   405   405   405    405   405  405
new_template     A       GET     sign-in   404  404      404   404   404   200    404   404  404
new_template     A       POST    sign-in   404  404      404   404   404   302!   404   404  404
new_template     A       other   sign-in   405  405      405   405   405   405    405   405  405
new_template     B       GET     sign-in   404  200      404   404   404   404    404   404  404
new_template     B       POST    sign-in   404  302!     404   404   404   404    404   404  404
new_template     B       other   sign-in   405  405      405   405   405   405    405   405  405
template         A       GET     sign-in   404  404      404   404   404   200    404   404  404
template         A       POST    sign-in   404  404      404   404   404   302!   404   404  404
template         A       other   sign-in   405  405      405   405   405   405    405   405  405
template         B       GET     sign-in   404  200      404   404   404   404    404   404  404
template         B       POST    sign-in   404  302!     404   404   404   404    404   404  404
template         B       other   sign-in   405  405      405   405   405   405    405   405  405
template         A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
template         A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
template         A/B     other   sign-in   405  405      405   405   405   405    405   405  405
remove_template  A       GET     sign-in   404  404      404   404   404   200    404   404  404
remove_template  A       POST    sign-in   404  404      404   404   404   302!   404   404  404
remove_template  A       other   sign-in   405  405      405   405   405   405    405   405  405
remove_template  B       GET     sign-in   404  200      404   404   404   404    404   404  404
remove_template  B       POST    sign-in   404  302!     404   404   404   404    404   404  404
remove_template  B       other   sign-in   405  405      405   405   405   405    405   405  405
remove_template  A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
remove_template  A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
remove_template  A/B     other   sign-in   405  405      405   405   405   405    405   405  405
"""
OBJECTS = {"template": {"A", "B", "A/B"}, "remove_template": {"A", "B", "A/B"}}


def prepare(scene: Any) -> None:
    scene.template = {}
    for thing, who in (("A", "alice"), ("B", "charlie")):
        result = keep_template(access=scene.cast.access(who), name="Paie", selection=Selection(1, 1))
        assert isinstance(result, Kept)
        scene.template[thing] = result.uid
    scene.template["A/B"] = scene.template["B"]


def arguments(scene: Any, route: str, thing: str) -> dict[str, Any]:
    return {"template": scene.template[thing]} if route in OBJECTS else {}


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    return {"nom": "Autre nom", "services": ["attestations"]}
