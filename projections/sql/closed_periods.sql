-- One row a reporting period that was closed: what of the log was known on its day.
CREATE TABLE closed_periods (
    position bigint PRIMARY KEY,
    period text NOT NULL UNIQUE, -- 2026-10, 2026-Q4, 2026-H2, 2026
    kind text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    known_at bigint NOT NULL, -- the last position of the log known then
    to_be_closed_on date NOT NULL,
    closed_on date NOT NULL
);
