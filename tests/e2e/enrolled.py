"""The clients that the firms of a demonstration have already, read in its database."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.demonstration import Demonstration


def clients_of_firms(demo: Demonstration) -> set[str]:
    """What names them: Sirens, or account numbers. By a process: Django works in no thread where Playwright runs."""
    command = [sys.executable, "-m", __name__, str(demo.folder)]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def _print(folder: Path) -> None:
    from portefeuille.cli import surroundings

    with surroundings.of(folder, folder) as around:
        around.apply()
        from portefeuille.enrolments.models import Enrolment

        for siren, account_number in Enrolment.objects.values_list("siren", "account_number"):
            print(siren or account_number)


if __name__ == "__main__":
    _print(Path(sys.argv[1]))
