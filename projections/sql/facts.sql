-- One row a countable thing of a sibling matter: who was cleared, visited, held to account.
CREATE TABLE facts (
    position bigint NOT NULL,
    ordinal integer NOT NULL, -- one event may count several
    matter_id uuid NOT NULL,
    version bigint NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    what text NOT NULL,
    subject_id text,
    subject_kind text,
    subject_label text,
    group_id text, -- an accusation, an accuser, a plan
    detail text[] NOT NULL,
    organ_id text NOT NULL,
    organ_kind text NOT NULL,
    organ_level text NOT NULL,
    region text NOT NULL,
    rank text,
    field text,
    nature text,
    policy text NOT NULL,
    occurred_on date NOT NULL,
    PRIMARY KEY (position, ordinal)
);
CREATE INDEX facts_by_what ON facts (what, occurred_on);
CREATE INDEX facts_by_matter ON facts (matter_id);
