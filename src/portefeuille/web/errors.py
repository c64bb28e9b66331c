"""The pages that say that something went wrong and what to do. None of them touches the database."""

import logging
import secrets
import sys
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse

from portefeuille.web.parking import NEVER_KEPT, park

log = logging.getLogger(__name__)

# Classes of SQLSTATE: connection lost, too many connections, the server stops. Codes: statement and lock timeouts,
# serialization failure, deadlock, a standby that cannot write yet, a transaction left idle. Nothing was done in any.
_OUTAGE_CLASSES = ("08", "53", "57P")
_OUTAGE_CODES = {"57014", "55P03", "40001", "40P01", "25006", "25P03"}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    ended = isinstance(exception, SessionInterrupted)
    return render(request, "errors/400.html", {"session_ended": ended}, status=HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=HTTPStatus.NOT_FOUND)


def explain_method(response: HttpResponse) -> None:
    """A page for Django's empty 405."""
    response.content = render_to_string("errors/405.html")
    response.headers["Content-Type"] = "text/html; charset=utf-8"


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a fault of ours, with a reference that stands in the log beside the traceback."""
    error = sys.exc_info()[1]
    if error is not None and is_outage(error):
        return outage(request, error)
    reference = secrets.token_hex(4)
    # The view's name, not the path: an address can hold a token.
    log.error("fault %s in %s", reference, _view_name(request), exc_info=error)
    response = render(request, "errors/500.html", {"reference": reference}, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    return _already_logged(response)


def is_outage(error: BaseException) -> bool:
    """Whether the database cannot answer now, though the question was right."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, DatabaseError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    if state is None:  # psycopg could not even connect, or lost the connection
        return isinstance(error, OperationalError)
    return state.startswith(_OUTAGE_CLASSES) or state in _OUTAGE_CODES or _is_prepared_for_before(error)


def _is_prepared_for_before(error: BaseException) -> bool:
    """Whether a migration gave other types to columns that the connection has prepared a statement to read: it cannot
    read them any more, and a new one can."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return diagnosis is not None and diagnosis.source_function == "RevalidateCachedQuery"


def outage(request: HttpRequest, error: BaseException) -> HttpResponse:
    """503, to try again in ten seconds; what was posted stands in the page and can be posted again."""
    log.error(
        "the database does not answer (%s) in %s",
        getattr(error.__cause__, "sqlstate", None) or type(error).__name__,
        _view_name(request),
    )
    if _is_prepared_for_before(error):
        connection.close()
    posted = []
    if request.method == "POST" and not request.FILES:
        posted = [(name, value) for name, values in request.POST.lists() if name not in NEVER_KEPT for value in values]
    context = {"posted": posted, "again": request.method == "POST", "address": request.get_full_path()}
    response = render(request, "errors/503.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = "10"
    return _already_logged(response)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its key. Signing in in another tab changes the key: then nothing typed is lost.

    Only a form of this very site is kept; it is shown again, never acted upon.
    """
    if request.method == "POST" and _from_here(request):
        if request.path == reverse("account_login"):
            goal = request.POST.get("next", "")
            return HttpResponseRedirect(request.path + (f"?{urlencode({'next': goal})}" if goal else ""))
        if _is_private(request):
            park(request, owner=str(request.session.get(SESSION_KEY, "")))
        return HttpResponseRedirect(request.get_full_path())
    return render(request, "errors/csrf.html", status=HTTPStatus.FORBIDDEN)


def _from_here(request: HttpRequest) -> bool:
    """Whether a page of this very site sent the form, as the browser itself tells."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    try:
        origin = urlsplit(request.headers.get("Origin", ""))
    except ValueError:  # "https://["
        return False
    return (origin.scheme, origin.netloc) == (request.scheme, request.get_host())


def _is_private(request: HttpRequest) -> bool:
    try:
        return bool(getattr(resolve(request.path_info).func, "login_required", True))
    except Resolver404:
        return False


def _view_name(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else "no view"


def _already_logged(response: HttpResponse) -> HttpResponse:
    """Django would log it again, with its traceback and the path."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
