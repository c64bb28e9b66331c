"""Tallies kept by the database, so that no way of writing an enrolment can forget them."""

from django.db import migrations

COUNT = """
    INSERT INTO enrolments_tally AS t (firm_id, portfolio_id, restricted, regime, state, account_state, number)
    SELECT firm_id, portfolio_id, restricted, regime, state, account_state, sum(n)
    FROM ({rows}) AS moved
    WHERE ended_at IS NULL
    GROUP BY firm_id, portfolio_id, restricted, regime, state, account_state
    HAVING sum(n) <> 0
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (firm_id, portfolio_id, restricted, regime, state, account_state) DO UPDATE SET number = t.number + excluded.number;
    RETURN NULL;
"""
CAME = "SELECT firm_id, portfolio_id, restricted, regime, state, account_state, ended_at, 1 AS n FROM came"
LEFT = "SELECT firm_id, portfolio_id, restricted, regime, state, account_state, ended_at, -1 AS n FROM gone"

CREATE = "".join(
    f"""
CREATE FUNCTION enrolments_tally_{event}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
{COUNT.format(rows=rows)}
END
$$;
CREATE TRIGGER enrolment_tally_{event} AFTER {event} ON enrolments_enrolment
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION enrolments_tally_{event}();
"""
    for event, rows, tables in [
        ("insert", CAME, "NEW TABLE AS came"),
        ("update", f"{CAME} UNION ALL {LEFT}", "NEW TABLE AS came OLD TABLE AS gone"),
        ("delete", LEFT, "OLD TABLE AS gone"),
    ]
)

DROP = "".join(f"DROP FUNCTION enrolments_tally_{event}() CASCADE;" for event in ("insert", "update", "delete"))


class Migration(migrations.Migration):
    dependencies = [("enrolments", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
