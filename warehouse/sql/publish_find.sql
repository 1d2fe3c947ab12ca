-- Finds the text and the record of each changed revision: in the version, or in the rows that
-- `lake_observations` shows (those of the new runs; of all runs in a second pass).

CREATE OR REPLACE TEMP TABLE texts AS
SELECT article_id, content_hash, cleaner_version, min(run_id) AS run_id
FROM (
    SELECT article_id, content_hash, cleaner_version, run_id FROM lake_observations
    WHERE text IS NOT NULL
    UNION ALL
    SELECT article_id, content_hash, cleaner_version, run_id FROM revisions
)
WHERE article_id IN (SELECT article_id FROM changed)
GROUP BY article_id, content_hash, cleaner_version;

CREATE OR REPLACE TEMP TABLE records AS
SELECT * FROM (
    SELECT article_id, record_hash, {metadata} FROM lake_observations
    UNION ALL BY NAME
    SELECT article_id, record_hash, {metadata} FROM revisions
)
WHERE article_id IN (SELECT article_id FROM changed)
QUALIFY row_number() OVER (PARTITION BY article_id, record_hash) = 1;

CREATE OR REPLACE TEMP TABLE lacking AS
SELECT f.article_id
FROM fresh f
LEFT JOIN texts t USING (article_id, content_hash, cleaner_version)
LEFT JOIN records r ON r.article_id = f.article_id AND r.record_hash = f.record_hash
WHERE f.article_id IN (SELECT article_id FROM changed)
  AND (t.run_id IS NULL OR r.article_id IS NULL);
