"""Answering an invitation to a ``new`` address, to ``zoe``, to ``bob`` (of the firm already), and a ``dead`` one."""

from typing import Any

from portefeuille.firms.models import Invitation, Member
from portefeuille.people import links
from portefeuille.people.models import Link
from tests.cast import PASSWORD

TABLE = """
route       object  method  stranger  zoe   charlie  rita  bob   nina  alice  carl  ida  ada
invitation  new     GET     200       200   200      200   200   200   200    200   200  200
invitation  new     POST    302!      200   200      200   200   200   200    200   200  200
invitation  new     other   405       405   405      405   405   405   405    405   405  405
invitation  zoe     GET     200       200   200      200   200   200   200    200   200  200
invitation  zoe     POST    200       302!  200      200   200   200   200    200   200  200
invitation  zoe     other   405       405   405      405   405   405   405    405   405  405
invitation  bob     GET     200       200   200      200   200   200   200    200   200  200
invitation  bob     POST    200       200   200      200   302!  200   200    200   200  200
invitation  bob     other   405       405   405      405   405   405   405    405   405  405
invitation  dead    GET     404       404   404      404   404   404   404    404   404  404
invitation  dead    POST    404       404   404      404   404   404   404    404   404  404
invitation  dead    other   405       405   405      405   405   405   405    405   405  405
"""

OBJECTS = {"invitation": {"new", "zoe", "bob", "dead"}}


def prepare(scene: Any) -> None:
    cast = scene.cast
    alice = Member.objects.get(user=cast.users["alice"])
    scene.invited = {"dead": "z" * 43}
    for thing, email in (
        ("new", "nadia@neuf.example"),
        ("zoe", "zoe@nowhere.example"),
        ("bob", "bob@alder.example"),
    ):
        invitation = Invitation.objects.create(
            firm=cast.firm_a,
            email=email,
            role=Member.Role.COLLABORATOR,
            invited_by=alice,
            sent_at="2026-01-01T00:00Z",
            expires_at="2100-01-01T00:00Z",
        )
        scene.invited[thing] = links.issue(
            Link.Purpose.INVITATION, email=email, payload={"invitation": str(invitation.uid)}
        )


def arguments(scene: Any, _route: str, thing: str) -> dict[str, Any]:
    return {"token": scene.invited[thing]}


def sent(_scene: Any, _route: str, _thing: str) -> dict[str, Any]:
    return {"nom": "Nadia Neuve", "mot_de_passe": PASSWORD, "conditions": "on"}
