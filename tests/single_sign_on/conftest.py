"""The providers of these tests: a certified one, and one that lies."""

from collections.abc import Iterator
from typing import Any

import pytest

from portefeuille.config.single_sign_on import providers_of
from portefeuille.people.single_sign_on import talking
from tests.single_sign_on import certified_provider
from tests.single_sign_on.lying_provider import LyingProvider


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The certified provider is started once: whoever needs it is in one worker."""
    for item in items:
        if "certified" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("certified_provider"))


@pytest.fixture(autouse=True)
def _nothing_known_of_providers() -> Iterator[None]:
    talking.forget()
    yield
    talking.forget()


@pytest.fixture(scope="session")
def _certified() -> Iterator[str]:
    with certified_provider.running("http://localhost:8000") as setting:
        yield setting


@pytest.fixture
def certified(_certified: str, settings: Any) -> None:
    """«Tilleul» and «ProConnect», served by the certified provider."""
    settings.SSO_PROVIDERS = providers_of(_certified)


@pytest.fixture(scope="module")
def _liar() -> Iterator[LyingProvider]:
    provider = LyingProvider()
    yield provider
    provider.close()


@pytest.fixture
def liar(_liar: LyingProvider, settings: Any) -> LyingProvider:
    """«Menteur», honest until a test tells it to lie."""
    _liar.be_honest()
    settings.SSO_PROVIDERS = (_liar.as_setting(),)
    return _liar
