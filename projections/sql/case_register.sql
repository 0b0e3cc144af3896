-- One row a case: where it stands now.
CREATE TABLE case_register (
    matter_id uuid PRIMARY KEY,
    case_number text NOT NULL,
    policy text NOT NULL,
    track text NOT NULL,
    stage text NOT NULL,
    organ_id text NOT NULL,
    organ_name text NOT NULL,
    organ_kind text NOT NULL,
    region text NOT NULL,
    accountability_id uuid NOT NULL,
    opened_on date NOT NULL,
    last_on date NOT NULL,
    version bigint NOT NULL,
    subjects jsonb NOT NULL -- [{id, kind, label, outcome, decided_on, deferred_on}]
);
CREATE UNIQUE INDEX case_register_number ON case_register (case_number);
CREATE INDEX case_register_recent ON case_register (last_on DESC, matter_id);
