"""Opening a client's space, and its pages.

Links: to a ``new`` address, to that of ``bob``, and one that is ``dead``. Spaces: ``S`` is Carl's; ``T`` is of
somebody who is nobody here; ``S/T`` is an enrolment, or a holder, of T under the address of S. Who is to
leave S is not Carl.
"""

from typing import Any

from portefeuille.contributors.models import ClientSpace, SpaceHolder
from portefeuille.enrolments.models import Enrolment
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.people import links
from portefeuille.people.models import Link, User
from portefeuille.posted_codes.actions import Holder, bearer_of, send
from portefeuille.posted_codes.models import PostedCode
from tests.cast import INDEPENDENT, PASSWORD

TABLE = """
route                   object  method  stranger  zoe   charlie  rita  bob   nina  alice  carl  ida   ada
open_client_space       -       GET     200       200   200      200   200   200   200    200   200   200
open_client_space       -       POST    302!      302!  302!     302!  302!  302!  302!   302!  302!  302!
open_client_space       -       other   405       405   405      405   405   405   405    405   405   405
client_space_sent       -       GET     200       200   200      200   200   200   200    200   200   200
client_space_sent       -       POST    405       405   405      405   405   405   405    405   405   405
client_space_sent       -       other   405       405   405      405   405   405   405    405   405   405
client_space_code       -       GET     200       200   200      200   200   200   200    200   200   200
client_space_code       -       POST    302!      302!  302!     302!  302!  302!  302!   302!  302!  302!
client_space_code       -       other   405       405   405      405   405   405   405    405   405   405
client_space_link_sent  -       GET     200       200   200      200   200   200   200    200   200   200
client_space_link_sent  -       POST    405       405   405      405   405   405   405    405   405   405
client_space_link_sent  -       other   405       405   405      405   405   405   405    405   405   405
client_space_link       new     GET     200       200   200      200   200   200   200    200   200   200
client_space_link       new     POST    302!      200   200      200   200   200   200    200   200   200
client_space_link       new     other   405       405   405      405   405   405   405    405   405   405
client_space_link       bob     GET     200       200   200      200   200   200   200    200   200   200
client_space_link       bob     POST    200       200   200      200   302!  200   200    200   200   200
client_space_link       bob     other   405       405   405      405   405   405   405    405   405   405
client_space_link       dead    GET     404       404   404      404   404   404   404    404   404   404
client_space_link       dead    POST    404       404   404      404   404   404   404    404   404   404
client_space_link       dead    other   405       405   405      405   405   405   405    405   405   405
client_space            S       GET     sign-in   404   404      404   404   404   404    200   404   404
client_space            S       POST    sign-in   405   405      405   405   405   405    405   405   405
client_space            S       other   sign-in   405   405      405   405   405   405    405   405   405
client_space            T       GET     sign-in   404   404      404   404   404   404    404   404   404
client_space            T       POST    sign-in   405   405      405   405   405   405    405   405   405
client_space            T       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_history    S       GET     sign-in   404   404      404   404   404   404    200   404   404
client_space_history    S       POST    sign-in   405   405      405   405   405   405    405   405   405
client_space_history    S       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_history    T       GET     sign-in   404   404      404   404   404   404    404   404   404
client_space_history    T       POST    sign-in   405   405      405   405   405   405    405   405   405
client_space_history    T       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_rule       S       GET     sign-in   404   404      404   404   404   404    200   404   404
client_space_rule       S       POST    sign-in   404   404      404   404   404   404    302!  404   404
client_space_rule       S       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_rule       T       GET     sign-in   404   404      404   404   404   404    404   404   404
client_space_rule       T       POST    sign-in   404   404      404   404   404   404    404   404   404
client_space_rule       T       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_firm       S       GET     sign-in   404   404      404   404   404   404    200   404   404
client_space_firm       S       POST    sign-in   405   405      405   405   405   405    405   405   405
client_space_firm       S       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_firm       T       GET     sign-in   404   404      404   404   404   404    404   404   404
client_space_firm       T       POST    sign-in   405   405      405   405   405   405    405   405   405
client_space_firm       T       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_firm       S/T     GET     sign-in   404   404      404   404   404   404    404   404   404
client_space_firm       S/T     POST    sign-in   405   405      405   405   405   405    405   405   405
client_space_firm       S/T     other   sign-in   405   405      405   405   405   405    405   405   405
client_space_answer     S       GET     sign-in   404   404      404   404   404   404    200   404   404
client_space_answer     S       POST    sign-in   404   404      404   404   404   404    302!  404   404
client_space_answer     S       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_answer     T       GET     sign-in   404   404      404   404   404   404    404   404   404
client_space_answer     T       POST    sign-in   404   404      404   404   404   404    404   404   404
client_space_answer     T       other   sign-in   405   405      405   405   405   405    405   405   405
client_space_answer     S/T     GET     sign-in   404   404      404   404   404   404    404   404   404
client_space_answer     S/T     POST    sign-in   404   404      404   404   404   404    404   404   404
client_space_answer     S/T     other   sign-in   405   405      405   405   405   405    405   405   405
client_space_people     S       GET     sign-in   404   404      404   404  404   404    200   404   404
client_space_people     S       POST    sign-in   405   405      405   405  405   405    405   405   405
client_space_people     S       other   sign-in   405   405      405   405  405   405    405   405   405
client_space_people     T       GET     sign-in   404   404      404   404  404   404    404   404   404
client_space_people     T       POST    sign-in   405   405      405   405  405   405    405   405   405
client_space_people     T       other   sign-in   405   405      405   405  405   405    405   405   405
client_space_leave      S       GET     sign-in   404   404      404   404  404   404    200   404   404
client_space_leave      S       POST    sign-in   404   404      404   404  404   404    302!  404   404
client_space_leave      S       other   sign-in   405   405      405   405  405   405    405   405   405
client_space_leave      T       GET     sign-in   404   404      404   404  404   404    404   404   404
client_space_leave      T       POST    sign-in   404   404      404   404  404   404    404   404   404
client_space_leave      T       other   sign-in   405   405      405   405  405   405    405   405   405
client_space_leave      S/T     GET     sign-in   404   404      404   404  404   404    404   404   404
client_space_leave      S/T     POST    sign-in   404   404      404   404  404   404    404   404   404
client_space_leave      S/T     other   sign-in   405   405      405   405  405   405    405   405   405
"""

