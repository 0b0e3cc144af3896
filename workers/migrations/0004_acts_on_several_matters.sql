-- An act may move more than one matter: the matter it was asked of stands first in what is
-- appended, and the command's receipt names its last event.
SET LOCAL ROLE rongcuo_owner;

CREATE OR REPLACE FUNCTION log.append(
    originator_ids uuid[], versions bigint[], topics text[], states bytea[],
    command_key text, command_hash bytea
) RETURNS SETOF bigint LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    positions bigint[];
    asked CONSTANT integer := (
        SELECT max(e.ordinal) FROM unnest(originator_ids) WITH ORDINALITY AS e (id, ordinal)
        WHERE e.id = originator_ids[1]
    );
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
            command_key, command_hash, originator_ids[asked], versions[asked], positions[asked]
        );
    END IF;
    NOTIFY rongcuo_log;
    RETURN QUERY SELECT unnest(positions);
END
$$;

RESET ROLE;
