-- The articles that are repeated most, with some of their copies.
WITH led AS (
    SELECT d.duplicate_of AS article_id, count(*) AS copies,
        list_sort(list_distinct(list(c.outlet))) AS outlets, min(d.article_id, 4) AS shown
    FROM duplicates d JOIN chosen c USING (article_id) WHERE d.relation <> 'contains'
    GROUP BY d.duplicate_of ORDER BY copies DESC, d.duplicate_of LIMIT 10
), named AS (
    SELECT article_id, left(title, 300) AS title, left(url, 500) AS url, o.outlet, published_at
    FROM revisions JOIN article_outlets o USING (article_id)
    WHERE is_current AND article_id IN (SELECT article_id FROM led UNION ALL SELECT unnest(shown) FROM led)
)
SELECT n.*, l.copies, l.outlets,
    (SELECT list(struct_pack(m.title, m.url, m.outlet, d.relation) ORDER BY m.published_at, m.url)
     FROM named m JOIN duplicates d USING (article_id)
     WHERE list_contains(l.shown, m.article_id)) AS examples
FROM led l JOIN named n USING (article_id)
ORDER BY l.copies DESC, n.article_id;
