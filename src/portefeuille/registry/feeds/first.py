"""A first load: into an empty table, a whole country at once.

Keeping indexes true row by row costs more than all the rest of a load, above all that of the trigrams: where the table
is empty and the role owns it, they are set aside and built once, from all rows together. That takes an exclusive lock
for the length of the file, which no daily difference ever does: an empty table has no readers to hold up.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

#: Fewer rows are not worth the lock.
LEAST = 20_000


def begins(table: str, staging: str) -> bool:
    """Whether ``table`` is empty, ours to change, and about to receive many rows from ``staging``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT NOT EXISTS (SELECT FROM {table})
               AND (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass)
               AND (SELECT count(*) FROM (SELECT FROM {staging} LIMIT {LEAST}) s) = {LEAST}
            """,  # noqa: S608 (names of ours, no data)
            [table],
        )
        (found,) = cursor.fetchone()
    return bool(found)


@contextmanager
def indexes_set_aside(cursor: CursorWrapper, table: str) -> Iterator[None]:
    """``table`` without its indexes for a block, those apart that a foreign key leans on; to be run in a transaction.

    What breaks a constraint in the block raises IntegrityError at its end.
    """
    cursor.execute(
        """
        SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint made
        WHERE conrelid = %(table)s::regclass AND contype IN ('p', 'u', 'f')
          AND NOT EXISTS (SELECT FROM pg_constraint leans WHERE leans.confrelid = made.conrelid
                            AND leans.conindid = made.conindid AND leans.contype = 'f')
        ORDER BY contype DESC, conname
        """,
        {"table": table},
    )
    constraints = cursor.fetchall()
    cursor.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = %(table)s::regclass
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x', 'f'))
        ORDER BY 1
        """,
        {"table": table},
    )
    indexes = cursor.fetchall()
    for name, _ in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute(f"ANALYZE {table}")
    for name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for _, definition in indexes:
        cursor.execute(definition)
