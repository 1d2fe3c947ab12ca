-- Takes the runs that the version lacks into its tables, and finds the articles they touch.
-- In: lake_runs, committed, counted; lake_ledger and lake_rejects of the new runs alone.

CREATE OR REPLACE TEMP TABLE new_runs AS
SELECT l.*, l.run_id IN (SELECT run_id FROM counted) AS counted
FROM lake_runs l
WHERE l.run_id NOT IN (SELECT run_id FROM runs);

-- runs whose slice has a newer run now
CREATE OR REPLACE TEMP TABLE superseded AS
SELECT run_id FROM runs WHERE counted AND run_id NOT IN (SELECT run_id FROM counted);

INSERT INTO runs BY NAME FROM new_runs;
UPDATE runs SET counted = false WHERE run_id IN (SELECT run_id FROM superseded);
INSERT INTO ledger BY NAME FROM lake_ledger ORDER BY observed_at;
INSERT INTO rejects BY NAME FROM lake_rejects ORDER BY observed_at;

CREATE OR REPLACE TEMP TABLE looked_at AS
SELECT item_id FROM lake_ledger
UNION
SELECT item_id FROM ledger WHERE run_id IN (SELECT run_id FROM superseded);

CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT article_id FROM ledger
WHERE article_id IS NOT NULL AND item_id IN (SELECT item_id FROM looked_at);
