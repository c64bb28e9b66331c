"""The question of the second factor, not asked again of whoever just answered it at the provider's."""

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

#: In the state of a sign-in: the provider asked for a second factor, and its word is taken for it (settings).
ASKED_BY_PROVIDER = "second_factor_at_provider"


class SecondFactorStage(AuthenticateStage):
    """allauth's, but for those people."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not self.login.state.get(ASKED_BY_PROVIDER) and bool(super()._should_handle(request))
