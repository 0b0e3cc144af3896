-- One row a subject's determination: what the figures count, and the list behind them.
CREATE TABLE statistics (
    position bigint PRIMARY KEY,
    matter_id uuid NOT NULL,
    version bigint NOT NULL, -- of the determination in its matter
    accountability_id uuid NOT NULL,
    case_number text NOT NULL,
    subject_id text NOT NULL,
    subject_kind text NOT NULL,
    subject_label text NOT NULL,
    outcome text NOT NULL,
    sanction text,
    relief text,
    measures text[] NOT NULL,
    situations text[] NOT NULL,
    organ_id text NOT NULL,
    organ_kind text NOT NULL,
    organ_level text NOT NULL,
    region text NOT NULL, -- of the deciding organ
    rank text,
    field text,
    nature text,
    policy text NOT NULL,
    track text NOT NULL,
    decided_on date NOT NULL,
    effective_on date NOT NULL
);
CREATE INDEX statistics_window ON statistics (region text_pattern_ops, decided_on);
