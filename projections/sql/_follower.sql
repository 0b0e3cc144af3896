-- How far the views are, what they were made by, and which matters wait for a mend.
CREATE TABLE IF NOT EXISTS position (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL
);
INSERT INTO position (position) VALUES (0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS made (
    view text PRIMARY KEY,
    fingerprint text NOT NULL -- of the definition it was made by
);

CREATE TABLE IF NOT EXISTS parked (
    matter_id uuid PRIMARY KEY,
    position bigint NOT NULL, -- the first event that could not be applied
    error text NOT NULL
);
