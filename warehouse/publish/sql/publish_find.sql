-- Finds the text and the record of each changed revision: in the version, or in the rows that
-- `lake_observations` shows (those of the new runs; of all runs in a second pass).

CREATE OR REPLACE TEMP TABLE stored AS
SELECT DISTINCT stored_as FROM fresh WHERE article_id IN (SELECT article_id FROM changed);

CREATE OR REPLACE TEMP TABLE texts AS
SELECT stored_as, content_hash, cleaner_version, min(run_id) AS run_id
FROM (
    SELECT article_id AS stored_as, content_hash, cleaner_version, run_id FROM lake_observations
    WHERE text IS NOT NULL
    UNION ALL
    SELECT stored_as, content_hash, cleaner_version, run_id FROM standing
)
WHERE stored_as IN (SELECT stored_as FROM stored)
GROUP BY stored_as, content_hash, cleaner_version;

CREATE OR REPLACE TEMP TABLE records AS
SELECT * FROM (
    SELECT article_id AS stored_as, record_hash, {metadata} FROM lake_observations
    UNION ALL BY NAME
    SELECT stored_as, record_hash, {metadata} FROM compact.revision_rows WHERE rowid IN (
        SELECT place FROM standing WHERE stored_as IN (SELECT stored_as FROM stored))
)
WHERE stored_as IN (SELECT stored_as FROM stored)
QUALIFY row_number() OVER (PARTITION BY stored_as, record_hash) = 1;

CREATE OR REPLACE TEMP TABLE lacking AS
SELECT f.article_id
FROM fresh f
LEFT JOIN texts t USING (stored_as, content_hash, cleaner_version)
LEFT JOIN records r ON r.stored_as = f.stored_as AND r.record_hash = f.record_hash
WHERE f.article_id IN (SELECT article_id FROM changed)
  AND (t.run_id IS NULL OR r.stored_as IS NULL);

-- texts whose cuts lie in a run that is published, and not yet with this article
CREATE OR REPLACE TEMP TABLE lacking_cuts AS
SELECT f.article_id
FROM fresh f JOIN texts t USING (stored_as, content_hash, cleaner_version)
WHERE f.article_id IN (SELECT article_id FROM changed)
  AND t.run_id NOT IN (SELECT run_id FROM new_runs)
  AND NOT EXISTS (
    FROM standing r
    WHERE r.article_id = f.article_id AND r.content_hash = f.content_hash
      AND r.cleaner_version = f.cleaner_version AND r.run_id = t.run_id);
