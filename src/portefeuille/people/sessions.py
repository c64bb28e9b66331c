"""How long a session lives: so long without a request, so long in all. Counted by the server, in the session's row."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

_STARTED = "signed_in_at"
_SEEN = "seen_at"
_PROVED = "proved_at"
# The row is written at most this often: a page that only reads writes nothing.
_TOUCH_SECONDS = 60


class SessionStore(DatabaseStore):
    """Sessions in the database, read without the ORM: every page does it, and building that query costs more than
    running it."""

    def _get_session_from_db(self) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_key, session_data, expire_date FROM django_session"
                " WHERE session_key = %s AND expire_date > %s",
                [self.session_key, timezone.now()],
            )
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return self.model(*row)


def start(session: SessionBase) -> None:
    """Start the clocks, in whole seconds since 1970."""
    session[_STARTED] = session[_SEEN] = session[_PROVED] = int(time.time())


def prove(session: SessionBase) -> None:
    """Note that the person has just proved again who they are."""
    session[_PROVED] = int(time.time())


def recently_proved(session: SessionBase) -> bool:
    """Whether the person proved who they are less than ``REAUTHENTICATION`` ago: asked before dangerous acts."""
    return bool(time.time() - session.get(_PROVED, 0) < settings.REAUTHENTICATION.total_seconds())


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
                start(request.session)
            elif (
                now - started >= settings.SESSION_ABSOLUTE.total_seconds()
                or now - seen >= settings.SESSION_IDLE.total_seconds()
            ):
                logout(request)
                request.session_ended_for = str(person)  # type: ignore[attr-defined]
            elif now - seen >= _TOUCH_SECONDS:
                request.session[_SEEN] = now
        return self.get_response(request)
