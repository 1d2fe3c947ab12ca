-- Settles each ledger row of a run against the lake.
-- In: run_ledger, run_observations, run_cuts, run_rejects, run_raw_index, run_signatures,
--     run_shingles (staged rows); lake_ledger, lake_observations, lake_raw_index,
--     lake_signatures (committed rows), counted (run ids).
-- Out: sealed_ledger, sealed_observations, sealed_cuts, sealed_rejects, sealed_raw_index,
--      sealed_signatures, sealed_shingles.

CREATE TEMP TABLE readings AS
SELECT item_id, article_id, content_hash, raw_sha256, observed_at
FROM run_ledger WHERE fate = 'read';

-- every sighting of the run's articles, the run's own among them
CREATE TEMP TABLE ordered AS
WITH known AS (
    SELECT article_id, content_hash, raw_sha256, observed_at, NULL AS item_id
    FROM lake_ledger
    WHERE content_hash IS NOT NULL
      AND article_id IN (SELECT article_id FROM readings)
      AND run_id IN (SELECT run_id FROM counted)
    -- of bytes that were cleaned again, what the newest cleaner found
    QUALIFY rank() OVER (PARTITION BY lake_ledger.item_id, observed_at
        ORDER BY version_order(cleaner_version) DESC) = 1
), both_of_them AS (
    FROM known UNION ALL BY NAME FROM readings
)
SELECT
    item_id, article_id, content_hash, observed_at,
    lag(content_hash) OVER sightings AS before,
    coalesce(lag(raw_sha256) OVER sightings = raw_sha256, false) AS same_bytes,
    lead(content_hash) OVER sightings AS after,
    count(*) FILTER (item_id IS NULL) OVER (PARTITION BY article_id) AS times_known
FROM both_of_them
WINDOW sightings AS (PARTITION BY article_id
    ORDER BY observed_at, content_hash, item_id NULLS FIRST);

-- the same text under another identity, in the lake or earlier in the run
CREATE TEMP TABLE copies AS
SELECT DISTINCT r.item_id
FROM readings r JOIN lake_ledger l USING (content_hash)
WHERE l.article_id <> r.article_id AND l.run_id IN (SELECT run_id FROM counted)
UNION
SELECT item_id
FROM readings
QUALIFY article_id <> first_value(article_id) OVER (
    PARTITION BY content_hash ORDER BY observed_at, article_id, item_id);

CREATE TEMP TABLE fates AS
SELECT item_id, CASE
    WHEN before = content_hash OR same_bytes THEN 'unchanged'  -- a cleaner alone revises nothing
    WHEN before IS NOT NULL THEN 'revised'
    WHEN times_known > 0 AND after = content_hash THEN 'unchanged'  -- seen earlier than we knew
    WHEN times_known > 0 THEN 'revised'
    WHEN item_id IN (FROM copies) THEN 'duplicate'
    ELSE 'new'
END AS fate
FROM ordered WHERE item_id IS NOT NULL;

CREATE TEMP VIEW sealed_ledger AS
SELECT l.* REPLACE (coalesce(f.fate, l.fate) AS fate)
FROM run_ledger l LEFT JOIN fates f USING (item_id);

-- a row for each record that the lake lacks, its text only where the lake lacks the text
CREATE TEMP TABLE texts_known AS
SELECT DISTINCT article_id, content_hash, cleaner_version
FROM lake_observations
WHERE text IS NOT NULL AND article_id IN (SELECT article_id FROM readings);

CREATE TEMP TABLE kept AS
SELECT batch, item_id, row_number() OVER (
        PARTITION BY article_id, content_hash, cleaner_version
        ORDER BY observed_at, item_id) = 1
    AND (article_id, content_hash, cleaner_version) NOT IN (FROM texts_known) AS with_text
FROM run_observations o
WHERE NOT EXISTS (
    FROM lake_observations l
    WHERE l.article_id = o.article_id AND l.record_hash = o.record_hash)
QUALIFY row_number() OVER (
    PARTITION BY article_id, record_hash ORDER BY observed_at, item_id) = 1;

CREATE TEMP VIEW sealed_observations AS
SELECT o.* REPLACE (
    CASE WHEN with_text THEN text END AS text,
    CASE WHEN with_text THEN markdown END AS markdown)
FROM run_observations o JOIN kept USING (batch, item_id);

CREATE TEMP VIEW sealed_cuts AS
SELECT c.* FROM run_cuts c JOIN kept USING (batch, item_id) WHERE with_text;

CREATE TEMP VIEW sealed_rejects AS FROM run_rejects;

CREATE TEMP VIEW sealed_raw_index AS
SELECT r.* FROM run_raw_index r
WHERE sha256 NOT IN (SELECT sha256 FROM lake_raw_index)
QUALIFY row_number() OVER (PARTITION BY sha256 ORDER BY batch, "offset") = 1;

-- a text is signed once, whoever published it
CREATE TEMP TABLE signed AS
SELECT content_hash, content, signing, min(batch) AS batch
FROM run_signatures
WHERE (content_hash, signing) NOT IN (SELECT (content_hash, signing) FROM lake_signatures)
GROUP BY ALL;

CREATE TEMP VIEW sealed_signatures AS
SELECT s.* FROM run_signatures s SEMI JOIN signed USING (content_hash, signing, batch)
ORDER BY content;

CREATE TEMP VIEW sealed_shingles AS
SELECT DISTINCT ON (content, hash, signing) s.*
FROM run_shingles s SEMI JOIN signed USING (content, signing)
ORDER BY content, hash;
