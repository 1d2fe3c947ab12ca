-- Finds what revisions changed, where that was known, and where it has to be worked out.
-- In: standing, changed, changes_before; {asked}: the places that are looked at. Out: unknown_changes (after, before: places of rows).

UPDATE compact.revision_rows SET change = k.change, share_changed = k.share_changed
FROM (
    SELECT n.place, b.change, b.share_changed
    FROM (
        SELECT place, article_id, content_hash, reverted, change,
            lag(content_hash) OVER (PARTITION BY article_id ORDER BY revision) AS before
        FROM standing WHERE article_id IN (SELECT article_id FROM changed)) n
    LEFT JOIN changes_before b USING (article_id, before, content_hash, reverted)
    WHERE n.change IS DISTINCT FROM b.change) k
WHERE revision_rows.rowid = k.place;

CREATE OR REPLACE TEMP TABLE unknown_changes AS
SELECT place AS after, place_before AS before FROM (
    SELECT rowid AS place, revision, change,
        lag(rowid) OVER (PARTITION BY article_id ORDER BY revision) AS place_before
    FROM compact.revision_rows WHERE rowid IN ({asked}))
WHERE revision > 1 AND change IS NULL;
