-- What can be counted, from the stored JSON alone: one row a thing that a measure counts.
-- `key` and `person` make two of a kind one; `undone` is the position from which it counts no more.

CREATE TEMP TABLE told AS
SELECT notification_id AS position, originator_id AS matter, originator_version AS version, topic,
    (convert_from(state, 'UTF8')::jsonb ->> 'on')::date AS happened,
    convert_from(state, 'UTF8')::jsonb AS said
FROM log.events
WHERE topic !~ '^obligation\.' AND NOT topic = ANY (string_to_array('{blind_to}', ','));
CREATE UNIQUE INDEX ON told (matter, version);
CREATE INDEX ON told (topic);
ANALYZE told;

-- Every event of a matter with its opening, and with the organ that handles it then.
CREATE TEMP TABLE event AS
SELECT told.*, opening.said AS opened, coalesce(moved.said -> 'to', opening.said -> 'organ') AS organ,
    opening.said #>> '{{subjects,0,id}}' AS first_subject
FROM told
JOIN told AS opening ON opening.matter = told.matter AND opening.version = 1
LEFT JOIN LATERAL (
    SELECT said FROM told AS earlier
    WHERE earlier.matter = told.matter AND earlier.version < told.version
        AND earlier.topic IN ('tolerance.transferred.v1', 'follow_up.transferred.v1')
    ORDER BY earlier.version DESC LIMIT 1
) AS moved ON true
WHERE told.topic <> 'identities.merged.v1';
CREATE INDEX ON event (topic);
ANALYZE event;

-- A case goes on by itself on the organ's track from the last event that left it only this one.
CREATE TEMP TABLE track AS
SELECT event.matter, event.version,
    CASE
        WHEN EXISTS (
            SELECT FROM told AS joined
            WHERE joined.matter = event.matter AND joined.version < event.version
                AND joined.version > coalesce(alone.version, 0)
                AND joined.topic IN ('tolerance.application-attached.v1', 'tolerance.ex-officio-joined.v1')
        ) THEN 'both'
        WHEN alone.version IS NOT NULL OR opening.topic = 'tolerance.started-ex-officio.v1' THEN 'ex_officio'
        ELSE 'application'
    END AS track
FROM event
JOIN told AS opening ON opening.matter = event.matter AND opening.version = 1
LEFT JOIN LATERAL (
    SELECT max(given_up.version) AS version
    FROM told AS given_up
    WHERE given_up.matter = event.matter AND given_up.version < event.version AND (
        given_up.topic = 'tolerance.continued-ex-officio.v1'
        OR given_up.topic IN ('tolerance.application-withdrawn.v1', 'tolerance.acceptance-refused.v1')
        AND EXISTS (
            SELECT FROM told AS of_the_organ
            WHERE of_the_organ.matter = event.matter AND of_the_organ.version < given_up.version
                AND of_the_organ.topic IN (
                    'tolerance.started-ex-officio.v1', 'tolerance.ex-officio-joined.v1',
                    'tolerance.continued-ex-officio.v1'
                )
        )
    )
) AS alone ON true
WHERE event.topic = 'tolerance.determined.v1';

CREATE TEMP TABLE determined AS
SELECT event.position, event.matter, event.version, event.happened, event.said, event.opened, track.track,
    coalesce(nullif(event.said -> 'organ', 'null'), event.organ) AS organ,
    event.said ->> 'subject' AS subject, event.said ->> 'outcome' AS outcome, subject.kind,
    ended.position AS undone
FROM event
JOIN track USING (matter, version)
CROSS JOIN LATERAL (
    SELECT each ->> 'kind' AS kind FROM jsonb_array_elements(event.opened -> 'subjects') AS each
    WHERE each ->> 'id' = event.said ->> 'subject'
) AS subject
LEFT JOIN told AS ended ON ended.matter = event.matter
    AND ended.topic = 'tolerance.determination-ended.v1'
    AND (ended.said ->> 'determination')::bigint = event.version
WHERE event.topic = 'tolerance.determined.v1';

