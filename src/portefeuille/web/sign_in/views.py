"""Signing in and out, by allauth with our pages."""

from allauth.account.views import LoginView, LogoutView
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from portefeuille.people.single_sign_on.attempts import way_out
from portefeuille.web.single_sign_on.leaving import leave_for

# allauth would answer PUT as a form, and OPTIONS.
_as_a_page = require_http_methods(["GET", "HEAD", "POST"])

sign_in = _as_a_page(LoginView.as_view())
_sign_out = LogoutView.as_view()


# Public, so that whoever is already signed out is not asked to sign in first.
@login_not_required
@_as_a_page
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Of the provider too, for whoever signed in by one: else its button alone would open the space again."""
    out = way_out(request) if request.method == "POST" else None
    answer: HttpResponseBase = _sign_out(request)
    return answer if out is None else leave_for(request, *out)
