"""Signing in and out, by allauth with our pages."""

from allauth.account.views import LoginView, LogoutView
from django.contrib.auth.decorators import login_not_required
from django.views.decorators.http import require_http_methods

# allauth would answer PUT as a form, and OPTIONS.
_as_a_page = require_http_methods(["GET", "HEAD", "POST"])

sign_in = _as_a_page(LoginView.as_view())
# Public, so that whoever is already signed out is not asked to sign in first.
sign_out = login_not_required(_as_a_page(LogoutView.as_view()))
