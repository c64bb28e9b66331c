"""How long a session lives: so long without a request, so long in all. Counted by the server, in the session's row."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from portefeuille.people import devices

if TYPE_CHECKING:
    from portefeuille.people.models import Session

_STARTED = "signed_in_at"
_SEEN = "seen_at"
_PROVED = "proved_at"
_BROWSER = "browser"
_UID = "uid"
# The row is written at most this often: a page that only reads writes nothing.
_TOUCH_SECONDS = 60


class SessionStore(DatabaseStore):
    """Sessions as rows of ours, whose key is the digest of what the browser holds, and which name the person.

    Read without the ORM: every page does it, and building that query costs more than running it.
    """

    @classmethod
    def get_model_class(cls) -> type["Session"]:
        from portefeuille.people.models import Session

        return Session

    def load(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_data FROM people_session WHERE session_key = %s AND expire_date > %s",
                [row_key(str(self.session_key)), timezone.now()],
            )
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])

    def save(self, must_create: bool = False) -> None:
        """As Django's, which takes a database that is away for a session that was ended meanwhile."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError | InternalError):
                raise error.__context__ from error.__context__.__cause__
            raise

    def exists(self, session_key: str) -> bool:
        return super().exists(row_key(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.get_model_class().objects.filter(session_key=row_key(key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> "Session":
        row = cast("Session", super().create_model_instance(data))
        row.session_key = row_key(row.session_key)
        if SESSION_KEY in data and _STARTED in data:
            row.user_id = int(data[SESSION_KEY])
            row.uid = UUID(data[_UID])
            row.browser = data[_BROWSER]
            row.opened_at = datetime.fromtimestamp(data[_STARTED], UTC)
            row.seen_at = datetime.fromtimestamp(data[_SEEN], UTC)
        return row


def row_key(session_key: str) -> str:
    """The key of a session's row: 160 bits of a digest of the browser's, which is random."""
    return hashlib.sha256(b"session:" + session_key.encode("utf-8", "replace")).hexdigest()[:40]


def start(session: SessionBase, *, browser: str = "") -> None:
    """Start the clocks of a session in ``browser`` («Firefox sur Windows»): the person has just proved it is them."""
    _start_clocks(session, browser)
    prove(session)


def _start_clocks(session: SessionBase, browser: str = "") -> None:
    """In whole seconds since 1970."""
    session[_STARTED] = session[_SEEN] = int(time.time())
    session[_BROWSER] = browser
    session[_UID] = str(uuid4())


def prove(session: SessionBase) -> None:
    """Note that the person has just proved again who they are."""
    session[_PROVED] = int(time.time())


def doubt(session: SessionBase) -> None:
    """Note that the person proved nothing lately, as when a provider of single sign-on remembered them."""
    session[_PROVED] = 0


def recently_proved(session: SessionBase) -> bool:
    """Whether the person proved who they are less than ``REAUTHENTICATION`` ago: asked before dangerous acts."""
    return bool(time.time() - session.get(_PROVED, 0) < settings.REAUTHENTICATION.total_seconds())


@dataclass(frozen=True, slots=True)
class Seen:
    """A browser where a person is signed in, as their own page shows it. ``seen_at`` is to the minute."""

    uid: UUID
    browser: str
    opened_at: datetime
    seen_at: datetime
    is_this_one: bool


def of(person_id: int, this: SessionBase) -> list[Seen]:
    """The live sessions of a person, this one first, then the last seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uid, browser, opened_at, seen_at, session_key = %s FROM people_session"
            " WHERE user_id = %s AND expire_date > %s AND opened_at > %s AND seen_at > %s"
            " ORDER BY session_key = %s DESC, seen_at DESC, uid",
            [
                key := row_key(str(this.session_key)),
                person_id,
                now := timezone.now(),
                now - settings.SESSION_ABSOLUTE,
                now - settings.SESSION_IDLE,
                key,
            ],
        )
        return [Seen(*row) for row in cursor.fetchall()]


def end(person_id: int, uid: UUID) -> bool:
    """End one session of a person, at once; False where there is none."""
    return _end("user_id = %s AND uid = %s", [person_id, uid]) > 0


def end_others(person_id: int, but: SessionBase | None) -> int:
    """End every session of a person except ``but``; tells how many."""
    kept = row_key(str(but.session_key)) if but is not None else ""
    return _end("user_id = %s AND session_key <> %s", [person_id, kept])


def _end(which: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM people_session WHERE {which}", values)  # noqa: S608 - the two texts above
        return int(cursor.rowcount)


class SessionLimitsMiddleware:
    """Ends sessions that are too old. Whose it was stays known for this request, as ``request.session_ended_for``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A browser without a session costs no query.
        person = request.session.get(SESSION_KEY)
        if person is not None:
            now = int(time.time())
            started, seen = request.session.get(_STARTED), request.session.get(_SEEN)
            if started is None or seen is None:
                # Nobody signed in through our door, so that nothing was proved: the clocks start, and no more.
                _start_clocks(request.session)
            elif (
                now - started >= settings.SESSION_ABSOLUTE.total_seconds()
                or now - seen >= settings.SESSION_IDLE.total_seconds()
            ):
                logout(request)
                request.session_ended_for = str(person)  # type: ignore[attr-defined]
            elif now - seen >= _TOUCH_SECONDS:
                request.session[_SEEN] = now
        response = self.get_response(request)
        devices.remember(request, response)
        return response
