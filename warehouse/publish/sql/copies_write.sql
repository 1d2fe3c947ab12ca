-- Puts the affected articles' duplicates into the version, where they are others now.
-- In: affected, stands, assigned, edition (version, since).

CREATE OR REPLACE TEMP TABLE named AS
SELECT article_id, duplicate_of, relation, shared,
    CASE WHEN relation = 'exact' THEN 1.0 ELSE jaccard END AS jaccard,
    CASE WHEN relation = 'exact' THEN 1.0 ELSE containment END AS containment,
    numbers, names
FROM assigned;

DELETE FROM duplicates WHERE article_id IN (
    SELECT article_id FROM (
        FROM (FROM duplicates WHERE article_id IN (FROM affected)) EXCEPT FROM named));
INSERT INTO duplicates BY NAME
FROM named WHERE article_id NOT IN (SELECT article_id FROM duplicates)
ORDER BY duplicate_of, article_id;

UPDATE sightings SET duplicate_of = n.duplicate_of
FROM (
    SELECT s.article_id, d.duplicate_of
    FROM sightings s
    LEFT JOIN (FROM duplicates WHERE relation <> 'contains') d USING (article_id)
    WHERE s.article_id IN (FROM affected UNION ALL SELECT article_id FROM stands)
      AND s.duplicate_of IS DISTINCT FROM d.duplicate_of
) n
WHERE sightings.article_id = n.article_id;

INSERT INTO duplicate_history BY NAME
WITH latest AS (
    SELECT article_id, arg_max(struct_pack(duplicate_of, relation), version) AS was
    FROM duplicate_history GROUP BY article_id
)
SELECT article_id, e.version, e.since, d.duplicate_of, d.relation
FROM duplicates d FULL JOIN latest l USING (article_id)
CROSS JOIN edition e
WHERE d.duplicate_of IS DISTINCT FROM l.was.duplicate_of
   OR d.relation IS DISTINCT FROM l.was.relation
ORDER BY article_id;
