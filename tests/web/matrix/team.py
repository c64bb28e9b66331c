"""The team of a firm and its portfolios: read by all of it, acted on by administrators.

Objects: a member is named (``bob``, ``alice``, who is the last administrator); ``A`` and ``B`` are the firms', and
``A/B`` is a thing of firm B under the address of firm A.
"""

from typing import Any

from portefeuille.catalogue.selection import catalogue
from portefeuille.firms import portfolios, rights
from portefeuille.firms.joining import invite
from portefeuille.firms.models import Firm, Invitation, JoinRequest, Member
from portefeuille.firms.rights import Rights
from portefeuille.web.team.choices import seal_of

TABLE = """
route              object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
team               A       GET     sign-in   404  404      200   200   200   200    404   404  404
team               A       POST    sign-in   405  405      405   405   405   405    405   405  405
team               A       other   sign-in   405  405      405   405   405   405    405   405  405
team               B       GET     sign-in   404  200      404   404   404   404    404   404  404
team               B       POST    sign-in   405  405      405   405   405   405    405   405  405
team               B       other   sign-in   405  405      405   405   405   405    405   405  405
invite             A       GET     sign-in   404  404      404   404   404   200    404   404  404
invite             A       POST    sign-in   404  404      404   404   404   302!   404   404  404
invite             A       other   sign-in   405  405      405   405   405   405    405   405  405
invite             B       GET     sign-in   404  200      404   404   404   404    404   404  404
invite             B       POST    sign-in   404  302!     404   404   404   404    404   404  404
invite             B       other   sign-in   405  405      405   405   405   405    405   405  405
invitation_again   A       GET     sign-in   404  404      404   404   404   200    404   404  404
invitation_again   A       POST    sign-in   404  404      404   404   404   302!   404   404  404
invitation_again   A       other   sign-in   405  405      405   405   405   405    405   405  405
invitation_again   A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
invitation_again   A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
invitation_again   A/B     other   sign-in   405  405      405   405   405   405    405   405  405
invitation_cancel  A       GET     sign-in   404  404      404   404   404   200    404   404  404
invitation_cancel  A       POST    sign-in   404  404      404   404   404   302!   404   404  404
invitation_cancel  A       other   sign-in   405  405      405   405   405   405    405   405  405
invitation_cancel  A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
invitation_cancel  A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
invitation_cancel  A/B     other   sign-in   405  405      405   405   405   405    405   405  405
join_request       A       GET     sign-in   404  404      404   404   404   200    404   404  404
join_request       A       POST    sign-in   404  404      404   404   404   302!   404   404  404
join_request       A       other   sign-in   405  405      405   405   405   405    405   405  405
join_request       A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
join_request       A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
join_request       A/B     other   sign-in   405  405      405   405   405   405    405   405  405
member             bob     GET     sign-in   404  404      404   200   404   200    404   404  404
member             bob     POST    sign-in   405  405      405   405   405   405    405   405  405
member             bob     other   sign-in   405  405      405   405   405   405    405   405  405
member             alice   GET     sign-in   404  404      404   404   404   200    404   404  404
member             alice   POST    sign-in   405  405      405   405   405   405    405   405  405
member             alice   other   sign-in   405  405      405   405   405   405    405   405  405
member             A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
member             A/B     POST    sign-in   405  405      405   405   405   405    405   405  405
member             A/B     other   sign-in   405  405      405   405   405   405    405   405  405
member_rights      bob     GET     sign-in   404  404      404   404   404   200    404   404  404
member_rights      bob     POST    sign-in   404  404      404   404   404   302!   404   404  404
member_rights      bob     other   sign-in   405  405      405   405   405   405    405   405  405
member_rights      alice   GET     sign-in   404  404      404   404   404   404    404   404  404
member_rights      alice   POST    sign-in   404  404      404   404   404   404    404   404  404
member_rights      alice   other   sign-in   405  405      405   405   405   405    405   405  405
member_rights      A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
member_rights      A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
member_rights      A/B     other   sign-in   405  405      405   405   405   405    405   405  405
member_narrow      bob     GET     sign-in   404  404      404   404   404   200    404   404  404
member_narrow      bob     POST    sign-in   404  404      404   404   404   302!   404   404  404
member_narrow      bob     other   sign-in   405  405      405   405   405   405    405   405  405
member_narrow      alice   GET     sign-in   404  404      404   404   404   404    404   404  404
member_narrow      alice   POST    sign-in   404  404      404   404   404   404    404   404  404
member_narrow      alice   other   sign-in   405  405      405   405   405   405    405   405  405
member_narrow      A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
member_narrow      A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
member_narrow      A/B     other   sign-in   405  405      405   405   405   405    405   405  405
member_role        bob     GET     sign-in   404  404      404   404   404   200    404   404  404
member_role        bob     POST    sign-in   404  404      404   404   404   302!   404   404  404
member_role        bob     other   sign-in   405  405      405   405   405   405    405   405  405
member_role        alice   GET     sign-in   404  404      404   404   404   302    404   404  404
member_role        alice   POST    sign-in   404  404      404   404   404   302    404   404  404
member_role        alice   other   sign-in   405  405      405   405   405   405    405   405  405
member_role        A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
member_role        A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
member_role        A/B     other   sign-in   405  405      405   405   405   405    405   405  405
member_leave       bob     GET     sign-in   404  404      404   200   404   200    404   404  404
member_leave       bob     POST    sign-in   404  404      404   302!  404   302!   404   404  404
member_leave       bob     other   sign-in   405  405      405   405   405   405    405   405  405
member_leave       alice   GET     sign-in   404  404      404   404   404   200    404   404  404
member_leave       alice   POST    sign-in   404  404      404   404   404   200    404   404  404
member_leave       alice   other   sign-in   405  405      405   405   405   405    405   405  405
member_leave       A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
member_leave       A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
member_leave       A/B     other   sign-in   405  405      405   405   405   405    405   405  405
portfolios         A       GET     sign-in   404  404      404   404   404   200    404   404  404
portfolios         A       POST    sign-in   404  404      404   404   404   302!   404   404  404
portfolios         A       other   sign-in   405  405      405   405   405   405    405   405  405
portfolios         B       GET     sign-in   404  200      404   404   404   404    404   404  404
portfolios         B       POST    sign-in   404  302!     404   404   404   404    404   404  404
portfolios         B       other   sign-in   405  405      405   405   405   405    405   405  405
portfolio          A       GET     sign-in   404  404      404   404   404   200    404   404  404
portfolio          A       POST    sign-in   404  404      404   404   404   302!   404   404  404
portfolio          A       other   sign-in   405  405      405   405   405   405    405   405  405
portfolio          B       GET     sign-in   404  200      404   404   404   404    404   404  404
portfolio          B       POST    sign-in   404  302!     404   404   404   404    404   404  404
portfolio          B       other   sign-in   405  405      405   405   405   405    405   405  405
portfolio          A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
portfolio          A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
portfolio          A/B     other   sign-in   405  405      405   405   405   405    405   405  405
portfolio_give     A       GET     sign-in   404  404      404   404   404   200    404   404  404
portfolio_give     A       POST    sign-in   404  404      404   404   404   302!   404   404  404
portfolio_give     A       other   sign-in   405  405      405   405   405   405    405   405  405
portfolio_give     B       GET     sign-in   404  200      404   404   404   404    404   404  404
portfolio_give     B       POST    sign-in   404  302      404   404   404   404    404   404  404
portfolio_give     B       other   sign-in   405  405      405   405   405   405    405   405  405
portfolio_give     A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
portfolio_give     A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
portfolio_give     A/B     other   sign-in   405  405      405   405   405   405    405   405  405
portfolio_remove   A       GET     sign-in   404  404      404   404   404   200    404   404  404
portfolio_remove   A       POST    sign-in   404  404      404   404   404   302!   404   404  404
portfolio_remove   A       other   sign-in   405  405      405   405   405   405    405   405  405
portfolio_remove   B       GET     sign-in   404  200      404   404   404   404    404   404  404
portfolio_remove   B       POST    sign-in   404  302      404   404   404   404    404   404  404
portfolio_remove   B       other   sign-in   405  405      405   405   405   405    405   405  405
portfolio_remove   A/B     GET     sign-in   404  404      404   404   404   404    404   404  404
portfolio_remove   A/B     POST    sign-in   404  404      404   404   404   404    404   404  404
portfolio_remove   A/B     other   sign-in   405  405      405   405   405   405    405   405  405
"""

