-- One row an event, each with the sentence an inspector reads.
CREATE TABLE audit_trail (
    position bigint PRIMARY KEY,
    matter_id uuid NOT NULL,
    version bigint NOT NULL,
    topic text NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    officer text NOT NULL,
    role text NOT NULL,
    organ text NOT NULL,
    sentence text NOT NULL,
    articles text[] NOT NULL,
    policy text,
    calendars text[] NOT NULL,
    command_key text NOT NULL,
    late_entry boolean NOT NULL
);
CREATE UNIQUE INDEX audit_trail_matter ON audit_trail (matter_id, version);
