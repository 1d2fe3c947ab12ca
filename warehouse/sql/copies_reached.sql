-- Finds the groups of articles in which anything moved.
-- In: stood, marked, changed; paired: contents whose pairs are others now.
-- Out: stands: the touched articles as they are now; affected (article_id);
--      grouped: those of them that may repeat one another.

CREATE OR REPLACE TEMP TABLE stands AS
SELECT r.article_id, r.content_hash, r.published_at, s.first_seen_at
FROM revisions r JOIN sightings s USING (article_id)
WHERE r.is_current
  AND r.article_id IN (SELECT article_id FROM marked UNION ALL SELECT article_id FROM changed);

CREATE OR REPLACE TEMP TABLE moved AS
SELECT content_hash FROM ((FROM stood EXCEPT FROM stands) UNION ALL (FROM stands EXCEPT FROM stood))
UNION
SELECT content_hash FROM paired
UNION
SELECT content_hash FROM revisions WHERE {anew} AND is_current;

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
FROM revisions r JOIN sightings s USING (article_id)
WHERE r.is_current AND r.content_hash IN (FROM reached);

CREATE OR REPLACE TEMP TABLE affected AS
SELECT article_id FROM members
UNION
SELECT article_id FROM (FROM stood EXCEPT FROM stands);  -- gone

CREATE OR REPLACE TEMP TABLE grouped AS
FROM members
WHERE content_hash IN (SELECT content_hash_a FROM duplicate_edges)
   OR content_hash IN (SELECT content_hash FROM members GROUP BY content_hash HAVING count(*) > 1);
