-- Each of the larger outlets, with what became of its articles.
SELECT c.outlet, count(*) AS articles, CAST(sum(c.word_count) AS BIGINT) AS words,
    count(c.duplicate_of) AS copies,
    count(*) FILTER (c.article_id IN (
        SELECT duplicate_of FROM duplicates WHERE relation <> 'contains')) AS copied,
    count(*) FILTER (c.article_id IN (SELECT article_id FROM edits)) AS edited,
    count(*) FILTER (c.article_id IN (SELECT article_id FROM silent_edits)) AS silently_edited,
    count(c.gone_at) AS gone
FROM chosen c
GROUP BY c.outlet ORDER BY articles DESC, c.outlet LIMIT 50;
