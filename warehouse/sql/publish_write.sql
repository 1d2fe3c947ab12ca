-- Puts the changed articles into the version in place of their old rows.

CREATE OR REPLACE TEMP TABLE cuts_there AS
SELECT DISTINCT article_id, stored_as, content_hash, cleaner_version, run_id
FROM revisions
WHERE article_id IN (SELECT article_id FROM changed)
   OR stored_as IN (SELECT stored_as FROM stored);

CREATE OR REPLACE TEMP TABLE old_texts AS
SELECT stored_as, content_hash, cleaner_version, run_id, title, text, markdown, word_count
FROM revisions
WHERE stored_as IN (SELECT stored_as FROM stored)
QUALIFY row_number() OVER (
    PARTITION BY stored_as, content_hash, cleaner_version, run_id) = 1;

DELETE FROM revisions WHERE article_id IN (SELECT article_id FROM changed);

-- each text once: a run stores it once, and what the version has is not taken from the lake
CREATE OR REPLACE TEMP VIEW wide AS
SELECT article_id AS stored_as, content_hash, cleaner_version, run_id, title, text, markdown,
    word_count
FROM lake_observations
WHERE text IS NOT NULL
  AND (article_id, content_hash, cleaner_version, run_id) NOT IN (
    SELECT (stored_as, content_hash, cleaner_version, run_id) FROM old_texts)
UNION ALL BY NAME
FROM old_texts;

INSERT INTO revisions BY NAME
SELECT f.*, t.run_id, w.title, w.text, w.markdown, w.word_count,
    r.* EXCLUDE (stored_as, record_hash)
FROM wide w
JOIN texts t USING (stored_as, content_hash, cleaner_version, run_id)
JOIN fresh f USING (stored_as, content_hash, cleaner_version)
JOIN records r ON r.stored_as = f.stored_as AND r.record_hash = f.record_hash
WHERE f.article_id IN (SELECT article_id FROM changed)
ORDER BY r.published_at, f.article_id;

-- cuts go with the stored text
CREATE OR REPLACE TEMP TABLE cuts_wanted AS
SELECT DISTINCT article_id, stored_as, content_hash, cleaner_version, run_id
FROM revisions WHERE article_id IN (SELECT article_id FROM changed);

DELETE FROM cuts
WHERE article_id IN (SELECT article_id FROM changed)
  AND (article_id, content_hash, cleaner_version, run_id) NOT IN (
    SELECT (article_id, content_hash, cleaner_version, run_id) FROM cuts_wanted);

INSERT INTO cuts BY NAME
SELECT n.article_id, c.* EXCLUDE (article_id, batch)
FROM lake_cuts c
JOIN (FROM cuts_wanted EXCEPT FROM cuts_there) n
    ON c.article_id = n.stored_as AND c.content_hash = n.content_hash
    AND c.cleaner_version = n.cleaner_version AND c.run_id = n.run_id
ORDER BY n.article_id, c.content_hash, c."position";

DELETE FROM sightings
WHERE article_id IN (SELECT article_id FROM marked UNION ALL SELECT article_id FROM changed);
INSERT INTO sightings BY NAME
SELECT article_id, min(observed_at) AS first_seen_at, max(observed_at) AS last_seen_at,
    count(DISTINCT (observed_at, item_id)) AS times, NULL AS duplicate_of
FROM marked GROUP BY article_id;

-- exact copies: of the articles with one content, the one published first is repeated
DELETE FROM duplicates WHERE relation = 'exact';
INSERT INTO duplicates BY NAME
WITH current AS (
    SELECT r.article_id, r.content_hash, r.published_at, s.first_seen_at
    FROM revisions r JOIN sightings s USING (article_id)
    WHERE r.is_current
), repeated AS (
    SELECT content_hash FROM current GROUP BY content_hash HAVING count(*) > 1
), led AS (
    SELECT article_id, first_value(article_id) OVER (
        PARTITION BY content_hash
        ORDER BY published_at NULLS LAST, first_seen_at, article_id) AS duplicate_of
    FROM current WHERE content_hash IN (FROM repeated)
)
SELECT article_id, duplicate_of, 'exact' AS relation, 1.0 AS jaccard, 1.0 AS containment
FROM led WHERE article_id <> duplicate_of
ORDER BY duplicate_of, article_id;

UPDATE sightings SET duplicate_of = d.duplicate_of
FROM (
    SELECT s.article_id, d.duplicate_of
    FROM sightings s LEFT JOIN duplicates d USING (article_id)
    WHERE s.duplicate_of IS DISTINCT FROM d.duplicate_of
) d
WHERE sightings.article_id = d.article_id;

DELETE FROM sources;
INSERT INTO sources BY NAME
WITH latest AS (
    SELECT source, item_id, min(observed_at) AS first_seen_at, max(observed_at) AS last_seen_at,
        arg_max(fate, struct_pack(observed_at, run_id)) AS fate
    FROM ledger WHERE run_id IN (SELECT run_id FROM runs WHERE state = 'committed')
    GROUP BY source, item_id
), items AS (
    SELECT source, count(*) AS items, count(*) FILTER (fate = 'rejected') AS rejected,
        count(*) FILTER (fate = 'failed') AS failed,
        min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM latest GROUP BY source
)
SELECT i.*, coalesce(a.articles, 0) AS articles, coalesce(r.runs, 0) AS runs
FROM items i
LEFT JOIN (SELECT source, count(*) AS articles FROM revisions WHERE is_current GROUP BY source) a
    USING (source)
LEFT JOIN (
    SELECT source, count(DISTINCT run_id) AS runs FROM ledger
    WHERE run_id IN (SELECT run_id FROM runs WHERE counted) GROUP BY source) r
    USING (source)
ORDER BY source;
