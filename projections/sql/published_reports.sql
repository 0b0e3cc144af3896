-- One row a statistical report, as it was last prepared; its cells stand in the log.
CREATE TABLE published_reports (
    matter_id uuid NOT NULL, -- the book of reports
    number text PRIMARY KEY,
    title text NOT NULL,
    definitions integer NOT NULL, -- edition of the measures
    region text,
    first_day date,
    last_day date,
    organ_kind text,
    boundaries date NOT NULL,
    by_region boolean NOT NULL,
    known_at bigint NOT NULL, -- the last position of the log known
    cells integer NOT NULL,
    digest text NOT NULL,
    state text NOT NULL,
    prepared_by text NOT NULL,
    prepared_on date NOT NULL,
    returned_because text,
    published_by text,
    published_on date,
    authority text,
    submitted_by text,
    submitted_on date,
    submitted_to text, -- the organ that looks at it
    unit_above text, -- of that organ
    reviewed_by text, -- who approved it or sent it back
    reviewed_on date,
    sent_back_because text
);
