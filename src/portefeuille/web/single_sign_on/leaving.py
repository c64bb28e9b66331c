"""The page of ours that opens a provider's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portefeuille.people.single_sign_on.providers import Provider


def leave_for(request: HttpRequest, provider: Provider, address: str) -> HttpResponse:
    """The page that opens an address of the provider's at once, without a script."""
    return render(request, "single_sign_on/leaving.html", {"provider": provider, "address": address})
