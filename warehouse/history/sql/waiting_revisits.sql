-- $reason, $slice: records of web archives that wait for what they repeat, as they were last seen;
-- as if the runs of the slice, which is read again, were not there.
CREATE OR REPLACE TEMP TABLE waiting AS
WITH runs AS (
    FROM counted
    WHERE run_id NOT IN (SELECT run_id FROM committed WHERE slice_key = $slice)
), unresolved AS (
    SELECT item_id, source, locator, url, observed_at, fingerprint, how
    FROM lake_ledger
    WHERE reason = $reason AND how IS NOT NULL AND run_id IN (FROM runs)
    QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY observed_at DESC, run_id DESC) = 1
), read_by_now AS (  -- by whichever run: what it reads bears the record's own date
    SELECT l.item_id
    FROM lake_ledger l JOIN unresolved u USING (item_id)
    WHERE l.reason IS DISTINCT FROM $reason AND l.observed_at >= u.observed_at
      AND l.run_id IN (FROM runs)
)
SELECT row_number() OVER (ORDER BY source, locator) AS number, source, locator, url, observed_at,
    fingerprint, how, how['refers_to_record'] AS record, how['refers_to'] AS place,
    how['digest'] AS digest
FROM unresolved
WHERE item_id NOT IN (FROM read_by_now);