_OF_A_FIRM = {"S", "T", "S/T"}
OBJECTS = {
    "client_space_link": {"new", "bob", "dead"},
    "client_space": {"S", "T"},
    "client_space_history": {"S", "T"},
    "client_space_rule": {"S", "T"},
    "client_space_people": {"S", "T"},
    "client_space_leave": _OF_A_FIRM,
    "client_space_firm": _OF_A_FIRM,
    "client_space_answer": _OF_A_FIRM,
}


def prepare(scene: Any) -> None:
    cast = scene.cast
    theirs = ClientSpace.objects.create(siren=INDEPENDENT.siren, name=INDEPENDENT.name)
    tina = SpaceHolder.objects.create(space=theirs, user=User.objects.create_user(email="tina@elodie.example"))
    ours = ClientSpace.objects.exclude(pk=theirs.pk).get()
    hugo = SpaceHolder.objects.create(space=ours, user=User.objects.create_user(email="hugo@oeuvrard.example"))
    scene.holder = {"S": hugo.uid, "T": tina.uid, "S/T": tina.uid}
    scene.space = {"S": ours.uid, "T": theirs.uid, "S/T": ours.uid}
    of_theirs = Enrolment.objects.filter(siren=INDEPENDENT.siren, firm=cast.firm_b).order_by("pk")[0].uid
    scene.acting = {"S": scene.client["A"], "T": of_theirs, "S/T": of_theirs}
    payload = {"siren": INDEPENDENT.siren, "account_number": ""}
    emails = {"new": "nadia@neuf.example", "bob": "bob@alder.example"}
    scene.opening_space, scene.code = {}, {}
    for thing, email in emails.items():
        scene.opening_space[thing] = links.issue(Link.Purpose.OPEN_CLIENT_SPACE, email=email, payload=payload)
        send(
            purpose=PostedCode.Purpose.SPACE,
            holder=Holder(siren=INDEPENDENT.siren),
            email="elodie@example.org",
            account_id=None,
            subject="code",
            body="[[code]]",
            bearer=bearer_of(email),
        )
        message = Message.objects.order_by("-pk")[0]
        scene.code[thing] = text_of(message.body, message.secret)
        message.delete()
    scene.opening_space["dead"] = links.issue(Link.Purpose.RESET, email="nadia@neuf.example")


def arguments(scene: Any, route: str, thing: str) -> dict[str, Any]:
    if route == "client_space_link":
        return {"token": scene.opening_space[thing]}
    if thing not in _OF_A_FIRM:
        return {}
    given: dict[str, Any] = {"space": scene.space[thing]}
    if route in ("client_space_firm", "client_space_answer"):
        given["enrolment"] = scene.acting[thing]
    if route == "client_space_leave":
        given["holder"] = scene.holder[thing]
    return {**given, "act": "mettre-fin"} if route == "client_space_answer" else given


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    if route in ("open_client_space", "client_space_code"):
        return {"identifiant": INDEPENDENT.siren, "courriel": "nadia@neuf.example"}
    if route == "client_space_rule":
        return {"regle": "closed"}
    person = {"nom": "Nadia Neuve", "mot_de_passe": PASSWORD, "conditions": "on"}
    return {**person, "code": scene.code.get(thing, "AAAAA-AAAAA")} if route == "client_space_link" else {}
