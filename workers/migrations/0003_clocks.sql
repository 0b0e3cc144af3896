-- What the timekeeper has told Temporal. Working notes, not truth: losing them only sends plans again.
CREATE SCHEMA clocks AUTHORIZATION rongcuo_projector;
SET LOCAL ROLE rongcuo_projector;

CREATE TABLE clocks.sent (
    matter_id uuid PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0, -- newest plan version acknowledged by Temporal
    jump bigint NOT NULL DEFAULT 0,    -- under which setting of the clock it was sent
    attempts integer NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL DEFAULT '-infinity',
    last_error text
);

RESET ROLE;
