-- Readers see what the timekeeper has told Temporal: which plans it has yet to send is no secret.
SET LOCAL ROLE rongcuo_projector;

GRANT USAGE ON SCHEMA clocks TO rongcuo_reader;
GRANT SELECT ON clocks.sent TO rongcuo_reader;

RESET ROLE;
