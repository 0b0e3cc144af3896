-- One row a notice to be delivered. Whether it has been is no matter of history: notices.delivery.
CREATE TABLE notices (
    notice_id text PRIMARY KEY, -- matter/version of its event, and more where one event has several
    position bigint NOT NULL,
    kind text NOT NULL, -- reminder, overdue, escalation, calendar_digest
    matter_id uuid NOT NULL,
    case_number text,
    obligation_id text,
    label text,
    article text,
    due_on date,
    to_role text NOT NULL,
    to_organ text NOT NULL,
    text text NOT NULL, -- leaves the house: names nobody
    raised_at timestamptz NOT NULL
);
CREATE INDEX notices_in_order ON notices (position, notice_id);
