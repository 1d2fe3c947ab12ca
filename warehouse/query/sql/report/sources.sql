-- Each source with what tells whether it is well. Rates are of the items that its last run tried
-- to read: one that had not changed says nothing.
WITH last_runs AS (
    SELECT source, run_id,
        sum(items) FILTER (fate NOT IN ('unchanged', 'not_modified', 'skipped')) AS tried,
        sum(items) FILTER (fate = 'failed') AS failed,
        sum(items) FILTER (fate = 'rejected') AS rejected, sum(items) AS items
    FROM fates GROUP BY source, run_id
), ordered AS (
    SELECT l.*, r.finished_at,
        row_number() OVER (PARTITION BY l.source ORDER BY r.started_at DESC) AS place,
        count(*) OVER (PARTITION BY l.source) AS runs
    FROM last_runs l JOIN runs r USING (run_id)
), usual AS (
    SELECT source, sum(rejected) / nullif(sum(tried), 0) AS rejected_share
    FROM ordered WHERE place > 1 GROUP BY source
), days AS (
    SELECT source, day, date_diff('day', lag(day) OVER (PARTITION BY source ORDER BY day), day) AS gap
    FROM (
        SELECT DISTINCT source, CAST(first_seen_at AT TIME ZONE 'UTC' AS DATE) AS day FROM chosen)
), gaps AS (
    SELECT source, count(*) AS days, median(gap)::DOUBLE AS gap FROM days GROUP BY source
), abandoned AS (
    SELECT source, max(finished_at) AS abandoned_at, arg_max(reason, finished_at) AS abandoned_for
    FROM runs WHERE state = 'abandoned' GROUP BY source
), articles AS (
    SELECT source, count(*) AS articles, count(duplicate_of) AS copies,
        max(first_seen_at) AS newest_at, max(published_at) AS newest_published_at
    FROM chosen GROUP BY source
)
SELECT s.source, s.items, coalesce(a.articles, 0) AS articles, coalesce(a.copies, 0) AS copies,
    a.newest_at, a.newest_published_at, s.last_seen_at, coalesce(g.days, 0) AS days, g.gap,
    o.runs, o.finished_at AS last_run_at, o.items AS last_items, o.tried AS last_tried,
    coalesce(o.failed, 0) AS last_failed, coalesce(o.rejected, 0) AS last_rejected,
    u.rejected_share AS usual_rejected, b.abandoned_at, b.abandoned_for
FROM (
    SELECT source, count(*) AS items, max(last_seen_at) AS last_seen_at FROM items GROUP BY source) s
LEFT JOIN articles a USING (source)
LEFT JOIN gaps g USING (source)
LEFT JOIN (FROM ordered WHERE place = 1) o USING (source)
LEFT JOIN usual u USING (source)
LEFT JOIN abandoned b USING (source)
ORDER BY articles DESC, source;
