-- Readings that give different texts under one name, where not all of them stand at its address.
-- In: run_observations (staged rows), lake_observations (committed rows); named (article_id):
--     articles of the run that are named by an address which a page gave as its own.
-- Out: of each item of such an article its newest readings in the run and in the lake, with the beginning of its text.
WITH readings AS (
    SELECT article_id, item_id, content_hash, true AS of_run
    FROM run_observations SEMI JOIN named USING (article_id)
    UNION ALL
    SELECT article_id, item_id, content_hash, false
    FROM lake_observations SEMI JOIN named USING (article_id)
), shared AS (
    SELECT article_id FROM readings
    GROUP BY article_id
    HAVING count(DISTINCT item_id) > 1 AND count(DISTINCT content_hash) > 1 AND bool_or(of_run)
), both_of_them AS (
    SELECT article_id, item_id, source, locator, url, title, left(text, 4000) AS text,
        observed_at, true AS of_run
    FROM run_observations SEMI JOIN shared USING (article_id)
    UNION ALL
    SELECT article_id, item_id, source, locator, url, title, left(text, 4000),
        observed_at, false
    FROM lake_observations SEMI JOIN shared USING (article_id)
    WHERE text IS NOT NULL
)
FROM both_of_them
QUALIFY row_number() OVER (PARTITION BY article_id, item_id, of_run
    ORDER BY observed_at DESC, title, text) = 1
ORDER BY article_id, of_run, observed_at, item_id;
