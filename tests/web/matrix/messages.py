"""The e-mails that a demonstration keeps, and the link that contests."""

from typing import Any
from uuid import UUID

from portefeuille.enrolments.contest_links import token_for

TABLE = """
route        object  method  stranger  zoe   charlie  rita  bob   nina  alice  carl  ida   ada
kept_emails  -       GET     404       404   404      404   404   404   404    404   404   404
kept_emails  -       POST    405       405   405      405   405   405   405    405   405   405
kept_emails  -       other   405       405   405      405   405   405   405    405   405   405
kept_email   -       GET     404       404   404      404   404   404   404    404   404   404
kept_email   -       POST    405       405   405      405   405   405   405    405   405   405
kept_email   -       other   405       405   405      405   405   405   405    405   405   405
contest      -       GET     200       200   200      200   200   200   200    200   200   200
contest      -       POST    200!      200!  200!     200!  200!  200!  200!   200!  200!  200!
contest      -       other   405       405   405      405   405   405   405    405   405   405
"""


def arguments(scene: Any, route: str, _thing: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "kept_email": {"uid": UUID(int=1)},
        "contest": {"token": token_for(scene.client["A"])},
    }
    return given.get(route, {})
