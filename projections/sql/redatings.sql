-- One row a duty counted anew by another edition of the calendar.
CREATE TABLE redatings (
    position bigint PRIMARY KEY,
    matter_id uuid NOT NULL,
    case_number text NOT NULL,
    obligation_id text NOT NULL,
    label text NOT NULL,
    subject_label text,
    responsible text NOT NULL,
    organ_id text NOT NULL,
    was_due_on date NOT NULL,
    due_on date NOT NULL,
    kept boolean NOT NULL, -- it would have moved earlier
    settled boolean NOT NULL, -- it was 推定 and is no more
    calendars text[] NOT NULL,
    cause text, -- the edition released here; null where the program brought it
    redated_on date NOT NULL
);
CREATE INDEX redatings_cause ON redatings (cause, organ_id, responsible);
