-- One row a matter: every instant that must be waited for, as of `version` of the matter.
CREATE TABLE clock_plan (
    matter_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    moments jsonb NOT NULL, -- [{key, at}], earliest first
    next_at timestamptz
);
CREATE INDEX clock_plan_next ON clock_plan (next_at) WHERE next_at IS NOT NULL;
