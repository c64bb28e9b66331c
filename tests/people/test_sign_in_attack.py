"""Some hundreds of guesses, by each way of guessing. ``python -m tests.attack.sign_in`` sends ten thousand by each."""

import pytest

from portefeuille.throttling.models import Budget
from tests.attack import sign_in
from tests.attack.sign_in import HOME, VICTIM, Guess
from tests.cast import PASSWORD, Cast
from tests.throttling.together import Crew

ATTEMPTS = 150


@pytest.mark.slow
def test_guesses_are_judged_up_to_the_limits_and_the_owner_comes_in_all_along(committed_cast: Cast) -> None:
    known = [user.email for user in committed_cast.users.values()]
    found = []
    for figures, most in sign_in.run(Guess(VICTIM, PASSWORD, HOME), known, ATTEMPTS):
        sign_in.check(figures, most)
        found.append(figures)
    one, everywhere, each, crowd, crowd_on_each, apart = found
    assert (one.judged, one.refused) == (10, ATTEMPTS - 10)
    assert everywhere.refused == 0  # 100 addresses, fewer than 10 from each
    assert (each.judged, each.refused) == (60, ATTEMPTS - 60)
    # At once as one after the other: exactly as many.
    assert (crowd.judged, crowd_on_each.judged) == (one.judged, each.judged)
    assert apart.refused == 0
    assert all(figures.attempts == ATTEMPTS for figures in found[:-1])


@pytest.mark.slow
def test_the_right_password_in_a_crowd_from_its_address_passes_only_while_a_guess_is_left(
    committed_cast: Cast,
) -> None:
    """Who knows it learns nothing by trying it among others once the limit is spent."""
    guesses = [Guess(VICTIM, "autre chose", "192.0.2.1")] * 20
    right = Guess(VICTIM, PASSWORD, "192.0.2.1")
    with Crew(sign_in.CROWD) as crew:
        first = crew.together([lambda guess=guess: sign_in.post(guess) for guess in guesses])
        assert sorted(first) == ["judged"] * 10 + ["refused"] * 10
        assert crew.together([lambda: sign_in.post(right)] * 20) == ["refused"] * 20
    failures = sorted(len(budget.failures) for budget in Budget.objects.order_by("pk"))
    assert failures == [10, 10]  # of the pair, and of the address
