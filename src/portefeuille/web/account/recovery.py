"""Recovery codes, which are shown once: between being made and being put away, the session keeps them sealed."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.people import second_factor
from portefeuille.people.models import User
from portefeuille.sealing import seal, unseal
from portefeuille.web.account.going import goal_of, with_goal
from portefeuille.web.account.recent import recent_sign_in

_PLACE = "recovery_codes"
_PURPOSE = "recovery-codes"
_SECONDS = 15 * 60


def after(request: HttpRequest, codes: Sequence[str], goal: str) -> HttpResponse:
    """Where one goes after a factor was added: to the codes that came with it, if any, then to ``goal``."""
    if not codes:
        return HttpResponseRedirect(goal or reverse("second_factor"))
    _keep(request, codes)
    return HttpResponseRedirect(with_goal(reverse("recovery_codes"), goal))


@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def show(request: HttpRequest) -> HttpResponse:
    """The codes just made; without any, the question whether to make new ones. POST answers either."""
    person = cast(User, request.user)
    codes = _kept(request)
    goal = goal_of(request)
    if request.method == "POST":
        if "ranges" in request.POST:
            request.session.pop(_PLACE, None)
            return HttpResponseRedirect(goal or reverse("second_factor"))
        made = second_factor.renew_codes(person=person)
        if made is not None:
            _keep(request, made)
        return redirect("recovery_codes" if made is not None else "second_factor")
    if codes:
        return render(request, "account/recovery_codes.html", {"codes": codes, "goal": goal})
    factors = second_factor.factors_of(person.pk)
    if not factors.any:
        return redirect("second_factor")
    return render(request, "account/renew_codes.html", {"left": factors.codes_left})


@require_safe
@recent_sign_in
def download(request: HttpRequest) -> HttpResponse:
    """The codes just made, as a file of text."""
    codes = _kept(request)
    if not codes:
        return redirect("recovery_codes")
    lines = ["Codes de secours pour Portefeuille", "Chacun sert une fois.", "", *codes, ""]
    return HttpResponse(
        "\r\n".join(lines),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="codes-de-secours.txt"'},
    )


def _keep(request: HttpRequest, codes: Sequence[str]) -> None:
    request.session[_PLACE] = seal(_PURPOSE, " ".join(codes).encode())


def _kept(request: HttpRequest) -> list[str]:
    sealed: Any = request.session.get(_PLACE)
    content = unseal(_PURPOSE, sealed, seconds=_SECONDS) if sealed else None
    return [] if content is None else content.decode().split()
