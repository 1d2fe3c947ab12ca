-- Of the runs in `lake_runs`: those whose rows count.
CREATE OR REPLACE TEMP TABLE committed AS
SELECT run_id, slice_key, started_at, failed FROM lake_runs WHERE state = 'committed';

-- A slice's run replaces those before it when it read all that it wanted. One of which items
-- failed is added to them, for it cannot tell what became of those.
CREATE OR REPLACE TEMP TABLE counted AS
WITH numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY slice_key ORDER BY started_at DESC, run_id DESC) AS back
    FROM committed
)
SELECT run_id FROM numbered
QUALIFY slice_key IS NULL
     OR back <= coalesce(min(back) FILTER (failed = 0) OVER (PARTITION BY slice_key), back);

-- Runs that read kept bytes again: their rows are readings, and no sightings.
CREATE OR REPLACE TEMP TABLE recleans AS
SELECT run_id FROM lake_runs WHERE state = 'committed' AND flow = 'reclean';
