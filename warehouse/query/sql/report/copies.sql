-- The articles of each outlet: those that repeat no other, and copies by their relation. One that
-- holds another repeats none.
SELECT label, coalesce(d.relation, '') AS relation, count(*) AS articles
FROM chosen c JOIN outlet_labels USING (outlet)
LEFT JOIN (FROM duplicates WHERE relation <> 'contains') d USING (article_id)
GROUP BY ALL ORDER BY ALL;
