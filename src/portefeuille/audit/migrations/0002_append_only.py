"""The chain, and what keeps it append-only for everybody who is not a superuser with intent."""

from django.db import migrations

CREATE = """
CREATE FUNCTION audit_digest(e audit_event) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        e.chain, e.seq, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        e.actor, e.verb, e.subject, e.before, e.after, encode(e.previous, 'hex')
    )::text, 'UTF8'))
$$;

-- SECURITY DEFINER: the role of the web processes may call this, and may not write the tables itself.
CREATE FUNCTION audit_append(
    p_chain bigint, p_actor text, p_verb text, p_subject text, p_before jsonb, p_after jsonb
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_event audit_event;
BEGIN
    IF coalesce(p_actor, '') = '' OR coalesce(p_verb, '') = '' THEN
        RAISE EXCEPTION 'an event has an actor and a verb';
    END IF;
    -- The head's row lock puts the writers of one chain in a queue: no gap, no fork.
    LOOP
        SELECT c.seq + 1, c.digest INTO v_event.seq, v_event.previous
        FROM audit_chain c WHERE c.chain = p_chain FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO audit_chain (chain, seq, digest) VALUES (p_chain, 0, ''::bytea) ON CONFLICT DO NOTHING;
    END LOOP;
    v_event.chain := p_chain;
    v_event.at := clock_timestamp();
    v_event.actor := p_actor;
    v_event.verb := p_verb;
    v_event.subject := p_subject;
    v_event.before := p_before;
    v_event.after := p_after;
    v_event.digest := audit_digest(v_event);
    INSERT INTO audit_event (chain, seq, at, actor, verb, subject, before, after, previous, digest)
    VALUES (v_event.chain, v_event.seq, v_event.at, v_event.actor, v_event.verb, v_event.subject,
            v_event.before, v_event.after, v_event.previous, v_event.digest);
    UPDATE audit_chain SET seq = v_event.seq, digest = v_event.digest WHERE chain = p_chain;
    RETURN v_event.seq;
END
$$;

-- The same for many events of one actor at once: the head is locked, read and written once.
CREATE FUNCTION audit_append_many(
    p_chain bigint, p_actor text, p_verbs text[], p_subjects text[], p_befores jsonb[], p_afters jsonb[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_event audit_event;
    v_first bigint;
    v_ats timestamptz[] := '{}';
    v_previous bytea[] := '{}';
    v_digests bytea[] := '{}';
BEGIN
    IF coalesce(p_actor, '') = '' OR '' = ANY(p_verbs) OR array_position(p_verbs, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'an event has an actor and a verb';
    END IF;
    IF cardinality(p_subjects) <> cardinality(p_verbs) OR cardinality(p_befores) <> cardinality(p_verbs)
       OR cardinality(p_afters) <> cardinality(p_verbs) THEN
        RAISE EXCEPTION 'an event has a subject, a before and an after';
    END IF;
    LOOP
        SELECT c.seq, c.digest INTO v_first, v_event.digest
        FROM audit_chain c WHERE c.chain = p_chain FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO audit_chain (chain, seq, digest) VALUES (p_chain, 0, ''::bytea) ON CONFLICT DO NOTHING;
    END LOOP;
    v_event.chain := p_chain;
    v_event.actor := p_actor;
    FOR i IN 1 .. cardinality(p_verbs) LOOP
        v_event.seq := v_first + i;
        v_event.at := clock_timestamp();
        v_event.verb := p_verbs[i];
        v_event.subject := p_subjects[i];
        v_event.before := p_befores[i];
        v_event.after := p_afters[i];
        v_event.previous := v_event.digest;
        v_event.digest := audit_digest(v_event);
        v_ats := array_append(v_ats, v_event.at);
        v_previous := array_append(v_previous, v_event.previous);
        v_digests := array_append(v_digests, v_event.digest);
    END LOOP;
    INSERT INTO audit_event (chain, seq, at, actor, verb, subject, before, after, previous, digest)
    SELECT p_chain, v_first + e.place, e.at, p_actor, e.verb, e.subject, e.before, e.after, e.previous, e.digest
    FROM unnest(v_ats, p_verbs, p_subjects, p_befores, p_afters, v_previous, v_digests)
        WITH ORDINALITY AS e (at, verb, subject, before, after, previous, digest, place);
    UPDATE audit_chain SET seq = v_first + cardinality(p_verbs), digest = v_event.digest WHERE chain = p_chain;
    RETURN v_first + cardinality(p_verbs);
END
$$;

CREATE FUNCTION audit_refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_rewriting();
CREATE TRIGGER audit_event_never_emptied BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_rewriting();
CREATE TRIGGER audit_chain_never_emptied BEFORE DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_rewriting();
"""

DROP = """
DROP FUNCTION audit_append(bigint, text, text, text, jsonb, jsonb);
DROP FUNCTION audit_append_many(bigint, text, text[], text[], jsonb[], jsonb[]);
DROP FUNCTION audit_digest(audit_event);
DROP FUNCTION audit_refuse_rewriting() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
