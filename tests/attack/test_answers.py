"""The measure of answers in small, without its figures: those belong to ``make attack``."""

import random
from typing import Any

from tests.attack import answers
from tests.attack.answers import LEAK, welch
from tests.cast import Cast
from tests.web.reading import rows


def test_every_branch_is_asked_as_often_from_the_same_state(cast: Cast) -> None:
    browser = answers.site(cast, "alice")
    asked = answers.branches(cast, browser)
    before = rows()
    found = answers.measure(browser, asked, pairs=3, seed=1, say=_nothing)
    assert {len(branch.times) for branch in asked} == {3}
    assert len(found) == len(asked) - len({branch.group for branch in asked})
    assert rows() == before


def _nothing(_text: str) -> Any:
    return None


def test_a_leak_of_a_hundredth_is_seen_and_chance_is_not() -> None:
    chance = random.Random(4)
    same = [[chance.gauss(1000, 100) for _ in range(20_000)] for _ in range(2)]
    assert abs(answers.farthest(*same)) < LEAK
    assert answers.farthest(same[0], [took * 1.01 for took in same[1]]) > LEAK
    assert welch([1.0], [2.0]) == 0
