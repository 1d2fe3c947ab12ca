-- The different articles of the items that gave one, and those of them that repeat no other.
WITH given AS (
    SELECT DISTINCT r.article_id
    FROM items i JOIN revisions r ON r.stored_as = i.article_id
    WHERE i.fate IS NULL OR i.fate NOT IN ('rejected', 'failed', 'gone', 'skipped')
)
SELECT count(*) AS articles, count(*) FILTER (s.duplicate_of IS NULL) AS originals
FROM given JOIN sightings s USING (article_id);
