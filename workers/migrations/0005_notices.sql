-- Whom a notice has reached, by which channel. Working notes, not truth: a row lost delivers its
-- notice once more, under the same id.
DO $$
BEGIN
    CREATE ROLE rongcuo_notifier LOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL; -- roles belong to the whole cluster
END
$$;
CREATE SCHEMA notices AUTHORIZATION rongcuo_notifier;
SET LOCAL ROLE rongcuo_notifier;

CREATE TABLE notices.channel (
    name text PRIMARY KEY,
    since_position bigint NOT NULL, -- what was raised up to here is not owed to it
    collected_position bigint NOT NULL, -- what was raised up to here has its rows below
    configured boolean NOT NULL DEFAULT true
);

CREATE TABLE notices.delivery (
    notice_id text NOT NULL,
    channel text NOT NULL,
    position bigint NOT NULL, -- of the notice
    attempts integer NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL DEFAULT '-infinity',
    delivered_at timestamptz,
    last_error text, -- a status or the kind of an error, never what was answered
    PRIMARY KEY (notice_id, channel)
);
CREATE INDEX delivery_owed ON notices.delivery (channel, position) WHERE delivered_at IS NULL;
CREATE INDEX delivery_due ON notices.delivery (channel, next_try) WHERE delivered_at IS NULL;

GRANT USAGE ON SCHEMA notices TO rongcuo_reader;
GRANT SELECT ON notices.channel, notices.delivery TO rongcuo_reader;

RESET ROLE;
