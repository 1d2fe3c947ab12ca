-- Of the runs in `lake_runs`: those whose rows count.
CREATE OR REPLACE TEMP TABLE committed AS
SELECT run_id, slice_key, started_at FROM lake_runs WHERE state = 'committed';

CREATE OR REPLACE TEMP TABLE counted AS
SELECT run_id FROM committed
QUALIFY slice_key IS NULL
     OR row_number() OVER (PARTITION BY slice_key ORDER BY started_at DESC, run_id DESC) = 1;

-- Runs that read kept bytes again: their rows are readings, and no sightings.
CREATE OR REPLACE TEMP TABLE recleans AS
SELECT run_id FROM lake_runs WHERE state = 'committed' AND flow = 'reclean';
