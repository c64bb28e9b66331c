"""Statements sent one after the other without waiting for each answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.transaction import TransactionManagementError


@contextmanager
def unanswered() -> Iterator[None]:
    """Inside a transaction: PostgreSQL gets the block's statements as they come, and is waited for at its end.

    For statements whose answers nobody reads. What one of them does wrong is raised at the end of the block at the
    latest, as Django's error; the others after it were not run.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("what is not waited for belongs to a transaction that can undo it")
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
