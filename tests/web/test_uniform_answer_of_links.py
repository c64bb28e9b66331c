"""Links and invitations: who asks learns nothing of an address, and all links that are worth nothing look alike."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portefeuille.people import links
from portefeuille.people.models import Link, User
from tests.cast import EMPLOYER, INDEPENDENT, PASSWORD, Cast
from tests.web.test_uniform_answer import Seen, ask

EMAIL = "nadia@neuf.example"


def test_who_invites_learns_nothing_of_the_address(cast: Cast, browse: Any) -> None:
    """Nobody's, somebody's without a firm, another firm's, a client's, an agent's, a closed one's: one answer."""
    User.objects.create_user(email="closed@nowhere.example", password=PASSWORD, is_active=False)
    browser = browse("alice")
    address = reverse("invite", kwargs={"firm": cast.firm_a.uid})
    seen = [
        ask(browser, "post", address, email, courriel=email, nom="", role="collaborator")
        for email in (
            EMAIL,
            "zoe@nowhere.example",
            "charlie@bouleau.example",
            "carl@oeuvrard.example",
            "ada@organisme.example",
            "closed@nowhere.example",
        )
    ]
    assert seen[0].status == 302
    assert all(other == seen[0] for other in seen)


def invitation(cast: Cast) -> dict[str, Any]:
    from portefeuille.firms.joining import invite
    from portefeuille.firms.models import Invitation, Member

    invite(access=cast.access("alice"), email=EMAIL, full_name="", role=Member.Role.COLLABORATOR, rights={})
    Link.objects.all().delete()
    return {"invitation": str(Invitation.objects.get().uid)}


PAGES: dict[Link.Purpose, tuple[str, Callable[[Cast], dict[str, Any]]]] = {
    Link.Purpose.INVITATION: ("/invitations/", invitation),
    Link.Purpose.OPEN_FIRM: ("/creer-votre-espace/", lambda _: {"siren": INDEPENDENT.siren}),
    Link.Purpose.OPEN_CLIENT_SPACE: (
        "/espace-client/ouvrir/",
        lambda _: {"siren": EMPLOYER.siren, "account_number": ""},
    ),
    Link.Purpose.RESET: ("/mot-de-passe/", lambda cast: {"user": str(cast.users["bob"].uid)}),
}


@pytest.mark.parametrize("purpose", list(PAGES))
def test_a_link_that_is_worth_nothing_does_not_tell_why(cast: Cast, purpose: Link.Purpose) -> None:
    place, payload_of = PAGES[purpose]
    email = "bob@alder.example" if purpose is Link.Purpose.RESET else EMAIL
    payload = payload_of(cast)
    good, used, expired = (links.issue(purpose, email=email, payload=payload) for _ in range(3))
    links.use(purpose, used)
    Link.objects.filter(pk=Link.objects.order_by("-pk")[0].pk).update(expires_at=timezone.now())
    other = next(one for one in PAGES if one is not purpose)
    tokens = {
        "forged": "x" * 43,
        "used": used,
        "expired": expired,
        "of another use": links.issue(other, email=email, payload=payload),
    }
    form = {"nom": "Nadia Neuve", "mot_de_passe": PASSWORD, "nouveau": PASSWORD, "conditions": "on", "code": "A" * 10}
    for method, sent in (("get", {}), ("post", form)):
        seen: dict[str, Seen] = {
            what: ask(Client(), method, f"{place}{token}/", token, **sent) for what, token in tokens.items()
        }
        assert seen["forged"].status == 404
        for what, answer in seen.items():
            assert answer == seen["forged"], what
    assert ask(Client(), "get", f"{place}{good}/", good).status == 200