_MEMBERS = {"bob", "alice", "A/B"}
_ONE_OF_EACH = {"A", "B", "A/B"}
OBJECTS = {
    "invitation_again": {"A", "A/B"},
    "invitation_cancel": {"A", "A/B"},
    "join_request": {"A", "A/B"},
    "member": _MEMBERS,
    "member_rights": _MEMBERS,
    "member_narrow": _MEMBERS,
    "member_role": _MEMBERS,
    "member_leave": _MEMBERS,
    "portfolio": _ONE_OF_EACH,
    "portfolio_give": _ONE_OF_EACH,
    "portfolio_remove": _ONE_OF_EACH,
}


def prepare(scene: Any) -> None:
    cast = scene.cast
    scene.firm |= {"bob": cast.firm_a, "alice": cast.firm_a}
    scene.member, scene.invitation, scene.asking = {}, {}, {}
    for thing, who in (("bob", "bob"), ("alice", "alice"), ("A/B", "charlie")):
        scene.member[thing] = Member.objects.get(user=cast.users[who])
    for thing, who in (("A", "alice"), ("A/B", "charlie")):
        invite(
            access=cast.access(who),
            email="lea@neuf.example",
            full_name="Léa",
            role=Member.Role.COLLABORATOR,
            rights={},
        )
        firm: Firm = scene.firm[thing if thing == "A" else "B"]
        scene.invitation[thing] = Invitation.objects.get(firm=firm, email="lea@neuf.example").uid
        scene.asking[thing] = JoinRequest.objects.create(firm=firm, user=cast.users["zoe"]).uid
    scene.portfolio = {"A": cast.employers, "B": cast.portfolio_b, "A/B": cast.portfolio_b}


