"""What clients decided, as their firm reads it. Each firm has one decision to read, of its client A or B."""

from typing import Any

from portefeuille.enrolments import client_word

TABLE = """
route      object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
decisions  A       GET     sign-in   404  404      200   200   200   200    404   404  404
decisions  A       POST    sign-in   404  404      302!  302!  302!  302!   404   404  404
decisions  A       other   sign-in   405  405      405   405   405   405    405   405  405
decisions  B       GET     sign-in   404  200      404   404   404   404    404   404  404
decisions  B       POST    sign-in   404  302!     404   404   404   404    404   404  404
decisions  B       other   sign-in   405  405      405   405   405   405    405   405  405
"""


def prepare(scene: Any) -> None:
    """Said and taken back: the enrolments stay as the other tables know them."""
    for place in ("A", "B"):
        uid = scene.client[place]
        client_word.contest(speaker=client_word.by_link(uid), enrolment=uid)
        client_word.withdraw_contest(speaker=client_word.by_link(uid), enrolment=uid)


def sent(_scene: Any, _route: str, _thing: str) -> dict[str, Any]:
    return {"decision": "toutes"}
