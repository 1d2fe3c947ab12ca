-- $source: each item of a source as it was last seen, with what its last reading gave.
WITH rows AS (
    SELECT *, struct_pack(observed_at, run_id) AS moment,
        record_hash IS NOT NULL OR fate = 'rejected' AS is_reading
    FROM lake_ledger
    WHERE source = $source AND run_id IN (SELECT run_id FROM counted)
)
SELECT
    locator,
    any_value(item_id) AS item_id,
    max(observed_at) AS observed_at,
    arg_max(fate, moment) AS fate,
    arg_max_null(reason, moment) AS reason,
    arg_max_null(fingerprint, moment) AS fingerprint,
    arg_max_null(CASE WHEN record_hash IS NOT NULL THEN article_id END, moment)
        FILTER (is_reading) AS article_id,
    arg_max_null(CASE WHEN record_hash IS NOT NULL THEN content_hash END, moment)
        FILTER (is_reading) AS content_hash,
    arg_max_null(raw_sha256, moment) FILTER (is_reading) AS raw_sha256,
    arg_max_null(cleaner_version, moment) FILTER (is_reading) AS cleaner_version,
    arg_max(how, moment) FILTER (fate <> 'failed') AS how
FROM rows
GROUP BY locator
ORDER BY locator;
