"""Severe by default: what a page or a query does wrong silently elsewhere fails a test here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client, TransactionTestCase

from portefeuille.people import sessions
from tests import canaries
from tests import cast as cast_module
from tests.canaries import _no_canary_escapes, _watching
from tests.cast import PASSWORD, Cast


@pytest.fixture(autouse=True)
def _checkpoints(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_CHECKPOINTS = str(tmp_path / "checkpoints.jsonl")


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Hashing is tested where it matters; elsewhere it would be most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def _static_without_manifest(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True, scope="session")
def _unordered_is_shuffled() -> Iterator[None]:
    """A list without an order comes in any order, so that a test cannot rely on luck."""
    fetch = QuerySet._fetch_all

    def shuffled(self: Any) -> None:
        query = self.query
        fixed = self.ordered or query.is_sliced or query.distinct or query.combinator or query.select_for_update
        if self._result_cache is None and not fixed and query.group_by is None:
            query.add_ordering("?")
        fetch(self)

    QuerySet._fetch_all = shuffled  # type: ignore[method-assign]
    yield
    QuerySet._fetch_all = fetch  # type: ignore[method-assign]


def _empty_tables(self: TransactionTestCase) -> None:
    """Django empties tables with TRUNCATE, which the audit trail refuses; a replica's session fires no triggers."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in _KEPT]
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in tables) + " RESTART IDENTITY CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")


_KEPT = {"django_migrations", "django_content_type", "auth_permission", "catalogue_service", "catalogue_notice"}
TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[method-assign]


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    yield cast_module.assemble()
    canaries.nothing_in_database()


@pytest.fixture
def committed_cast(transactional_db: None) -> Iterator[Cast]:
    """The cast where other connections see it, for tests with threads or a running server."""
    yield cast_module.assemble()
    canaries.nothing_in_database()


@pytest.fixture
def worst_plan(db: None) -> Iterator[None]:
    """The plan that PostgreSQL takes for tables it believes tiny: what stands in a join is run again for each row."""
    switches = ("hashjoin", "mergejoin", "hashagg", "sort", "material", "indexscan", "bitmapscan")
    with connection.cursor() as cursor:
        for switch in switches:
            cursor.execute(f"SET enable_{switch} = off")
        yield
        for switch in switches:
            cursor.execute(f"RESET enable_{switch}")


@pytest.fixture
def browse(cast: Cast) -> Any:
    """``browse("bob")`` is a client of the site where Bob is signed in; ``browse()`` is a stranger's."""

    def sign_in(who: str = "") -> Client:
        client = Client(enforce_csrf_checks=False)
        if who:
            client.force_login(cast.users[who], backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            sessions.start(session)
            session.save()
        return client

    return sign_in


__all__ = ["PASSWORD", "_no_canary_escapes", "_watching"]
