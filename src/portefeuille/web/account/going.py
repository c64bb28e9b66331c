"""Where somebody was going when a page of their account came first."""

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme, urlencode


def goal_of(request: HttpRequest) -> str:
    """A page of this site, as ``next`` names it; "" for none and for an address of somebody else's."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    try:
        safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    except ValueError:  # "//["
        safe = False
    return wanted if safe else ""


def with_goal(address: str, goal: str) -> str:
    """``address``, which will lead to ``goal`` afterwards."""
    return f"{address}?{urlencode({REDIRECT_FIELD_NAME: goal})}" if goal else address
