"""What the tests of pages share."""

import pytest

from tests.cast import Cast
from tests.web.matrix import Scene


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """The cast at work: clients in each place, acts to undo, and the address of every route about them."""
    return Scene(cast)
