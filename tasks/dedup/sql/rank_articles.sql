-- Puts articles and the edges of their contents into the order of first publication.
-- In: articles (article_id, content_hash, published_at, first_seen_at), edges.
-- Out: ranked (article_id, content_hash, place), leaders (content_hash, article_id, place),
--      ranked_edges: edges of contents that articles have now, later to earlier, nearest first.

CREATE TEMP TABLE ranked AS
SELECT
    article_id, content_hash,
    row_number() OVER (
        ORDER BY published_at NULLS LAST, first_seen_at NULLS LAST, article_id) AS place
FROM articles;

CREATE TEMP TABLE leaders AS
SELECT content_hash, arg_min(article_id, place) AS article_id, min(place) AS place
FROM ranked
GROUP BY content_hash;

CREATE TEMP TABLE ranked_edges AS
SELECT
    a.place AS place, b.place AS earlier,
    e.relation, e.shared, e.jaccard, e.containment, e.numbers, e.names
FROM edges e
JOIN leaders a ON a.content_hash = e.content_hash_a
JOIN leaders b ON b.content_hash = e.content_hash_b
WHERE b.place < a.place
ORDER BY
    a.place,
    CASE WHEN e.relation = 'near' THEN e.jaccard ELSE e.containment END DESC,
    e.jaccard DESC, b.place;
