-- The articles of each source: those that repeat no other, and copies by their relation.
SELECT label, coalesce(d.relation, '') AS relation, count(*) AS articles
FROM chosen c JOIN labels USING (source) LEFT JOIN duplicates d USING (article_id)
GROUP BY ALL ORDER BY ALL;
