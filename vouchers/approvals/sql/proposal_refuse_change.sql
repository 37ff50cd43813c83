-- What was proposed stays as it was proposed, also for the owner of the tables: whoever approves decides on exactly
-- that. Decision 0308.
CREATE OR REPLACE FUNCTION proposal_refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'proposed' THEN
      RAISE EXCEPTION 'a proposal begins undecided' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF ROW(OLD.id, OLD.kind, OLD.issuer_id, OLD.programme_id, OLD.reason, OLD.cents, OLD.details, OLD.key,
         OLD.proposed_by, OLD.proposed_at)
     IS DISTINCT FROM
     ROW(NEW.id, NEW.kind, NEW.issuer_id, NEW.programme_id, NEW.reason, NEW.cents, NEW.details, NEW.key,
         NEW.proposed_by, NEW.proposed_at)
  THEN
    RAISE EXCEPTION 'what was proposed does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.state <> 'proposed'
     AND ROW(OLD.decided_by, OLD.decided_at, OLD.decision)
         IS DISTINCT FROM ROW(NEW.decided_by, NEW.decided_at, NEW.decision)
  THEN
    RAISE EXCEPTION 'what was decided does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.state <> NEW.state
     AND (OLD.state, NEW.state) NOT IN (
       ('proposed', 'approved'),
       ('proposed', 'done'),
       ('proposed', 'declined'),
       ('approved', 'done')
     )
  THEN
    RAISE EXCEPTION 'a proposal does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
