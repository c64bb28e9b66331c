"""What the tests of pages share."""

from typing import Any

import pytest

from tests.cast import Cast
from tests.web.matrix import SECTIONS, Scene


@pytest.fixture
def scene(cast: Cast, settings: Any) -> Scene:
    """The cast at work: clients in each place, acts to undo, and the address of every route about them."""
    for section in SECTIONS:
        if hasattr(section, "configure"):
            section.configure(settings)
    return Scene(cast)
