-- One row an edition of the calendar that was handled here: where its publishing stands.
CREATE TABLE calendar_editions (
    matter_id uuid NOT NULL,
    edition text PRIMARY KEY, -- 2027.1
    year integer NOT NULL,
    notice text,
    issued_on date NOT NULL,
    state text NOT NULL, -- prepared, returned, released, applied
    prepared_by text NOT NULL,
    prepared_on date NOT NULL,
    returned_because text,
    released_by text,
    released_on date,
    released_version bigint, -- of the releasing event in its stream
    first_day date NOT NULL, -- the days it decides
    last_day date NOT NULL,
    looked_at integer,
    redated integer
);
