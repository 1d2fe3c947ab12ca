-- The articles that are repeated most, with some of their copies.
WITH led AS (
    SELECT d.duplicate_of AS article_id, count(*) AS copies,
        list_sort(list_distinct(list(c.source))) AS sources, min(d.article_id, 4) AS shown
    FROM duplicates d JOIN chosen c USING (article_id) WHERE d.relation <> 'contains'
    GROUP BY d.duplicate_of ORDER BY copies DESC, d.duplicate_of LIMIT 10
), named AS (
    SELECT article_id, left(title, 300) AS title, left(url, 500) AS url, source, published_at
    FROM revisions
    WHERE is_current AND article_id IN (SELECT article_id FROM led UNION ALL SELECT unnest(shown) FROM led)
)
SELECT n.*, l.copies, l.sources,
    (SELECT list(struct_pack(m.title, m.url, m.source, d.relation) ORDER BY m.published_at, m.url)
     FROM named m JOIN duplicates d USING (article_id)
     WHERE list_contains(l.shown, m.article_id)) AS examples
FROM led l JOIN named n USING (article_id)
ORDER BY l.copies DESC, n.article_id;
