-- How far the views are, and which matters wait for a mend.
CREATE TABLE IF NOT EXISTS position (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL
);
INSERT INTO position (position) VALUES (0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS parked (
    matter_id uuid PRIMARY KEY,
    position bigint NOT NULL, -- the first event that could not be applied
    error text NOT NULL
);
