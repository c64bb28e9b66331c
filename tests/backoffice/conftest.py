"""Agents at work."""

from collections.abc import Callable

import pytest

from portefeuille.backoffice.access import AgentAccess, agent_access_of
from tests.cast import Cast


@pytest.fixture
def agent(cast: Cast) -> Callable[[str], AgentAccess]:
    def access(who: str) -> AgentAccess:
        found = agent_access_of(cast.users[who].pk)
        assert found is not None
        return found

    return access
