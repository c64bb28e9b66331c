"""A large firm in a country of small ones: its list goes by an index, whatever the others are like."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from psycopg.sql import Literal

from portefeuille.enrolments.models import Enrolment
from portefeuille.enrolments.queries import Filters, clients
from portefeuille.firms.access import Access
from tests.cast import EMPLOYER, Cast
from tests.web.test_query_budget import more_clients

SMALL_FIRMS, LARGE = 3000, 2500

_NEIGHBOURS = """
WITH made AS (
    INSERT INTO firms_firm (uid, name, siren, state, state_since, reason, created_at)
    SELECT gen_random_uuid(), 'Cabinet voisin ' || n, '', 'active', now(), '', now()
    FROM generate_series(1, %s) n RETURNING id
), portfolios AS (
    INSERT INTO firms_portfolio (uid, firm_id, name) SELECT gen_random_uuid(), id, 'Clients' FROM made
    RETURNING id, firm_id
)
INSERT INTO enrolments_enrolment (
    uid, firm_id, portfolio_id, regime, siren, account_number, state, services, notices, created_at, created_by_id,
    ended_by, name, name_key, siret, town, postcode, account_state, accounts, search
)
SELECT gen_random_uuid(), p.firm_id, p.id, e.regime, e.siren, e.account_number, e.state, 1, 1, now(), e.created_by_id,
       '', e.name, e.name_key, e.siret, e.town, e.postcode, e.account_state, e.accounts, e.search
FROM portfolios p CROSS JOIN enrolments_enrolment e WHERE e.id = %s
"""


def kept_plan(sql: str, values: Sequence[Any]) -> str:
    """The plan that PostgreSQL keeps for a statement that it has run often, whatever its values."""
    pieces = sql.split("%s")
    assert len(pieces) == len(values) + 1
    numbered = "".join(f"{piece}${n}" for n, piece in enumerate(pieces[:-1], 1)) + pieces[-1]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE asked AS {numbered}".replace("%%", "%"))
        given = ", ".join(Literal(value).as_string(connection.connection) for value in values)
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF) EXECUTE asked ({given})".replace("%", "%%"))
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE asked")
    return plan


def statement(access: Access, filters: Filters) -> tuple[str, Sequence[Any]]:
    sent: list[tuple[str, Sequence[Any]]] = []

    def note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        sent.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        assert clients(access, filters).rows
    ((sql, values),) = sent
    return sql, values


@pytest.mark.parametrize("order", ["nom", "-depuis"])
def test_the_list_is_not_sorted(cast: Cast, order: str) -> None:
    client = cast.enrol(EMPLOYER)
    access = cast.access("alice")
    more_clients(access, LARGE)
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURS, [SMALL_FIRMS, Enrolment.objects.get(uid=client.uid).pk])
        cursor.execute("ANALYZE enrolments_enrolment")
    plan = kept_plan(*statement(access, Filters(order=order)))
    assert {"nom": "list_by_name", "-depuis": "list_by_age"}[order] in plan
    assert "Sort" not in plan, plan
