"""A handful of the deaths of ``make attack``, on servers of their own; it plays a hundred of them."""

import subprocess
import sys

import pytest

_SMALL = ["--blocks", "2", "--kills", "4", "--crashes", "1", "--takeovers", "0", "--loads", "2", "--accounts", "300"]


def _attack(name: str, *options: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.attack", name, *_SMALL, *options],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_a_run_and_a_load_that_die_at_any_instant_end_as_if_nothing_had_happened() -> None:
    said = _attack("kills")
    assert "worker killed 4 times" in said
    assert "PostgreSQL killed 1 times" in said
    assert "load of 300 accounts killed 2 times" in said


@pytest.mark.slow
def test_a_run_for_which_no_room_is_left_is_finished_once_there_is() -> None:
    said = _attack("full-disk", "--full-disks", "2")
    if "skipped" in said:
        pytest.skip(said)
    assert "disk full 2 times" in said
