-- Where no near copies are looked for: of the articles with one content, the one published first
-- is repeated.
FROM (
    SELECT article_id,
        first_value(article_id) OVER (
            PARTITION BY content_hash
            ORDER BY published_at NULLS LAST, first_seen_at, article_id) AS duplicate_of,
        'exact' AS relation, CAST(NULL AS BIGINT) AS shared,
        CAST(NULL AS DOUBLE) AS jaccard, CAST(NULL AS DOUBLE) AS containment,
        CAST(NULL AS DOUBLE) AS numbers, CAST(NULL AS DOUBLE) AS names
    FROM grouped)
WHERE article_id <> duplicate_of
