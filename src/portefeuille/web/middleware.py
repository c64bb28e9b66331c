"""What holds for every page: private unless marked public, never stored by a browser, and honest when the database is
gone."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from portefeuille.web import errors
from portefeuille.web.parking import park

Next = Callable[[HttpRequest], HttpResponseBase]


class OutageMiddleware:
    """A page to try again on, when the database does not answer. It stands outermost, and needs nothing itself.

    Django turns what a middleware raises into ``handler500`` (which knows outages too); what a view raises comes here.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and response.status_code == 405 and not response.content:
            errors.explain_method(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.outage(request, exception) if errors.is_outage(exception) else None


class PrivacyHeadersMiddleware:
    """Nothing of a signed-in space stays in a browser's cache, nor is lent to another site."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "no-store" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "no-store"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        return response


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every view is private unless marked ``login_not_required``. What was typed meanwhile is not lost."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        # Asked first: a public page need not load the person.
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    # Django's own answer is always a redirection.
    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if request.headers.get("HX-Request") == "true":
            # A part of a page was asked for: the whole page signs in, then comes back to where it was.
            try:
                here = urlsplit(request.headers.get("HX-Current-URL", ""))
            except ValueError:  # "http://["
                here = urlsplit("")
            back = f"{here.path or '/'}{'?' if here.query else ''}{here.query}"
            return HttpResponse(status=204, headers={"HX-Redirect": redirect_to_login(back, _sign_in()).url})
        if request.method == "POST":
            park(request, owner=getattr(request, "session_ended_for", ""))
        return redirect_to_login(request.get_full_path(), _sign_in())


def _sign_in() -> str:
    return reverse("account_login")
