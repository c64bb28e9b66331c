"""The journal of a firm, and its export."""

from typing import Any

TABLE = """
route           object  method  stranger  zoe  charlie  rita  bob  nina  alice  carl  ida  ada
journal         A       GET     sign-in   404  404      200   200  200   200    404   404  404
journal         A       POST    sign-in   405  405      405   405  405   405    405   405  405
journal         A       other   sign-in   405  405      405   405  405   405    405   405  405
journal         B       GET     sign-in   404  200      404   404  404   404    404   404  404
journal         B       POST    sign-in   405  405      405   405  405   405    405   405  405
journal         B       other   sign-in   405  405      405   405  405   405    405   405  405
export_journal  A       GET     sign-in   404  404      404   404  404   200    404   404  404
export_journal  A       POST    sign-in   404  404      404   404  404   200!   404   404  404
export_journal  A       other   sign-in   405  405      405   405  405   405    405   405  405
export_journal  B       GET     sign-in   404  200      404   404  404   404    404   404  404
export_journal  B       POST    sign-in   404  200!     404   404  404   404    404   404  404
export_journal  B       other   sign-in   405  405      405   405  405   405    405   405  405
"""


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    return {"format": "preuve"}
