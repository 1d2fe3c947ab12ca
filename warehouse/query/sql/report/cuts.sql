-- What cleaning cut from the texts of the scope, by kind, with the passages that are most frequent.
SELECT c.kind, count(*) AS passages, count(*) FILTER (c.rule = 'model') AS by_model,
    count(DISTINCT c.article_id) AS articles, sum(length(c.text))::BIGINT AS characters,
    approx_top_k(left(c.text, 160), 3) AS examples
FROM cuts c JOIN chosen USING (article_id, content_hash, cleaner_version, run_id)
GROUP BY c.kind ORDER BY passages DESC, c.kind;