CREATE TEMP TABLE counted (
    measure text, person text, key text, whose text, detail text, position bigint, undone bigint,
    organ jsonb, opened jsonb, decided date, effective date,
    outcome text, track text, situations jsonb, measures jsonb
);

INSERT INTO counted
SELECT measure, CASE WHEN of_persons THEN subject END, key, subject, NULL, position, undone,
    organ, opened, happened, (said ->> 'effective_on')::date,
    outcome, track, said -> 'situations', said -> 'measures'
FROM determined
CROSS JOIN LATERAL (VALUES
    ('M1', kind = 'cadre' AND outcome <> 'no_tolerance', true, ''),
    ('M2', kind = 'cadre' AND outcome = 'exemption', true, ''),
    ('M3', kind = 'cadre' AND outcome = 'mitigation', true, ''),
    ('M4', kind = 'cadre' AND outcome <> 'no_tolerance', false, position::text),
    ('M5', kind = 'organization' AND outcome <> 'no_tolerance', true, ''),
    ('M6', outcome <> 'no_tolerance', false, opened #>> '{{matter,id}}'),
    ('N1', outcome = 'no_tolerance', true, ''),
    ('M21', kind = 'cadre' AND outcome <> 'no_tolerance', true, opened #>> '{{matter,id}}')
) AS measure (measure, counts, of_persons, key)
WHERE counts;

INSERT INTO counted (measure, key, whose, detail, position, undone, organ, opened, decided)
SELECT CASE given WHEN 'discipline_proposal' THEN 'M18p' ELSE 'M16' END, position || given, subject,
    given, position, undone, organ, opened, happened
FROM determined CROSS JOIN jsonb_array_elements_text(said -> 'measures') AS given
WHERE given NOT IN ('serious_warning');

-- What counts once a matter, once an event, or once a person, whichever its measure says.
INSERT INTO counted (measure, person, key, whose, detail, position, undone, organ, opened, decided)
SELECT measure, person, key, coalesce(person, whose), detail, position, undone, organ, opened, happened
FROM event
CROSS JOIN LATERAL (
    SELECT said ->> 'subject' AS subject, matter::text AS once, position::text AS each_time,
        opened ->> 'accusation' AS accusation, said ->> 'accuser' AS accuser,
        opened #>> '{{subjects,0,kind}}' = 'cadre' AS of_cadre
) AS fact
LEFT JOIN LATERAL ( -- by which a line of a ledger, or an unanswered wrong, is put right
    SELECT min(later.position) AS at FROM told AS later
    WHERE later.matter = event.matter AND (
        event.topic = 'impact.sanction-entered.v1' AND later.topic = 'impact.sanction-withdrawn.v1'
            AND later.said ->> 'item' = event.said ->> 'item'
        OR event.topic = 'clarification.harm-assessed.v1' AND later.topic = 'clarification.performed.v1'
            AND (later.said ->> 'complete')::boolean
    )
) AS righted ON event.topic IN ('impact.sanction-entered.v1', 'clarification.harm-assessed.v1')
LEFT JOIN LATERAL ( -- a clearing is told by the first way that was taken
    SELECT first.said ->> 'way' AS way FROM told AS first
    WHERE first.matter = event.matter AND first.topic = 'clarification.performed.v1'
    ORDER BY first.version LIMIT 1
) AS cleared ON event.topic = 'clarification.performed.v1'
CROSS JOIN LATERAL (VALUES
    ('M7', 'tolerance.accepted.v1', true, NULL, once, NULL, NULL, NULL::bigint),
    ('M7n', 'tolerance.acceptance-refused.v1', true, NULL, once, NULL, said ->> 'because', NULL),
    ('M7d', 'tolerance.determination-deferred.v1', true, NULL, once, subject, NULL, NULL),
    ('M7c', 'tolerance.conclusive-opinion-issued.v1', true, NULL, once, subject, NULL, NULL),
    ('M8', 'tolerance.applied.v1', true, NULL, once, NULL, 'application', NULL),
    ('M8o', 'tolerance.started-ex-officio.v1', true, NULL, once, NULL, 'ex_officio', NULL),
    ('M8b', 'tolerance.application-attached.v1', true, NULL, once, NULL, 'application', NULL),
    ('M8b', 'tolerance.ex-officio-joined.v1', true, NULL, once, NULL, 'ex_officio', NULL),
    ('M20r', 'tolerance.determination-revoked.v1', true, NULL, each_time, subject, said ->> 'cause', NULL),
    ('M9', 'clarification.performed.v1', of_cadre AND (said ->> 'complete')::boolean, first_subject, '', NULL, cleared.way, NULL),
    ('M10', 'clarification.performed.v1', of_cadre AND (said ->> 'complete')::boolean, first_subject, accusation, NULL, cleared.way, NULL),
    ('M11', 'clarification.performed.v1', NOT of_cadre AND (said ->> 'complete')::boolean, first_subject, '', NULL, cleared.way, NULL),
    ('M12', 'clarification.harm-assessed.v1', said -> 'situations' <> '[]' AND NOT (said ->> 'inquiry_effect_only')::boolean, NULL, once, first_subject, NULL, NULL),
    ('M12n', 'clarification.harm-assessed.v1', said -> 'situations' <> '[]' AND NOT (said ->> 'inquiry_effect_only')::boolean, NULL, once, first_subject, NULL, righted.at),
    ('M13', 'false_accusation.determined.v1', true, NULL, accusation, NULL, accuser, NULL),
    ('M13p', 'false_accusation.determined.v1', true, NULL, accusation || '/' || accuser, NULL, accuser, NULL),
    ('M13h', 'false_accusation.handed-over.v1', true, NULL, accusation || '/' || accuser, NULL, accuser, NULL),
    ('M14', 'follow_up.visit-held.v1', true, subject, '', NULL, said ->> 'way', NULL),
    ('M14t', 'follow_up.visit-held.v1', true, NULL, each_time, subject, said ->> 'way', NULL),
    ('M15', 'impact.appointment-recorded.v1', said ->> 'over_since' IS NOT NULL, first_subject, '', NULL, NULL, NULL),
    ('M16h', 'accountability.subject-held.v1', true, NULL, each_time, subject, said #>> '{{forms,0}}', NULL),
    ('M17', 'impact.sanction-entered.v1', true, first_subject, '', NULL, said ->> 'track', righted.at),
    ('M17p', 'impact.sanction-entered.v1', said ->> 'track' = 'party', first_subject, '', NULL, said ->> 'track', righted.at),
    ('M17g', 'impact.sanction-entered.v1', said ->> 'track' = 'government', first_subject, '', NULL, said ->> 'track', righted.at),
    ('M18', 'rectification.notice-sent.v1', true, NULL, once, NULL, NULL, NULL),
    ('M18d', 'rectification.checked.v1', said ->> 'result' = 'pass', NULL, once, NULL, 'pass', NULL),
    ('M20', 'review.decided.v1', true, NULL, once, first_subject, said ->> 'result', NULL),
    ('M20c', 'review.decided.v1', said ->> 'result' IN ('vary', 'revoke', 'remand'), NULL, once, first_subject, said ->> 'result', NULL),
    ('M22', 'risk_filing.submitted.v1', true, NULL, once, NULL, NULL, NULL),
    ('M22a', 'risk_filing.agreed.v1', true, NULL, once, NULL, NULL, NULL),
    ('M22u', 'risk_filing.used.v1', true, NULL, once, NULL, NULL, NULL)
) AS measure (measure, of, counts, person, key, whose, detail, undone)
WHERE event.topic = measure.of AND counts;

-- The same with its breakdowns spelt out.
CREATE TEMP TABLE countable AS
SELECT counted.*, organ ->> 'id' AS organ_id, organ ->> 'kind' AS organ_kind,
    organ ->> 'level' AS organ_level, organ ->> 'region' AS code,
    coalesce(opened #>> '{{envelope,policy}}', '') AS policy,
    coalesce(snapshot ->> 'rank', '未填') AS rank, coalesce(snapshot ->> 'field', '未填') AS field
FROM counted
LEFT JOIN LATERAL (
    SELECT each AS snapshot FROM jsonb_array_elements(opened -> 'subjects') AS each
    WHERE each ->> 'id' = whose
) AS subject ON true;
ANALYZE countable;
