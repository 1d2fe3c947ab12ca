-- Records what this version changes.
-- In: log_before, log_gone, log_runs (runs that the last version has), edition (version, since),
-- {places}: the rows of revisions that may differ.

CREATE OR REPLACE TEMP TABLE log_after AS
SELECT article_id, revision, is_current, content_hash, cleaner_version, "change", source, run_id,
    row_number() OVER (PARTITION BY article_id, content_hash ORDER BY revision) AS occurrence
FROM compact.revision_rows WHERE rowid IN ({places});

INSERT INTO changes BY NAME
SELECT e.version, e.since AS published_at, c.* FROM edition e CROSS JOIN (
    SELECT 'new' AS kind, article_id, revision, NULL AS "change", source, run_id, NULL AS detail
    FROM log_after WHERE is_current AND article_id NOT IN (SELECT article_id FROM log_before)
    UNION ALL BY NAME
    SELECT CASE WHEN s.cleaner_version <> a.cleaner_version THEN 'recleaned' ELSE 'revised' END
            AS kind,
        a.article_id, a.revision, a."change", a.source, a.run_id
    FROM log_after a
    LEFT JOIN log_before b USING (article_id, content_hash, occurrence)
    LEFT JOIN log_before s ON s.article_id = a.article_id AND s.revision = a.revision
    WHERE a.article_id IN (SELECT article_id FROM log_before)
      -- an earlier text that is current again, since a run was replaced, is a change, too
      AND (b.article_id IS NULL OR (a.is_current AND NOT b.is_current))
    UNION ALL BY NAME
    SELECT DISTINCT 'gone' AS kind, article_id, 'removed' AS detail
    FROM log_before WHERE article_id NOT IN (SELECT article_id FROM log_after)
    UNION ALL BY NAME
    SELECT CASE WHEN g.gone_now THEN 'gone' ELSE 'returned' END AS kind,
        r.article_id, r.source, CASE WHEN g.gone_now THEN 'source' END AS detail
    FROM log_gone g JOIN (
        SELECT article_id, source, item_id FROM compact.revision_rows
        WHERE is_current AND item_id IN (SELECT item_id FROM log_gone)) r USING (item_id)
    UNION ALL BY NAME
    SELECT CASE WHEN state = 'committed' THEN 'run_released' ELSE 'run_dropped' END AS kind,
        source, run_id, reason AS detail
    FROM runs
    WHERE (released OR state = 'abandoned') AND run_id NOT IN (SELECT run_id FROM log_runs)
) c
ORDER BY ALL;
