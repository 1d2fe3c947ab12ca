-- A batch of lacking texts as the macros see them, an end of line after title, standfirst and text.
-- title_end, standfirst_end: the bytes up to there.
WITH batch AS (
    SELECT * FROM search_lacking WHERE number >= $start AND number < $end
), texts AS (
    SELECT r.rowid AS "row", search_plain(r.title) || chr(10) AS title,
        search_plain(coalesce(r.standfirst, '')) || chr(10) AS standfirst,
        search_plain(r.text) || chr(10) AS text
    FROM compact.revision_rows r
    WHERE r.rowid BETWEEN (SELECT min("row") FROM batch) AND (SELECT max("row") FROM batch)
)
SELECT CAST(b.number + $first AS INTEGER) AS doc, b.article_id, b.record_hash,
    strlen(t.title) AS title_end, strlen(t.title) + strlen(t.standfirst) AS standfirst_end,
    t.title || t.standfirst || t.text AS text
FROM batch b JOIN texts t USING ("row")
ORDER BY b.number;
