"""Lists as PostgreSQL writes arrays.

psycopg looks at every element of a list, twice, and quotes texts by a regular expression: for the columns of two
hundred clients that is a fifth of the time that adding them takes.
"""

from collections.abc import Iterable
from uuid import UUID


def array(values: Iterable[str | int | UUID | bytes | None]) -> str:
    """The text of an array for a placeholder with a type, as ``%s::text[]``; None stands for NULL, bool for itself."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: str | int | UUID | bytes | None) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    return "NULL" if value is None else str(value)
