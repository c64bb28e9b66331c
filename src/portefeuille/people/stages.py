"""What allauth passes through between the first factor and the door."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.stages import LoginStage
from django.http import HttpResponseRedirect
from django.urls import reverse

from portefeuille.people.second_factor import has_second_factor

#: In the state of allauth's ``Login``: a passkey that checked its owner is both factors; so is a provider that asked
#: for a second one and whose word is taken for it (settings).
BOTH_FACTORS = "both_factors"


class SecondFactorStage(LoginStage):
    """Whoever has a second factor shows it, however the first was shown."""

    key = "second_factor"
    urlname = "second_step"

    def handle(self) -> tuple[HttpResponseRedirect | None, bool]:
        person = self.login.user
        if person is None or self.login.state.get(BOTH_FACTORS) or not has_second_factor(int(person.pk)):
            return None, True
        # Whoever knows the key of this session from before does not share what comes.
        self.request.session.cycle_key()
        query = f"?{urlencode({'next': self.login.redirect_url})}" if self.login.redirect_url else ""
        return HttpResponseRedirect(reverse(self.urlname) + query), True

    def is_resumable(self, request: Any) -> bool:
        """The sign-in page starts again: somebody else may be at this browser."""
        return False
