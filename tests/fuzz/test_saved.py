"""What ``make fuzz`` starts from and what it kept, through every parser: the same each time, and quick."""

import pytest

from tests.fuzz.__main__ import saved
from tests.fuzz.targets import TARGETS, seeds


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_was_kept_breaks_a_parser(name: str) -> None:
    act, _ = TARGETS[name]
    for data in [*seeds(name), *saved(name), b"", b"\0" * 40, b"\xff" * 40]:
        act(data)
        act(data[: len(data) // 2])
        act(data + data)


def test_the_shares_make_a_million() -> None:
    assert sum(share for _, share in TARGETS.values()) == 1_000_000
