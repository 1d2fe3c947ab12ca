-- $source: each item of a source as it was last seen, with what its last reading gave.
-- Readings of a run that its slice's newer run replaces are known still: the newer one that found
-- an item unchanged refers to them.
WITH rows AS (
    SELECT *, struct_pack(observed_at, run_id) AS moment,
        record_hash IS NOT NULL OR fate = 'rejected' AS is_reading,
        run_id IN (SELECT run_id FROM counted) AS counts,
        run_id IN (SELECT run_id FROM committed WHERE slice_key IS NOT NULL) AS of_slice
    FROM lake_ledger
    WHERE source = $source AND run_id IN (SELECT run_id FROM committed)
)
SELECT
    locator,
    any_value(item_id) AS item_id,
    max(observed_at) FILTER (counts) AS observed_at,
    arg_max(fate, moment) FILTER (counts) AS fate,
    arg_max_null(reason, moment) FILTER (counts) AS reason,
    arg_max_null(fingerprint, moment) FILTER (counts) AS fingerprint,
    arg_max_null(CASE WHEN record_hash IS NOT NULL THEN article_id END, moment)
        FILTER (is_reading) AS article_id,
    arg_max_null(CASE WHEN record_hash IS NOT NULL THEN content_hash END, moment)
        FILTER (is_reading) AS content_hash,
    arg_max_null(raw_sha256, moment) FILTER (is_reading) AS raw_sha256,
    arg_max_null(cleaner_version, moment) FILTER (is_reading) AS cleaner_version,
    arg_max(how, moment) FILTER (counts AND fate <> 'failed') AS how,
    arg_max_null(CASE WHEN fate = 'failed' THEN how['listing'] END, moment)
        FILTER (counts) AS failed_in,
    arg_max(of_slice, moment) FILTER (counts) AS of_slice
FROM rows
GROUP BY locator
HAVING bool_or(counts)
ORDER BY locator;
