"""Second factors for the people of the tests, set up by the real verbs, and the codes that open them."""

from collections.abc import Sequence

from portefeuille.people import second_factor, totp
from portefeuille.people.models import User
from portefeuille.people.second_factor import Added
from portefeuille.people.sessions import SessionStore

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(off: int = 0, secret: str = SECRET) -> str:
    """What the application shows ``off`` steps of 30 seconds from now."""
    return totp.code_at(secret, totp.step_now() + off)


def set_up(person: User, secret: str = SECRET) -> Sequence[str]:
    """An application for ``person``; tells their recovery codes. The code of the step before is used up."""
    added = second_factor.add_application(person=person, secret=secret, code=code(-1, secret), session=SessionStore())
    assert isinstance(added, Added)
    return added.codes
