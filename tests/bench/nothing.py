"""A view that does nothing, and an address for it alone."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.bench.ground import TRIVIAL


@login_not_required
def nothing(request: HttpRequest) -> HttpResponse:
    """No session, no query, no template."""
    return HttpResponse("rien")


urlpatterns = [path(TRIVIAL.lstrip("/"), nothing)]
