-- The articles of each source: those that repeat no other, and copies by their relation. One that
-- holds another repeats none.
SELECT label, coalesce(d.relation, '') AS relation, count(*) AS articles
FROM chosen c JOIN labels USING (source)
LEFT JOIN (FROM duplicates WHERE relation <> 'contains') d USING (article_id)
GROUP BY ALL ORDER BY ALL;
