"""Many attempts of one transaction, judged one after the other by the same function as one."""

from django.db import migrations

CREATE = """
CREATE FUNCTION budget_attempt_many(
    p_attempts integer[], p_kinds integer[], p_keys bytea[], p_windows jsonb, p_told boolean[], p_ends boolean[],
    p_failed boolean[]
) RETURNS TABLE (attempt integer, admitted boolean, remaining integer[])
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_lock record;
BEGIN
    -- All locks first, in the one order. What several attempts here share is held alone: were it shared with a page,
    -- a failure here could not be counted without waiting for it, and it for us.
    FOR v_lock IN
        SELECT n, bool_or(p_failed[a]) OR count(DISTINCT a) > 1 AS alone
        FROM (SELECT ('x' || left(encode(k, 'hex'), 16))::bit(64)::bigint AS n, a
              FROM unnest(p_attempts, p_keys) AS u (a, k)) AS wanted
        GROUP BY n ORDER BY n
    LOOP
        IF v_lock.alone THEN
            PERFORM pg_advisory_xact_lock(v_lock.n);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(v_lock.n);
        END IF;
    END LOOP;

    -- All right, and no budget spent: nothing to count, so one look is as good as one for each.
    IF NOT true = ANY(p_failed) AND NOT EXISTS (
        SELECT FROM unnest(p_kinds, p_keys) AS u (kind, k)
        LEFT JOIN throttling_budget b ON b.key = u.k
        CROSS JOIN LATERAL jsonb_array_elements(p_windows->(u.kind - 1)) AS w
        WHERE (b.key IS NOT NULL OR (w->>0)::int <= 0)
          AND (w->>0)::int <= (SELECT count(*) FROM unnest(b.failures) AS f (at)
                               WHERE f.at > clock_timestamp() - make_interval(secs => (w->>1)::int))
    ) THEN
        RETURN QUERY SELECT n, true, NULL::integer[] FROM generate_subscripts(p_failed, 1) AS n ORDER BY n;
        RETURN;
    END IF;

    FOR i IN 1 .. array_length(p_failed, 1) LOOP
        -- Once what ends everything is spent, the rest is not tried: it would be refused without being judged.
        EXIT WHEN EXISTS (
            SELECT FROM unnest(p_attempts, p_kinds, p_keys) AS u (a, kind, k)
            WHERE a = i AND p_ends[kind] AND budget_remaining(k, p_windows->(kind - 1)) <= 0
        );
        RETURN QUERY
        SELECT i, judged.admitted, judged.remaining FROM (
            SELECT array_agg(k ORDER BY place) AS keys,
                   jsonb_agg(p_windows->(kind - 1) ORDER BY place) AS windows,
                   array_agg(p_told[kind] ORDER BY place) AS told
            FROM unnest(p_attempts, p_kinds, p_keys) WITH ORDINALITY AS u (a, kind, k, place) WHERE a = i
        ) AS of, budget_attempt(of.keys, of.windows, of.told, p_failed[i]) AS judged;
    END LOOP;
END
$$;
"""

DROP = """
DROP FUNCTION budget_attempt_many(integer[], integer[], bytea[], jsonb, boolean[], boolean[], boolean[]);
"""


class Migration(migrations.Migration):
    dependencies = [("throttling", "0002_functions")]
    operations = [migrations.RunSQL(CREATE, DROP)]
