-- The texts that the index lacks, in order, with their length in words.
SELECT l.*, CAST(r.word_count AS BIGINT) AS words
FROM search_lacking l
JOIN (
    SELECT rowid AS "row", word_count FROM compact.revision_rows
    WHERE rowid BETWEEN (SELECT min("row") FROM search_lacking)
        AND (SELECT max("row") FROM search_lacking)
) r USING ("row")
ORDER BY l.number;
