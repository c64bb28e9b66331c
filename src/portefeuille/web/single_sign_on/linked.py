"""«Identités associées»: by which providers a person can sign in, and no longer."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.people.models import User
from portefeuille.people.single_sign_on import linking
from portefeuille.people.single_sign_on.linking import LastWayIn, NoSuchLink
from portefeuille.web.account.recent import recent_sign_in
from portefeuille.web.notices import say_done, say_refused


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    return render(request, "single_sign_on/linked.html", {"links": linking.links_of(cast(User, request.user))})


@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in
def unlink(request: HttpRequest, link: int) -> HttpResponseBase:
    """The question, then the end of a link."""
    person = cast(User, request.user)
    if request.method != "POST":
        found = next((one for one in linking.links_of(person) if one.uid == link), None)
        if found is None:
            raise Http404
        return render(request, "single_sign_on/unlink.html", {"link": found})
    result = linking.unlink(person=person, link=link)
    if isinstance(result, NoSuchLink):
        raise Http404
    if isinstance(result, LastWayIn):
        say_refused(request, "Sans cette identité, vous ne pourriez plus vous connecter. Choisissez un mot de passe.")
    else:
        say_done(request, f"Votre identité {result.provider_name} n'ouvre plus votre espace.")
    return HttpResponseRedirect(reverse("sign_on_links"))
