-- One row a duty. Whether it is overdue is a question of the day it is asked, so it is not stored;
-- `called_overdue` says what the clock has taken down.
CREATE TABLE due_list (
    matter_id uuid NOT NULL,
    obligation_id text NOT NULL,
    case_number text NOT NULL,
    rule text NOT NULL,
    label text NOT NULL,
    article text,
    subject_id text,
    subject_label text,
    responsible text NOT NULL,
    organ_id text NOT NULL,
    trigger text NOT NULL,
    start_on date NOT NULL,
    amount integer,
    unit text,
    roll boolean NOT NULL,
    due_on date,
    provisional boolean NOT NULL,
    confirmed boolean NOT NULL,
    qualifier text NOT NULL,
    calendars text[] NOT NULL,
    generation integer NOT NULL,
    item integer, -- of the request or objection it answers
    at_least integer NOT NULL,
    counted integer NOT NULL,
    extended integer NOT NULL,
    remainder jsonb, -- what was left when a suspension ended, counted from start_on
    state text NOT NULL,
    closed_on date,
    reminded integer NOT NULL,
    called_overdue boolean NOT NULL,
    escalated integer NOT NULL,
    unacknowledged integer[] NOT NULL, -- rungs nobody has answered for
    PRIMARY KEY (matter_id, obligation_id)
);
CREATE INDEX due_list_open ON due_list (due_on, matter_id) WHERE state = 'open';
