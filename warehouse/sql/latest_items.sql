-- $source: each item of a source as it was last seen, with what its last reading gave.
SELECT
    locator,
    any_value(item_id) AS item_id,
    max(observed_at) AS observed_at,
    arg_max(fate, (observed_at, run_id)) AS fate,
    arg_max(reason, (observed_at, run_id)) AS reason,
    arg_max(fingerprint, (observed_at, run_id)) AS fingerprint,
    arg_max(article_id, (observed_at, run_id)) FILTER (content_hash IS NOT NULL) AS article_id,
    arg_max(content_hash, (observed_at, run_id)) FILTER (content_hash IS NOT NULL) AS content_hash,
    arg_max(raw_sha256, (observed_at, run_id)) FILTER (raw_sha256 IS NOT NULL) AS raw_sha256,
    arg_max(cleaner_version, (observed_at, run_id)) FILTER (cleaner_version IS NOT NULL)
        AS cleaner_version,
    arg_max(how, (observed_at, run_id)) FILTER (how IS NOT NULL AND fate <> 'failed') AS how
FROM lake_ledger
WHERE source = $source AND run_id IN (SELECT run_id FROM counted)
GROUP BY locator
ORDER BY locator;
