"""The optimal attacker in small: ``make attack`` plays ten thousand months of it."""

from itertools import cycle
from typing import Any

import pytest

from portefeuille.enrolments.models import Enrolment
from portefeuille.imports.lines import Outcome
from portefeuille.imports.models import Import
from portefeuille.imports.queries import outcomes
from tests.attack import clock, takeovers
from tests.attack.running import KNOWN_AMOUNTS, MOST_TAKEOVERS

#: So common here that the attacker meets it: nobody's tries end by what succeeds.
GUESS, COMMON = "17.31", 8


@pytest.mark.slow
def test_every_guess_of_a_month_is_judged_by_page_and_by_file_and_no_more(db: Any) -> None:
    """A right guess takes the account over whichever way it came: what is refused is refused for being wrong."""
    clock.install()
    takeovers.fill(600, cycle([GUESS, *["48.16"] * (COMMON - 1)]))
    firms = takeovers.attackers(3)
    with clock.moving(local=True) as moved:
        played = takeovers.play(firms, time=moved, months=1, guess=GUESS, file_in=2)
    assert (played.firm_months, played.by_file) == (3, 2)
    assert played.judged == 3 * takeovers.MONTHLY
    assert played.unjudged == 3 * (takeovers.MONTHLY // takeovers.DAILY) + 1
    files = [outcomes(of) for of in Import.objects.order_by("pk")]
    assert len(files) == 4
    not_tried = sum(counts[Outcome.NOT_TRIED] for counts in files)
    assert 0 < not_tried < 4 * 3
    assert sum(counts[Outcome.ADDED] for counts in files) > 0
    right = -(-played.accounts // COMMON)
    assert played.takeovers == Enrolment.objects.count()
    assert right - played.unjudged - not_tried <= played.takeovers <= right


def test_what_the_budgets_admit_is_worth_less_than_promised() -> None:
    """By the law alone, as a country's register has it: the mean that ``make attack`` draws around."""
    known = takeovers.knowledge(KNOWN_AMOUNTS // 40, seed=2)
    assert takeovers.MONTHLY * known.chance <= 2 * MOST_TAKEOVERS  # few amounts: the luckiest of them is overrated
