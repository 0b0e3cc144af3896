-- One row a matter of whatever kind: where it stands now.
CREATE TABLE matter_register (
    matter_id   uuid PRIMARY KEY,
    kind        text NOT NULL,
    number      text NOT NULL,
    policy      text NOT NULL,
    stage       text NOT NULL,
    stage_label text NOT NULL,
    open        boolean NOT NULL,
    organ_id    text NOT NULL,
    organ_name  text NOT NULL,
    organ_kind  text NOT NULL,
    region      text NOT NULL,
    last_on     date,               -- null where only the system has acted on it
    version     bigint NOT NULL,
    subjects    jsonb NOT NULL,     -- [{id, kind, label}]
    links       jsonb NOT NULL,     -- [{kind, number, relation, id}]
    UNIQUE (kind, number)
);
CREATE INDEX matter_register_by_number ON matter_register (number);
CREATE INDEX matter_register_by_day ON matter_register (last_on DESC, matter_id);
CREATE INDEX matter_register_by_subject ON matter_register USING gin (subjects jsonb_path_ops);
