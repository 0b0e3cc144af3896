-- Who may do what. Roles belong to the whole cluster, so each is created only where it is missing.
-- The owner owns and never logs in; what it grants is all that the others can do.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['rongcuo_owner NOLOGIN', 'rongcuo_writer LOGIN', 'rongcuo_projector LOGIN', 'rongcuo_reader LOGIN'] LOOP
        BEGIN
            EXECUTE 'CREATE ROLE ' || wanted;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
DO $$
BEGIN
    EXECUTE format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO rongcuo_projector', current_database());
END
$$;
