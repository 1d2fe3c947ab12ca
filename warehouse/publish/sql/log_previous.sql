-- The same from the version that readers see, for one that is built from the lake alone.
-- In: previous; looks. Out: log_before, log_gone; the previous version's changes.

CREATE OR REPLACE TEMP TABLE log_before AS
SELECT article_id, revision, is_current, content_hash, cleaner_version,
    row_number() OVER (PARTITION BY article_id, content_hash ORDER BY revision) AS occurrence
FROM previous.revisions;

CREATE OR REPLACE TEMP TABLE log_gone AS
WITH now AS (
    SELECT item_id, arg_max(fate, struct_pack(observed_at, run_id)) = 'gone' AS gone
    FROM looks WHERE fate NOT IN ('failed', 'skipped') GROUP BY item_id
), before AS (
    SELECT item_id, arg_max(fate, struct_pack(observed_at, run_id)) = 'gone' AS gone
    FROM previous.ledger WHERE fate NOT IN ('failed', 'skipped') GROUP BY item_id
)
SELECT item_id, now.gone AS gone_now
FROM now LEFT JOIN before USING (item_id)
WHERE now.gone <> coalesce(before.gone, false);

CREATE OR REPLACE TEMP TABLE log_runs AS FROM previous.runs;
