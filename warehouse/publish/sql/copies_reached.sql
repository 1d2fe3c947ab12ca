-- Finds the groups of articles in which anything moved.
-- In: touched, stood, seen_now; paired: contents whose pairs are others now.
-- Out: standing: the touched articles' rows as they are now, with their places, which hold until
--      the next checkpoint; stands: the articles themselves; affected (article_id);
--      grouped: those of them that may repeat one another.

CREATE OR REPLACE TEMP TABLE standing AS
SELECT rowid AS place, article_id, revision, is_current, reverted, "change", published_at,
    content_hash, record_hash
FROM compact.revision_rows WHERE rowid IN (
    SELECT rowid FROM compact.revision_rows WHERE stored_as IN (SELECT article_id FROM touched));

CREATE OR REPLACE TEMP TABLE stands AS
SELECT r.article_id, r.content_hash, r.published_at, s.first_seen_at
FROM standing r JOIN seen_now s USING (article_id)
WHERE r.is_current;

CREATE OR REPLACE TEMP TABLE moved AS
SELECT content_hash FROM ((FROM stood EXCEPT FROM stands) UNION ALL (FROM stands EXCEPT FROM stood))
UNION
SELECT content_hash FROM paired
UNION
SELECT content_hash FROM compact.revision_rows WHERE {anew} AND is_current;

-- whom an article repeats depends on its group alone: contents that pairs connect
CREATE OR REPLACE TEMP TABLE reached AS
WITH RECURSIVE found(content_hash) AS (
    SELECT content_hash FROM moved
    UNION
    SELECT e.content_hash_b FROM found f JOIN duplicate_edges e ON e.content_hash_a = f.content_hash
)
FROM found;

CREATE OR REPLACE TEMP TABLE members AS
SELECT r.article_id, r.content_hash, r.published_at, s.first_seen_at
FROM (
    SELECT article_id, content_hash, published_at FROM compact.revision_rows
    WHERE is_current AND rowid IN (
        SELECT rowid FROM compact.revision_rows WHERE content_hash IN (FROM reached))) r
JOIN sightings s USING (article_id);

CREATE OR REPLACE TEMP TABLE affected AS
SELECT article_id FROM members
UNION
SELECT article_id FROM (FROM stood EXCEPT FROM stands);  -- gone

CREATE OR REPLACE TEMP TABLE grouped AS
FROM members
WHERE content_hash IN (SELECT content_hash_a FROM duplicate_edges)
   OR content_hash IN (SELECT content_hash FROM members GROUP BY content_hash HAVING count(*) > 1);
