-- The event log: append-only, numbered without holes in the order of commit.
CREATE SCHEMA log AUTHORIZATION rongcuo_owner;
SET LOCAL ROLE rongcuo_owner;

-- Column names are those the eventsourcing library reads; notification_id is the position.
CREATE TABLE log.events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL CHECK (originator_version > 0),
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT events_pkey PRIMARY KEY (originator_id, originator_version),
    CONSTRAINT events_position UNIQUE (notification_id)
);

-- One row an act: the same key and the same request are answered from here, never done again.
CREATE TABLE log.commands (
    key text CONSTRAINT commands_pkey PRIMARY KEY,
    request_hash bytea NOT NULL,
    originator_id uuid NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE log.counter (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    last bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO log.counter (last) VALUES (0);

-- The counter's row stays locked until commit, so the order of numbers is the order of commits and
-- a failed append gives its number back. The number is never the writer's to choose.
CREATE FUNCTION log.number_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE log.counter SET last = last + 1 RETURNING last INTO NEW.notification_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER number_event BEFORE INSERT ON log.events
    FOR EACH ROW EXECUTE FUNCTION log.number_event();

-- A seat-belt even for the owner; roles below have no such rights to begin with.
CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'log.% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'RC001';
END
$$;
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON log.events
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON log.commands
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON log.commands
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE log.events ENABLE ALWAYS TRIGGER number_event;
ALTER TABLE log.events ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE log.events ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE log.commands ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE log.commands ENABLE ALWAYS TRIGGER no_truncate;

-- One act in one statement: its events, its key, the word to those who wait. Runs with the rights
-- of the caller.
CREATE FUNCTION log.append(
    originator_ids uuid[], versions bigint[], topics text[], states bytea[],
    command_key text, command_hash bytea
) RETURNS SETOF bigint LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    positions bigint[];
BEGIN
    WITH stored AS (
        INSERT INTO log.events (originator_id, originator_version, topic, state)
        SELECT e.id, e.version, e.topic, e.state
        FROM unnest(originator_ids, versions, topics, states) WITH ORDINALITY
            AS e (id, version, topic, state, ordinal)
        ORDER BY e.ordinal
        RETURNING notification_id
    )
    SELECT array_agg(notification_id ORDER BY notification_id) INTO positions FROM stored;
    IF command_key IS NOT NULL THEN
        INSERT INTO log.commands (key, request_hash, originator_id, version, position)
        VALUES (
            command_key, command_hash, originator_ids[1], versions[cardinality(versions)],
            positions[cardinality(positions)]
        );
    END IF;
    NOTIFY rongcuo_log;
    RETURN QUERY SELECT unnest(positions);
END
$$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;

GRANT USAGE ON SCHEMA log TO rongcuo_writer, rongcuo_projector, rongcuo_reader;
GRANT SELECT, INSERT (originator_id, originator_version, topic, state) ON log.events
    TO rongcuo_writer;
GRANT SELECT, INSERT (key, request_hash, originator_id, version, position) ON log.commands
    TO rongcuo_writer;
GRANT EXECUTE ON FUNCTION log.append TO rongcuo_writer;
GRANT SELECT ON log.events TO rongcuo_projector, rongcuo_reader;

RESET ROLE;
