-- Which outlet repeats which, and after how many hours.
SELECT c.outlet, o.outlet AS original_outlet, count(*) AS articles,
    median((epoch_us(coalesce(c.published_at, c.first_seen_at)) - epoch_us(o.moment)) / 3600e6)
        AS lag_hours
FROM duplicates d JOIN chosen c USING (article_id)
JOIN article_outlets o ON o.article_id = d.duplicate_of
WHERE d.relation <> 'contains'
GROUP BY ALL ORDER BY articles DESC, c.outlet, original_outlet LIMIT 400;
