-- One row a number given up at a merger, with the one that stands for the person from then on.
CREATE TABLE identities (
    position bigint NOT NULL,
    subject_id text NOT NULL, -- the number given up
    kept text NOT NULL,
    PRIMARY KEY (subject_id, position)
);
