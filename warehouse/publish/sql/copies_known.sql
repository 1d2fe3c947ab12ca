-- In: looked_up (hash, content), signatures: what was looked up; {fresh} (run ids).
-- Out: unseen: contents that were never compared (two runs that were committed at once may have
--      signed the same); known_shingles: of the others.
CREATE TEMP TABLE unseen AS
SELECT content FROM signatures GROUP BY content HAVING bool_and(run_id IN ({fresh}));

CREATE TEMP TABLE known_shingles AS
SELECT content, hash FROM looked_up WHERE content NOT IN (FROM unseen);