def arguments(scene: Any, route: str, thing: str) -> dict[str, Any]:
    if route.startswith("invitation_"):
        return {"invitation": scene.invitation[thing]}
    if route == "join_request":
        return {"asking": scene.asking[thing]}
    if route.startswith("portfolio_") or route == "portfolio":
        return {"portfolio": scene.portfolio[thing].uid}
    if route.startswith("member"):
        named = {"member": scene.member[thing].uid}
        return {**named, "portfolio": scene.cast.employers.uid} if route == "member_narrow" else named
    return {}


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    employers = scene.cast.employers.uid
    seen: Rights = {}
    if route in ("member_rights", "member_narrow"):
        seen = rights.rights_of(scene.member[thing].pk)
    elif route == "portfolio_give":
        seen = portfolios.given_to(scene.portfolio[thing].uid)
    elsewhere = {"A": scene.cast.independents.uid}.get(thing, "")
    forms: dict[str, dict[str, Any]] = {
        "invite": {"courriel": "marc@neuf.example", "role": "collaborator", f"droit-{employers}": "view"},
        "join_request": {"reponse": "accepter"},
        "member_rights": {f"droit-{employers}": "view"},
        "member_narrow": {"services": [catalogue().services[0].code]},
        "member_role": {"role": "collaborator" if thing == "alice" else "administrator"},
        "portfolios": {"nom": "Nord"},
        "portfolio": {"nom": "Sud"},
        "portfolio_remove": {"vers": str(elsewhere)},
    }
    return {"vu": seal_of(seen), **forms.get(route, {})}
