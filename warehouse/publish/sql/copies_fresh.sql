-- In: lake_shingles, lake_signatures, {fresh} (run ids).
-- Out: fresh_shingles, fresh_signed: of the runs that the version lacks.
CREATE TEMP TABLE fresh_shingles AS
SELECT content, hash FROM lake_shingles WHERE run_id IN ({fresh});

CREATE TEMP TABLE fresh_signed AS
SELECT content FROM lake_signatures WHERE run_id IN ({fresh});
