-- Names for each article the one that it repeats, if any.
-- In: ranked, leaders, chosen (place, earlier, relation, for_copies and scores: a content's leader
--     and the leader of the content that it repeats).
-- Out: duplicates.

CREATE TEMP TABLE duplicates AS
WITH own AS (
    SELECT r.article_id, r.place, l.place AS leader
    FROM ranked r JOIN leaders l USING (content_hash)
), named AS (
    -- what the leader of a content repeats; exact copies of a copy or a part repeat the same
    SELECT own.article_id, c.* EXCLUDE (place, for_copies)
    FROM own JOIN chosen c ON c.place = own.leader
    WHERE c.for_copies OR own.place = own.leader
    UNION ALL BY NAME
    SELECT own.article_id, own.leader AS earlier, 'exact' AS relation
    FROM own LEFT JOIN chosen c ON c.place = own.leader AND c.for_copies
    WHERE own.place <> own.leader AND c.place IS NULL
)
SELECT
    n.article_id, l.article_id AS duplicate_of, n.relation,
    n.shared, n.jaccard, n.containment, n.numbers, n.names
FROM named n
JOIN leaders l ON l.place = n.earlier
ORDER BY n.article_id;
