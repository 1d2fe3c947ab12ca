-- The articles that are nearest to the one that they repeat, each with that one's title, text and
-- authors. In: assigned, $least (Jaccard similarity).
WITH closest AS (
    SELECT article_id, duplicate_of FROM assigned WHERE relation = 'near' AND jaccard >= $least
), texts AS (
    SELECT article_id, title, text, authors FROM compact.revision_rows
    WHERE is_current AND rowid IN (
        SELECT rowid FROM compact.revision_rows
        WHERE article_id IN (
            SELECT article_id FROM closest UNION ALL SELECT duplicate_of FROM closest))
)
SELECT c.article_id, a.title, a.text, a.authors, b.title, b.text, b.authors
FROM closest c
JOIN texts a ON a.article_id = c.article_id
JOIN texts b ON b.article_id = c.duplicate_of
