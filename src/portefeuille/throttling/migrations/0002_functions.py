"""The one statement that judges an attempt."""

from django.db import migrations

CREATE = """
CREATE FUNCTION budget_remaining(p_key bytea, p_windows jsonb) RETURNS integer
LANGUAGE sql VOLATILE AS $$
    SELECT min((w->>0)::int - (
        SELECT count(*) FROM throttling_budget b, unnest(b.failures) AS f (at)
        WHERE b.key = p_key AND f.at > clock_timestamp() - make_interval(secs => (w->>1)::int)
    ))::int
    FROM jsonb_array_elements(p_windows) AS w
$$;

CREATE FUNCTION budget_attempt(
    p_keys bytea[], p_windows jsonb, p_told boolean[], p_failed boolean, OUT admitted boolean, OUT remaining integer[]
)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_lock bigint;
    v_longest integer;
BEGIN
    -- One order for everybody, so that two attempts never wait for each other in a ring. Failures exclude all
    -- others; successes only exclude failures, and so do not queue behind each other.
    FOR v_lock IN
        SELECT DISTINCT ('x' || left(encode(k, 'hex'), 16))::bit(64)::bigint AS n FROM unnest(p_keys) AS k ORDER BY n
    LOOP
        IF p_failed THEN
            PERFORM pg_advisory_xact_lock(v_lock);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(v_lock);
        END IF;
    END LOOP;

    -- Nearly always nobody who is counted here has failed yet, and there is nothing to count: "remaining" is null. The
    -- look comes first, whatever the facts: who is locked must not see by the clock that they were right.
    IF NOT EXISTS (SELECT FROM throttling_budget WHERE key = ANY(p_keys)) AND NOT p_failed
        AND NOT jsonb_path_exists(p_windows, '$[*][*][0] ? (@ <= 0)')
    THEN
        admitted := true;
        RETURN;
    END IF;

    -- What budget_remaining says of each key, in one statement: calling it costs more than counting.
    remaining := ARRAY(
        SELECT (
            SELECT min((w->>0)::int - (
                SELECT count(*) FROM unnest(b.failures) AS f (at)
                WHERE f.at > clock_timestamp() - make_interval(secs => (w->>1)::int)
            ))::int
            FROM jsonb_array_elements(p_windows->(n - 1)) AS w
        )
        FROM generate_subscripts(p_keys, 1) AS n LEFT JOIN throttling_budget b ON b.key = p_keys[n] ORDER BY n
    );
    admitted := NOT EXISTS (SELECT FROM unnest(remaining) AS r WHERE r <= 0);
    IF admitted AND NOT p_failed THEN
        RETURN;
    END IF;
    -- Refused for a reason that is not told: what is told must look like after any other failure, right facts or not.
    IF NOT admitted AND EXISTS (SELECT FROM unnest(remaining, p_told) AS r (n, told) WHERE told AND n <= 0) THEN
        RETURN;
    END IF;

    FOR i IN 1 .. array_length(p_keys, 1) LOOP
        CONTINUE WHEN NOT admitted AND NOT p_told[i];
        remaining[i] := remaining[i] - 1;
        SELECT max((w->>1)::int) INTO v_longest FROM jsonb_array_elements(p_windows->(i - 1)) AS w;
        INSERT INTO throttling_budget AS b (key, failures) VALUES (p_keys[i], ARRAY[clock_timestamp()])
        ON CONFLICT (key) DO UPDATE SET failures = array_append(
            ARRAY(SELECT at FROM unnest(b.failures) AS at
                  WHERE at > clock_timestamp() - make_interval(secs => v_longest) ORDER BY at),
            clock_timestamp()
        );
    END LOOP;
END
$$;
"""

DROP = "DROP FUNCTION budget_attempt(bytea[], jsonb, boolean[], boolean); DROP FUNCTION budget_remaining(bytea, jsonb);"


class Migration(migrations.Migration):
    dependencies = [("throttling", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
