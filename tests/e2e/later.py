"""Some minutes later, without waiting: the clock of somebody's sessions, moved in the demonstration's database."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.demonstration import Demonstration, Person


def proved_long_ago(demo: Demonstration, person: Person, minutes: int = 15) -> None:
    """A process of its own: Django works in no thread where Playwright runs."""
    command = [sys.executable, "-m", __name__, str(demo.folder), person.identifier, str(minutes)]
    subprocess.run(command, check=True)


def _move(folder: Path, identifier: str, minutes: int) -> None:
    from portefeuille.cli import surroundings

    with surroundings.of(folder, folder) as around:
        around.apply()
        from portefeuille.people.models import Session
        from portefeuille.people.sessions import SessionStore

        for session in Session.objects.filter(user__email=identifier):
            held = session.get_decoded()
            held["proved_at"] -= minutes * 60
            session.session_data = SessionStore().encode(held)
            session.save(update_fields=["session_data"])


if __name__ == "__main__":
    _move(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
