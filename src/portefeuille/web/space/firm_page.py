"""The door of every page of a firm: who asks, for which firm, with which rights (R10). There is no other door."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase

from portefeuille.firms.access import Access, access_of
from portefeuille.web.account.compulsory import to_set_up

Page = Callable[..., HttpResponseBase]


def firm_page(view: Callable[Concatenate[HttpRequest, Access, ...], HttpResponseBase]) -> Page:
    """Give a view its ``Access`` in place of the firm of the address; 404 for a firm that is not the person's.

    An administrator who lacks a compulsory second factor is sent to set one up, then back here.
    """

    @wraps(view)
    def page(request: HttpRequest, firm: UUID, **address: Any) -> HttpResponseBase:
        # Sign-in is required before any view; the session knows the person without reading their row.
        access = access_of(cast(int, request.user.pk), firm)
        if access is None:
            raise Http404
        if access.lacks_second_factor:
            return to_set_up(request)
        return view(request, access, **address)

    return page
