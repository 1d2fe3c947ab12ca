-- What the documents of a re-cleaning were before it, by source, as in profile.sql.
-- In: read_before, lake_observations; $short.
WITH looks AS (
    SELECT b.reading.source AS source, b.reading.record_hash IS NOT NULL AS is_article,
        o.word_count, coalesce(o.language, '') AS language
    FROM read_before b
    LEFT JOIN (
        SELECT article_id, record_hash, any_value(word_count) AS word_count,
            any_value(language) AS language
        FROM lake_observations
        WHERE article_id IN (SELECT reading.article_id FROM read_before)
        GROUP BY article_id, record_hash
    ) o ON o.article_id = b.reading.article_id AND o.record_hash = b.reading.record_hash
), languages AS (
    SELECT source, map_from_entries(list((language, articles) ORDER BY language)) AS languages
    FROM (SELECT source, language, count(*) AS articles FROM looks WHERE is_article GROUP BY ALL)
    GROUP BY source
)
SELECT source, count(*) AS items, count(*) AS answered, 0 AS not_modified,
    count(*) FILTER (is_article) AS articles,
    count(*) FILTER (NOT is_article) AS rejected,
    0 AS "new", 0 AS duplicate,
    count(*) FILTER (is_article AND word_count < $short) AS short,
    CAST(median(word_count) FILTER (is_article) AS DOUBLE) AS words,
    any_value(languages) AS languages
FROM looks LEFT JOIN languages USING (source)
GROUP BY source ORDER BY source;
