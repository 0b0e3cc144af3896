-- What proves the log: every event's leaf, the full tiles of the tree over them, signed checkpoints.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['rongcuo_sealer LOGIN', 'rongcuo_auditor LOGIN'] LOOP
        BEGIN
            EXECUTE 'CREATE ROLE ' || wanted;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL; -- roles belong to the whole cluster
        END;
    END LOOP;
END
$$;
SET LOCAL ROLE rongcuo_owner;

-- The bytes a leaf is made of; the programs make the same (domain/evidence/frames.py).
CREATE FUNCTION log.frame(
    notification_id bigint, originator_id uuid, originator_version bigint,
    recorded_at timestamptz, topic text, state bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog
RETURN int8send(notification_id) || uuid_send(originator_id) || int8send(originator_version)
    || int8send((extract(epoch FROM recorded_at) * 1000000)::bigint)
    || int4send(octet_length(topic)) || convert_to(topic, 'UTF8')
    || int4send(octet_length(state)) || state;

ALTER TABLE log.events ADD COLUMN leaf bytea;
ALTER TABLE log.events DISABLE TRIGGER no_change; -- for the events there are already
UPDATE log.events SET leaf = sha256('\x00'::bytea || log.frame(
    notification_id, originator_id, originator_version, recorded_at, topic, state));
ALTER TABLE log.events ENABLE ALWAYS TRIGGER no_change;
ALTER TABLE log.events ALTER COLUMN leaf SET NOT NULL;

-- As before; and the leaf, in the event's own transaction: what is altered before it is sealed does
-- not fit it any more.
CREATE OR REPLACE FUNCTION log.number_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE log.counter SET last = last + 1 RETURNING last INTO NEW.notification_id;
    NEW.leaf := sha256('\x00'::bytea || log.frame(
        NEW.notification_id, NEW.originator_id, NEW.originator_version,
        NEW.recorded_at, NEW.topic, NEW.state));
    RETURN NEW;
END
$$;
RESET ROLE;

CREATE SCHEMA audit AUTHORIZATION rongcuo_owner;
SET LOCAL ROLE rongcuo_owner;

-- A full tile: 256 hashes of the tree at level 8 × level, and the hash over them all.
CREATE TABLE audit.tile (
    level smallint NOT NULL CHECK (level >= 0),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 256 * 32),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, index)
);
ALTER TABLE audit.tile ALTER COLUMN hashes SET STORAGE EXTERNAL; -- hashes do not compress

CREATE TABLE audit.checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL, -- signed by the log
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE audit.cosignature (
    size bigint NOT NULL REFERENCES audit.checkpoint (size),
    witness text NOT NULL,
    line text NOT NULL, -- as it stands under the note
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, witness)
);

DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['tile', 'checkpoint', 'cosignature'] LOOP
        EXECUTE format('CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON audit.%I
            FOR EACH ROW EXECUTE FUNCTION log.refuse_change()', kept);
        EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit.%I
            FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change()', kept);
        EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER no_change', kept);
        EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER no_truncate', kept);
    END LOOP;
END
$$;
CREATE OR REPLACE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'RC001';
END
$$;

GRANT USAGE ON SCHEMA log, audit TO rongcuo_sealer, rongcuo_auditor;
GRANT USAGE ON SCHEMA audit TO rongcuo_reader;
GRANT SELECT ON log.events TO rongcuo_sealer, rongcuo_auditor;
GRANT EXECUTE ON FUNCTION log.frame TO rongcuo_auditor;
GRANT SELECT ON audit.tile, audit.checkpoint, audit.cosignature
    TO rongcuo_sealer, rongcuo_auditor, rongcuo_reader;
GRANT INSERT (level, index, hashes, root) ON audit.tile TO rongcuo_sealer;
GRANT INSERT (size, root, note) ON audit.checkpoint TO rongcuo_sealer;
GRANT INSERT (size, witness, line) ON audit.cosignature TO rongcuo_sealer;

RESET ROLE;
