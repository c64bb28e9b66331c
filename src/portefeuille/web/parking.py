"""What somebody typed into a page whose session had ended, kept until they have signed in again.

It may hold a NIR or an amount, which never stand in clear in the database (R11): the session keeps it encrypted under
a key that the database does not have.
"""

import time
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from portefeuille.sealing import seal, unseal

_PURPOSE = "parked-form"
_PLACE = "parked_form"
_SECONDS = 30 * 60
_BYTES = 64 * 1024

#: Fields that no form gives back: the key against forgery, and what proves who somebody is.
NEVER_KEPT = {"csrfmiddlewaretoken", "password", "mot_de_passe", "nouveau", "code", "cle_acces"}


def park(request: HttpRequest, *, owner: str = "") -> bool:
    """Keep the form just posted for 30 minutes; the last one wins. False for over 64 KB; of files nothing is kept.

    ``owner``: the key of the person who typed it, where known: nobody else gets it back.
    """
    fields = [(name, values) for name, values in request.POST.lists() if name not in NEVER_KEPT]
    typed = urlencode(fields, doseq=True).encode()
    if len(typed) > _BYTES:
        return False
    request.session[_PLACE] = {
        "path": request.path,
        "owner": owner,
        "until": int(time.time()) + _SECONDS,
        "form": seal(_PURPOSE, typed),
    }
    return True


def take_parked(request: HttpRequest) -> QueryDict | None:
    """What was typed into this very page, once: to show again in its form, never to act on. Only for GET."""
    if request.method != "GET":
        return None
    parked: dict[str, Any] | None = request.session.get(_PLACE)
    if parked is None or (parked["path"] != request.path and parked["until"] > time.time()):
        return None
    del request.session[_PLACE]
    if parked["path"] != request.path or parked["owner"] not in ("", str(request.user.pk)):
        return None
    typed = unseal(_PURPOSE, parked["form"], seconds=_SECONDS)
    return None if typed is None else QueryDict(typed, encoding="utf-8")
