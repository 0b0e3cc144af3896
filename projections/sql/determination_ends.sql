-- One row a determination that has lost its effect: from this position on it counts no more.
CREATE TABLE determination_ends (
    position bigint PRIMARY KEY,
    matter_id uuid NOT NULL,
    version bigint NOT NULL -- of the determination that ended
);
CREATE UNIQUE INDEX determination_ends_of ON determination_ends (matter_id, version);
