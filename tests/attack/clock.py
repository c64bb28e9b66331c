"""A clock that we move, PostgreSQL's and Python's together.

The budgets count with the database's clock (R4): functions of the same names stand before PostgreSQL's own. No row is
touched, and every statement of the program, functions included, reads the moved time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.db import connection

_SCHEMA = "moved_clock"
#: Every way of ours to ask for the time.
_FUNCTIONS = ("clock_timestamp", "statement_timestamp", "transaction_timestamp", "now")


def install() -> None:
    """Make the functions, as whoever may create a schema here, for every role."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {_SCHEMA} TO PUBLIC")
        for name in _FUNCTIONS:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {_SCHEMA}.{name}() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
                f" 'SELECT pg_catalog.{name}()"
                f" + make_interval(secs =>"
                f" coalesce(nullif(current_setting(''moved.by'', true), ''''), ''0'')::float8)'"
            )


class Clock:
    """The clock of this process and of its connection."""

    def __init__(self, local: bool) -> None:
        self._local = local
        self._python: Any = None

    def to(self, *, days: float) -> None:
        """So many days after the real time, and running."""
        self.stop()
        self._python = time_machine.travel(datetime.now(UTC) + timedelta(days=days), tick=True)
        self._python.start()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('moved.by', %s, %s)", [str(days * 86400), self._local])

    def stop(self) -> None:
        if self._python is not None:
            self._python.stop()
            self._python = None


@contextmanager
def moving(*, local: bool) -> Iterator[Clock]:
    """The connection lives by the moved clock; ``local``: until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET {'LOCAL' if local else 'SESSION'} search_path = {_SCHEMA}, pg_catalog, public")
    clock = Clock(local)
    try:
        yield clock
    finally:
        clock.stop()
        if not local:
            connection.close()
