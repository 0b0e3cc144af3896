-- One row each time a duty comes to stand elsewhere: opened, moved, suspended, settled. The row
-- with the highest position up to N says how the duty stood as known at N; a settled one is its
-- last. Whether an open duty is overdue is a question of the day it is asked, so it is not stored.
CREATE TABLE duty_standings (
    position bigint PRIMARY KEY,
    matter_id uuid NOT NULL,
    obligation_id text NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    policy text NOT NULL, -- the edition it was opened under
    rule text NOT NULL,
    label text NOT NULL,
    article text,
    subject_id text,
    subject_kind text,
    subject_label text,
    rank text,
    field text,
    nature text,
    organ_id text NOT NULL, -- who handled the matter then
    organ_kind text NOT NULL,
    organ_level text NOT NULL,
    region text NOT NULL,
    qualifier text NOT NULL,
    provisional boolean NOT NULL,
    confirmed boolean NOT NULL,
    start_on date NOT NULL, -- the first; later ones are in ran_after
    due_on date,
    state text NOT NULL,
    moved_on date NOT NULL,
    timeliness text, -- of one that was met: on_time, late, unjudged
    ran_after date[] NOT NULL, -- the stretches it ran that are over, without the days suspended:
    ran_until date[] NOT NULL -- from the day after the one up to and with the other
);
CREATE INDEX duty_standings_duty ON duty_standings (matter_id, obligation_id, position DESC);
CREATE INDEX duty_standings_met ON duty_standings (moved_on) WHERE timeliness IS NOT NULL;
