"""The list as a file, and changes to many clients at once."""

from typing import Any

TABLE = """
route           object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
export_clients  A       GET     sign-in   404  404      200   200   200   200    404   404  404
export_clients  A       POST    sign-in   404  404      200!  200!  200!  200!   404   404  404
export_clients  A       other   sign-in   405  405      405   405   405   405    405   405  405
export_clients  B       GET     sign-in   404  200      404   404   404   404    404   404  404
export_clients  B       POST    sign-in   404  200!     404   404   404   404    404   404  404
export_clients  B       other   sign-in   405  405      405   405   405   405    405   405  405
"""


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    return {"export_clients": {"format": "csv"}}.get(route, {})
