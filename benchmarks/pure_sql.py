"""The views of countable things made by the database alone: one statement over the stored JSON.

As much as SQL can say of the simulated province: no case there is transferred, joined or moved to
another edition. Duties, clocks and sentences are folded and told in Python; there is no SQL for
them. Whether its rows are ours is compared each time, to the byte.
"""

from typing import Final

VIEWS: Final = ("statistics", "facts", "determination_ends", "closed_periods")
SCHEMA: Final = "by_sql"

STATEMENT: Final = """
WITH told AS MATERIALIZED (
    SELECT notification_id AS position, originator_id AS matter_id, originator_version AS version,
           topic, convert_from(state, 'UTF8')::jsonb AS facts
    FROM log.events
    WHERE notification_id <= $1 AND topic IN (
        'tolerance.applied.v1', 'tolerance.started-ex-officio.v1', 'tolerance.accepted.v1',
        'tolerance.acceptance-refused.v1', 'tolerance.determined.v1',
        'tolerance.determination-ended.v1', 'tolerance.determination-revoked.v1',
        'reporting.period-closed.v1')
), opened AS MATERIALIZED (
    SELECT matter_id, topic, facts ->> 'case_number' AS number, facts -> 'subjects' AS subjects,
           facts #>> '{matter,id}' AS accountability,
           facts #>> '{organ,id}' AS organ_id, facts #>> '{organ,kind}' AS organ_kind,
           facts #>> '{organ,level}' AS organ_level, facts #>> '{organ,region}' AS region,
           coalesce(facts #>> '{envelope,policy}', '') AS policy,
           CASE topic WHEN 'tolerance.applied.v1' THEN 'application' ELSE 'ex_officio' END AS track
    FROM told WHERE topic IN ('tolerance.applied.v1', 'tolerance.started-ex-officio.v1')
), subjects AS MATERIALIZED (
    SELECT matter_id, each ->> 'id' AS id, each ->> 'kind' AS kind, each ->> 'label' AS label,
           each ->> 'rank' AS rank, each ->> 'field' AS field, each ->> 'nature' AS nature
    FROM opened, jsonb_array_elements(subjects) AS each
), determined AS (
    INSERT INTO by_sql.statistics
    SELECT told.position, told.matter_id, told.version, opened.accountability::uuid, opened.number,
           subject.id, subject.kind, subject.label, facts ->> 'outcome', facts ->> 'sanction',
           facts ->> 'relief', ARRAY(SELECT jsonb_array_elements_text(facts -> 'measures')),
           ARRAY(SELECT jsonb_array_elements_text(facts -> 'situations')),
           coalesce(facts #>> '{organ,id}', organ_id),
           coalesce(facts #>> '{organ,kind}', organ_kind),
           coalesce(facts #>> '{organ,level}', organ_level),
           coalesce(facts #>> '{organ,region}', region),
           subject.rank, subject.field, subject.nature, opened.policy, track,
           (facts ->> 'on')::date, (facts ->> 'effective_on')::date
    FROM told JOIN opened USING (matter_id)
    JOIN subjects AS subject ON subject.matter_id = told.matter_id
        AND subject.id = facts ->> 'subject'
    WHERE told.topic = 'tolerance.determined.v1'
), ended AS (
    INSERT INTO by_sql.determination_ends
    SELECT position, matter_id, (facts ->> 'determination')::bigint
    FROM told WHERE topic = 'tolerance.determination-ended.v1'
), closed AS (
    INSERT INTO by_sql.closed_periods
    SELECT position, facts #>> '{period,name}', facts #>> '{period,kind}',
           (facts #>> '{period,first_day}')::date,
           (facts #>> '{period,last_day}')::date, (facts ->> 'position')::bigint,
           (facts ->> 'to_be_closed_on')::date, (facts ->> 'on')::date
    FROM told WHERE topic = 'reporting.period-closed.v1'
)
INSERT INTO by_sql.facts
SELECT told.position, coalesce(ordinal, 1), told.matter_id, told.version, 'tolerance',
       opened.number,
       CASE told.topic
           WHEN 'tolerance.accepted.v1' THEN 'accepted'
           WHEN 'tolerance.acceptance-refused.v1' THEN 'declined'
           WHEN 'tolerance.determined.v1' THEN 'measure_given'
           WHEN 'tolerance.determination-ended.v1' THEN 'measure_withdrawn'
           WHEN 'tolerance.determination-revoked.v1' THEN 'revoked'
           ELSE 'opened'
       END,
       subject.id, subject.kind, subject.label,
       CASE told.topic
           WHEN 'tolerance.determined.v1' THEN told.version::text
           WHEN 'tolerance.determination-ended.v1' THEN facts ->> 'determination'
       END,
       CASE told.topic
           WHEN 'tolerance.accepted.v1' THEN '{}'::text[]
           WHEN 'tolerance.acceptance-refused.v1' THEN ARRAY[facts ->> 'because']
           WHEN 'tolerance.determined.v1' THEN ARRAY[measure]
           WHEN 'tolerance.determination-ended.v1' THEN '{}'::text[]
           WHEN 'tolerance.determination-revoked.v1' THEN ARRAY[facts ->> 'cause']
           ELSE ARRAY[track]
       END,
       organ_id, organ_kind, organ_level, region, subject.rank, subject.field, subject.nature,
       opened.policy, (facts ->> 'on')::date
FROM told JOIN opened USING (matter_id)
LEFT JOIN subjects AS subject ON subject.matter_id = told.matter_id
    AND subject.id = facts ->> 'subject'
LEFT JOIN LATERAL jsonb_array_elements_text(facts -> 'measures') WITH ORDINALITY
    AS given (measure, ordinal) ON told.topic = 'tolerance.determined.v1'
WHERE told.topic <> 'tolerance.determined.v1' OR measure IS NOT NULL
"""
