SELECT c.rule, c.kind, count(*) AS passages, count(DISTINCT chosen.source) AS sources
FROM cuts c JOIN chosen USING (article_id, content_hash, cleaner_version, run_id)
GROUP BY ALL ORDER BY passages DESC, c.rule, c.kind LIMIT 15;
