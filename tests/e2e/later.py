"""Some minutes later, without waiting: what time and habits make of somebody, written in the demonstration's
database."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.demonstration import Demonstration, Person


def proved_long_ago(demo: Demonstration, person: Person, minutes: int = 15) -> None:
    """A process of its own: Django works in no thread where Playwright runs."""
    command = [sys.executable, "-m", __name__, str(demo.folder), person.identifier, str(minutes)]
    subprocess.run(command, check=True)


def has_no_password(demo: Demonstration, person: Person) -> None:
    """As whoever was invited and comes by their provider alone."""
    subprocess.run([sys.executable, "-m", __name__, str(demo.folder), person.identifier, "no password"], check=True)


def the_next_day(demo: Demonstration) -> None:
    """Nothing that was counted by the hour or the day counts any more: all journeys come from one network address."""
    subprocess.run([sys.executable, "-m", __name__, str(demo.folder), "everybody", "next day"], check=True)


def _forget_attempts(folder: Path) -> None:
    from portefeuille.cli import surroundings

    with surroundings.of(folder, folder) as around:
        around.apply()
        from portefeuille.throttling.models import Budget

        Budget.objects.all().delete()


def _forget_password(folder: Path, identifier: str) -> None:
    from portefeuille.cli import surroundings

    with surroundings.of(folder, folder) as around:
        around.apply()
        from portefeuille.people.models import User

        user = User.objects.get(email=identifier)
        user.set_unusable_password()
        user.save(update_fields=["password"])


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
    if sys.argv[3] == "no password":
        _forget_password(Path(sys.argv[1]), sys.argv[2])
    elif sys.argv[3] == "next day":
        _forget_attempts(Path(sys.argv[1]))
    else:
        _move(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
