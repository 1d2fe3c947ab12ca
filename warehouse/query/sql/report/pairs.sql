-- Which source repeats which.
SELECT c.source, r.source AS repeats, count(*) AS articles
FROM duplicates d JOIN chosen c USING (article_id)
JOIN revisions r ON r.article_id = d.duplicate_of AND r.is_current
WHERE d.relation <> 'contains'
GROUP BY ALL ORDER BY articles DESC, c.source, repeats LIMIT 12;
