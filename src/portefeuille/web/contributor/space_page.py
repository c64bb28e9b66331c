"""The door of every page of a client's space: who asks, for which client. There is no other door."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase

from portefeuille.contributors.access import SpaceAccess, access_of

Page = Callable[..., HttpResponseBase]


def space_page(view: Callable[Concatenate[HttpRequest, SpaceAccess, ...], HttpResponseBase]) -> Page:
    """Give a view its ``SpaceAccess`` in place of the space of the address; 404 for one that is not the person's."""

    @wraps(view)
    def page(request: HttpRequest, space: UUID, **address: Any) -> HttpResponseBase:
        access = access_of(cast(int, request.user.pk), space)
        if access is None:
            raise Http404
        return view(request, access, **address)

    return page
