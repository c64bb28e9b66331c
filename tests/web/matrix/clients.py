"""The list of a firm's clients, and the pages of each."""

from typing import Any

from tests.web.matrix import OF_A_CLIENT

TABLE = """
route           object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
clients         A       GET     sign-in   404  404      200   200   200   200    404   404  404
clients         A       POST    sign-in   405  405      405   405   405   405    405   405  405
clients         A       other   sign-in   405  405      405   405   405   405    405   405  405
clients         B       GET     sign-in   404  200      404   404   404   404    404   404  404
clients         B       POST    sign-in   405  405      405   405   405   405    405   405  405
clients         B       other   sign-in   405  405      405   405   405   405    405   405  405
client          A       GET     sign-in   404  404      200   200   200   200    404   404  404
client          A       POST    sign-in   404  404      404   302!  302!  302!   404   404  404
client          A       other   sign-in   405  405      405   405   405   405    405   405  405
client          A2      GET     sign-in   404  404      404   404   404   200    404   404  404
client          A2      POST    sign-in   404  404      404   404   404   302!   404   404  404
client          A2      other   sign-in   405  405      405   405   405   405    405   405  405
client          R       GET     sign-in   404  404      404   200   404   200    404   404  404
client          R       POST    sign-in   404  404      404   302!  404   302!   404   404  404
client          R       other   sign-in   405  405      405   405   405   405    405   405  405
client          B       GET     sign-in   404  200      404   404   404   404    404   404  404
client          B       POST    sign-in   404  302!     404   404   404   404    404   404  404
client          B       other   sign-in   405  405      405   405   405   405    405   405  405
client          A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
client          A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
client          A/B     other   sign-in   405  405      405   405   405   405    405   405  405
terminate       A       GET     sign-in   404  404      404   200   404   200    404   404  404
terminate       A       POST    sign-in   404  404      404   302!  404   302!   404   404  404
terminate       A       other   sign-in   405  405      405   405   405   405    405   405  405
terminate       A2      GET     sign-in   404  404      404   404   404   200    404   404  404
terminate       A2      POST    sign-in   404  404      404   404   404   302!   404   404  404
terminate       A2      other   sign-in   405  405      405   405   405   405    405   405  405
terminate       R       GET     sign-in   404  404      404   200   404   200    404   404  404
terminate       R       POST    sign-in   404  404      404   302!  404   302!   404   404  404
terminate       R       other   sign-in   405  405      405   405   405   405    405   405  405
terminate       B       GET     sign-in   404  200      404   404   404   404    404   404  404
terminate       B       POST    sign-in   404  302!     404   404   404   404    404   404  404
terminate       B       other   sign-in   405  405      405   405   405   405    405   405  405
terminate       A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
terminate       A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
terminate       A/B     other   sign-in   405  405      405   405   405   405    405   405  405
establishment   A       GET     sign-in   404  404      200   200   200   200    404   404  404
establishment   A       POST    sign-in   404  404      404   302!  302!  302!   404   404  404
establishment   A       other   sign-in   405  405      405   405   405   405    405   405  405
establishment   A2      GET     sign-in   404  404      404   404   404   200    404   404  404
establishment   A2      POST    sign-in   404  404      404   404   404   302!   404   404  404
establishment   A2      other   sign-in   405  405      405   405   405   405    405   405  405
establishment   R       GET     sign-in   404  404      404   200   404   200    404   404  404
establishment   R       POST    sign-in   404  404      404   302!  404   302!   404   404  404
establishment   R       other   sign-in   405  405      405   405   405   405    405   405  405
establishment   B       GET     sign-in   404  200      404   404   404   404    404   404  404
establishment   B       POST    sign-in   404  302!     404   404   404   404    404   404  404
establishment   B       other   sign-in   405  405      405   405   405   405    405   405  405
establishment   A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
establishment   A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
establishment   A/B     other   sign-in   405  405      405   405   405   405    405   405  405
terminate_many  A       GET     sign-in   404  404      302   200   302   200    404   404  404
terminate_many  A       POST    sign-in   404  404      302   302!  302   302!   404   404  404
terminate_many  A       other   sign-in   405  405      405   405   405   405    405   405  405
terminate_many  A2      GET     sign-in   404  404      302   302   302   200    404   404  404
terminate_many  A2      POST    sign-in   404  404      302   302   302   302!   404   404  404
terminate_many  A2      other   sign-in   405  405      405   405   405   405    405   405  405
terminate_many  R       GET     sign-in   404  404      302   200   302   200    404   404  404
terminate_many  R       POST    sign-in   404  404      302   302!  302   302!   404   404  404
terminate_many  R       other   sign-in   405  405      405   405   405   405    405   405  405
terminate_many  B       GET     sign-in   404  200      404   404   404   404    404   404  404
terminate_many  B       POST    sign-in   404  302!     404   404   404   404    404   404  404
terminate_many  B       other   sign-in   405  405      405   405   405   405    405   405  405
terminate_many  A/B     GET     sign-in   404  404      302   302   302   302    404   404  404
terminate_many  A/B     POST    sign-in   404  404      302   302   302   302    404   404  404
terminate_many  A/B     other   sign-in   405  405      405   405   405   405    405   405  405
undo            A       GET     sign-in   404  404      302   302   302   302    404   404  404
undo            A       POST    sign-in   404  404      302   302!  302   302!   404   404  404
undo            A       other   sign-in   405  405      405   405   405   405    405   405  405
undo            A2      GET     sign-in   404  404      302   302   302   302    404   404  404
undo            A2      POST    sign-in   404  404      302   302   302   302!   404   404  404
undo            A2      other   sign-in   405  405      405   405   405   405    405   405  405
undo            R       GET     sign-in   404  404      302   302   302   302    404   404  404
undo            R       POST    sign-in   404  404      302   302!  302   302!   404   404  404
undo            R       other   sign-in   405  405      405   405   405   405    405   405  405
undo            B       GET     sign-in   404  302      404   404   404   404    404   404  404
undo            B       POST    sign-in   404  302!     404   404   404   404    404   404  404
undo            B       other   sign-in   405  405      405   405   405   405    405   405  405
undo            A/B     GET     sign-in   404  404      302   302   302   302    404   404  404
undo            A/B     POST    sign-in   404  404      302   302   302   302    404   404  404
undo            A/B     other   sign-in   405  405      405   405   405   405    405   405  405
"""

OBJECTS = {
    "client": OF_A_CLIENT,
    "terminate": OF_A_CLIENT,
    "establishment": OF_A_CLIENT,
    "terminate_many": OF_A_CLIENT,
    "undo": OF_A_CLIENT,
}


def arguments(scene: Any, route: str, thing: str) -> dict[str, Any]:
    enrolment = {"enrolment": scene.client.get(thing)}
    given: dict[str, dict[str, Any]] = {
        "client": enrolment,
        "terminate": enrolment,
        "establishment": {**enrolment, "siret": scene.siret.get(thing)},
        "undo": {"ending": scene.ending.get(thing)},
    }
    return given.get(route, {})


def query(scene: Any, route: str, thing: str) -> str:
    return f"?client={scene.client[thing]}" if route == "terminate_many" else ""


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    forms: dict[str, dict[str, Any]] = {
        "client": {"services": ["attestations"]},
        "establishment": {"services": ["attestations"]},
        "terminate_many": {"client": str(scene.client.get(thing))},
    }
    return forms.get(route, {})
