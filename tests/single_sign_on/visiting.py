"""A browser on its way to a provider and back."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from tests.web.reading import soup


@dataclass
class Visit:
    """A stranger's browser that asks to sign in by a provider, to go to ``goal``."""

    provider: str
    goal: str = "/mon-espace/?choisir=1"
    browser: Client = field(default_factory=Client)
    address: str = ""
    query: dict[str, str] = field(default_factory=dict)

    def leave(self) -> Any:
        """Press the button; ``address`` is where the provider's page is."""
        answer = self.browser.post(f"/connexion/{self.provider}/", {"next": self.goal})
        if answer.status_code == 200:
            self.read(answer)
        return answer

    def read(self, answer: Any) -> None:
        """Where the page that leaves leads."""
        link = soup(answer).select_one("main a.button")
        assert link is not None
        self.address = str(link["href"])
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(self.address).query).items()}

    def come_back(self, **query: str) -> Any:
        return self.browser.get(f"/connexion/{self.provider}/retour/", query)

    @property
    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.browser.session
