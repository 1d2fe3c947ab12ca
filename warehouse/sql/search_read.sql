-- A batch of lacking texts with their words, a null between title, standfirst and text.
WITH batch AS (
    SELECT * FROM search_lacking WHERE number >= $start AND number < $end
), texts AS (
    SELECT r.rowid AS "row", r.title, coalesce(r.standfirst, '') AS standfirst, r.text
    FROM revisions r
    WHERE r.rowid BETWEEN (SELECT min("row") FROM batch) AND (SELECT max("row") FROM batch)
)
SELECT CAST(b.number + $first AS INTEGER) AS doc, b.article_id, b.record_hash,
    len(search_words(t.title)) AS title_words,
    list_concat(search_words(t.title), [NULL], search_words(t.standfirst), [NULL],
        search_words(t.text)) AS words
FROM batch b JOIN texts t USING ("row")
ORDER BY b.number;
