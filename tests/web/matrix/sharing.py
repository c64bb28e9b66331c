"""Who sees a client, and moving clients to another portfolio."""

from typing import Any

from tests.web.matrix import OF_A_CLIENT

TABLE = """
route          object  method  stranger  zoe  charlie  rita  bob  nina  alice  carl  ida  ada
client_access  A       GET     sign-in   404  404      404   200  200   200    404   404  404
client_access  A       POST    sign-in   404  404      404   404  404   302!   404   404  404
client_access  A       other   sign-in   405  405      405   405  405   405    405   405  405
client_access  A2      GET     sign-in   404  404      404   404  404   200    404   404  404
client_access  A2      POST    sign-in   404  404      404   404  404   302!   404   404  404
client_access  A2      other   sign-in   405  405      405   405  405   405    405   405  405
client_access  R       GET     sign-in   404  404      404   200  404   200    404   404  404
client_access  R       POST    sign-in   404  404      404   404  404   302!   404   404  404
client_access  R       other   sign-in   405  405      405   405  405   405    405   405  405
client_access  B       GET     sign-in   404  200      404   404  404   404    404   404  404
client_access  B       POST    sign-in   404  302!     404   404  404   404    404   404  404
client_access  B       other   sign-in   405  405      405   405  405   405    405   405  405
client_access  A/B     GET     sign-in   404  404      404   404  404   404    404   404  404
client_access  A/B     POST    sign-in   404  404      404   404  404   404    404   404  404
client_access  A/B     other   sign-in   405  405      405   405  405   405    405   405  405
move_clients   A       GET     sign-in   404  404      302   200  302   200    404   404  404
move_clients   A       POST    sign-in   404  404      302   200  302   302!   404   404  404
move_clients   A       other   sign-in   405  405      405   405  405   405    405   405  405
move_clients   A2      GET     sign-in   404  404      302   302  302   200    404   404  404
move_clients   A2      POST    sign-in   404  404      302   302  302   302!   404   404  404
move_clients   A2      other   sign-in   405  405      405   405  405   405    405   405  405
move_clients   R       GET     sign-in   404  404      302   200  302   200    404   404  404
move_clients   R       POST    sign-in   404  404      302   200  302   302!   404   404  404
move_clients   R       other   sign-in   405  405      405   405  405   405    405   405  405
move_clients   B       GET     sign-in   404  200      404   404  404   404    404   404  404
move_clients   B       POST    sign-in   404  302!     404   404  404   404    404   404  404
move_clients   B       other   sign-in   405  405      405   405  405   405    405   405  405
move_clients   A/B     GET     sign-in   404  404      302   302  302   302    404   404  404
move_clients   A/B     POST    sign-in   404  404      302   302  302   302    404   404  404
move_clients   A/B     other   sign-in   405  405      405   405  405   405    405   405  405
"""

OBJECTS = {"client_access": OF_A_CLIENT, "move_clients": OF_A_CLIENT}


def arguments(scene: Any, route: str, thing: str) -> dict[str, Any]:
    return {"enrolment": scene.client.get(thing)} if route == "client_access" else {}


def query(scene: Any, route: str, thing: str) -> str:
    return f"?client={scene.client[thing]}" if route == "move_clients" else ""


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    """To nobody's portfolio, where only administrators put a client; and away from all who saw it."""
    if route == "move_clients":
        return {"client": str(scene.client.get(thing)), "vers": "aucun"}
    return {"acces": "reserve", "membre": []}
