-- How the touched articles and items stand in the version, before the new runs are written.
-- In: standing, looks, looked_at, new_runs.
-- Out: log_before: revisions; log_gone: items that are gone from their source, or back there.

CREATE OR REPLACE TEMP TABLE log_before AS
SELECT article_id, revision, is_current, content_hash, cleaner_version,
    row_number() OVER (PARTITION BY article_id, content_hash ORDER BY revision) AS occurrence
FROM standing;

CREATE OR REPLACE TEMP TABLE log_gone AS
SELECT item_id, gone_now FROM (
    SELECT item_id,
        arg_max(fate, struct_pack(observed_at, run_id)) = 'gone' AS gone_now,
        coalesce(arg_max(fate, struct_pack(observed_at, run_id)) FILTER (
            run_id NOT IN (SELECT run_id FROM new_runs)) = 'gone', false) AS gone_before
    FROM looks
    WHERE item_id IN (SELECT item_id FROM looked_at) AND fate NOT IN ('failed', 'skipped')
    GROUP BY item_id)
WHERE gone_now <> gone_before;
