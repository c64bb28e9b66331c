"""The acts of administrators are pages that others do not find."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpRequest, HttpResponseBase

from portefeuille.firms.access import Access

Page = Callable[Concatenate[HttpRequest, Access, ...], HttpResponseBase]


def administrators_only(view: Page) -> Page:
    """404 for a collaborator. It stands under ``firm_page``, over ``recent_sign_in``: nobody is asked for nothing."""

    @wraps(view)
    def page(request: HttpRequest, access: Access, **address: Any) -> HttpResponseBase:
        if not access.is_administrator:
            raise Http404
        return view(request, access, **address)

    return page
