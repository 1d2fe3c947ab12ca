-- $reason, $slice: records of web archives that wait for what they repeat, as they were last seen;
-- as if the runs of the slice, which is read again, were not there.
CREATE OR REPLACE TEMP TABLE waiting AS
WITH rows AS (
    SELECT item_id, source, locator, url, observed_at, fingerprint, how, reason, run_id
    FROM lake_ledger
    WHERE run_id IN (SELECT run_id FROM counted)
      AND run_id NOT IN (SELECT run_id FROM committed WHERE slice_key IS NOT DISTINCT FROM $slice
        AND slice_key IS NOT NULL)
), unresolved AS (
    FROM rows WHERE reason = $reason AND how IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY observed_at DESC, run_id DESC) = 1
)
SELECT row_number() OVER (ORDER BY source, locator) AS number, source, locator, url, observed_at,
    fingerprint, how, how['refers_to_record'] AS record, how['refers_to'] AS place,
    how['digest'] AS digest
FROM unresolved u
WHERE NOT EXISTS (
    FROM rows r WHERE r.item_id = u.item_id AND (r.observed_at, r.run_id) > (u.observed_at, u.run_id)
);
