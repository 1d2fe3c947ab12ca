-- What a run brought, by source: the numbers that its quality gates look at.
-- In: sealed_ledger, run_observations; $short, the words below which a body counts as empty.
WITH looks AS (
    SELECT l.source, l.fate, l.record_hash IS NOT NULL AS is_article, o.word_count,
        coalesce(o.language, '') AS language
    FROM sealed_ledger l
    LEFT JOIN run_observations o ON o.batch = l.batch AND o.item_id = l.item_id
), languages AS (
    SELECT source, map_from_entries(list((language, articles) ORDER BY language)) AS languages
    FROM (SELECT source, language, count(*) AS articles FROM looks WHERE is_article GROUP BY ALL)
    GROUP BY source
)
SELECT source, count(*) AS items,
    count(*) FILTER (fate NOT IN ('failed', 'gone', 'skipped')) AS answered,
    count(*) FILTER (fate = 'not_modified') AS not_modified,
    count(*) FILTER (is_article) AS articles,
    count(*) FILTER (fate = 'rejected') AS rejected,
    count(*) FILTER (fate = 'new') AS "new",
    count(*) FILTER (fate = 'duplicate') AS duplicate,
    count(*) FILTER (is_article AND word_count < $short) AS short,
    CAST(median(word_count) FILTER (is_article) AS DOUBLE) AS words,
    any_value(languages) AS languages
FROM looks LEFT JOIN languages USING (source)
GROUP BY source ORDER BY source;
